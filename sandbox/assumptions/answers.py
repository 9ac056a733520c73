"""Answers to the register: those that hold, and the files that `tune probe` writes."""

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sandbox.assumptions.register import Assumption, register

VERSION: Final = 1


class AnswersError(ValueError):
    """An answer, or a file of answers, that cannot be taken; the message says why."""


class AssumptionAnswers(Mapping[str, str]):
    """The answer to every entry: the one that is given, else the one that holds.

    Args:
        given: Answers by the id of their entry.

    Raises:
        AnswersError: An id that is not in the register, or no answer to its entry.
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self.given = dict(given or {})
        for name, answer in self.given.items():
            _check(name, answer)

    def __getitem__(self, name: str) -> str:
        return self.given.get(name, register()[name].holds)

    def __iter__(self) -> Iterator[str]:
        return iter(register())

    def __len__(self) -> int:
        return len(register())

    def differing(self) -> dict[str, str]:
        """Return the answers that are not those that hold."""
        return {name: answer for name, answer in self.given.items() if answer != register()[name].holds}


def read_answers(path: Path) -> AssumptionAnswers:
    """Return the answers of a file that `tune probe` wrote; raise AnswersError, naming the file."""
    try:
        return AssumptionAnswers(given_in(path))
    except AnswersError as error:
        raise AnswersError(f"{path}: {error}") from None


def given_in(path: Path) -> dict[str, str]:
    """Return what a file of answers has, whether or not it can be played; raise AnswersError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswersError(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise AnswersError("is no JSON document: give a file that tune probe --answers has written") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise AnswersError(f"is no file of answers of version {VERSION}: write it anew with tune probe --answers")
    answers = document.get("answers")
    if not isinstance(answers, dict) or not all(isinstance(each, str) for each in answers.values()):
        raise AnswersError("answers: expected a text for each entry")
    return answers


def _check(name: str, answer: str) -> Assumption:
    entry = register().get(name)
    if entry is None:
        near = difflib.get_close_matches(name, register(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise AnswersError(f"no assumption is called {name!r}: docs/explanation/sandbox.md lists them{hint}")
    if not entry.takes(answer):
        raise AnswersError(f"{name}: {answer!r} is no answer that can be played; allowed: {entry.allowed}")
    return entry
