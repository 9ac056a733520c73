"""What a preflight found: a verdict for each check, and one message that names every problem."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from bedrock_lifecycle.preflight.facts import NotChecked

Facts = TypeVar("Facts")

# CloudFormation's 4,096 bytes hold the ids of stack, request and resource too.
_LARGEST_MESSAGE_BYTES: Final = 2800


@dataclass(frozen=True)
class Passed:
    """Nothing stands in the way. `detail` is what was found."""

    detail: str


@dataclass(frozen=True)
class Problem:
    """It would fail. `text` is one line: what is wrong, the value received, what is allowed, what to do."""

    text: str


@dataclass(frozen=True)
class NotNeeded:
    """The question does not come up."""

    why: str


Verdict = Passed | Problem | NotChecked | NotNeeded


@dataclass(frozen=True)
class Check(Generic[Facts]):
    """One check. `fails` says for people when it fails; `actions` are the IAM actions with which its facts are read."""

    id: str
    title: str
    fails: str
    actions: tuple[str, ...]
    judge: Callable[[Facts], Verdict]


@dataclass(frozen=True)
class CheckResult:
    """What one check found."""

    id: str
    title: str
    verdict: Verdict


@dataclass(frozen=True)
class PreflightReport:
    """What all checks found, in their order."""

    findings: tuple[CheckResult, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(each.verdict.text for each in self.findings if isinstance(each.verdict, Problem))

    @property
    def not_checked(self) -> tuple[str, ...]:
        """What could not be looked at, each with the reason."""
        return tuple(
            f"{each.title} ({each.verdict.why})" for each in self.findings if isinstance(each.verdict, NotChecked)
        )

    def refusal(self) -> str:
        """Return every problem as one line, shortened so far that each is named; nothing when there is none."""
        if len(self.problems) <= 1:
            return _fitted(list(self.problems), _LARGEST_MESSAGE_BYTES)
        numbered = [f"({number}) {text}" for number, text in enumerate(self.problems, 1)]
        return f"{len(numbered)} problems: {_fitted(numbered, _LARGEST_MESSAGE_BYTES)}"

    def remark(self) -> str:
        """Return what was not checked, for whoever reads on after it went well; nothing when all was."""
        return f"not checked: {'; '.join(self.not_checked)}" if self.not_checked else ""


def run(checks: Sequence[Check[Facts]], facts: Facts) -> PreflightReport:
    """Judge facts by every check: all problems are told together."""
    return PreflightReport(tuple(CheckResult(check.id, check.title, check.judge(facts)) for check in checks))


def _fitted(texts: list[str], room: int) -> str:
    """Join texts with a semicolon, the longest ones cut so that all are there."""
    separators = 2 * max(len(texts) - 1, 0)
    share = room - separators
    left = len(texts)
    fitted = dict.fromkeys(range(len(texts)), "")
    # The short ones first: what they do not need is left to the others.
    for index in sorted(fitted, key=lambda index: _size(texts[index])):
        fitted[index] = _cut(texts[index], share // left)
        share -= _size(fitted[index])
        left -= 1
    return "; ".join(fitted.values())


def _cut(text: str, room: int) -> str:
    kept = text
    while _size(kept) > room:
        kept = kept[: max(len(kept) - 9, 0)].rstrip("…") + "…" if len(kept) > 1 else ""
    return kept


def _size(text: str) -> int:
    """Return how many bytes a text takes in an answer."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2
