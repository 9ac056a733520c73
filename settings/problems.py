"""A table of a settings file, and what is wrong with one: a file, a place and a message, on one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class SettingsTable(BaseModel):
    """A table of a settings file: no unknown keys, no change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    not_keys: ClassVar[Mapping[str, str]] = {}
    """Fields that the file's location gives, and what messages call them: the file has no such keys."""


@dataclass(frozen=True, kw_only=True)
class SettingsProblem:
    """One problem: `place` is a key such as `training.attempt`, a line, or the file itself."""

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.message}"


def missing(example: str) -> str:
    """Return the message about a key that has no default."""
    return f"is missing and has no default; add it, for example {example}"


class SettingsError(Exception):
    """Settings that cannot be used; `problems` has all of them, and the text has a line for each."""

    def __init__(self, problems: Iterable[SettingsProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FieldError(ValueError):
    """What a field's validator raises: one or several messages, each for the field or for keys below it."""

    def __init__(self, message: str = "", *, below: Iterable[tuple[str, str]] = ()) -> None:
        self.messages = (("", message),) if message else tuple(below)
        super().__init__("; ".join(text for _, text in self.messages))
