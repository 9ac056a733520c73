"""The register: every assumption, what rests on it, how an account is asked, and what was answered."""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

_FOLDER: Final = Path(__file__).parent / "entries"
_SECTIONS: Final = ("absence", "base_models", "records", "creation", "serving", "deletion", "elsewhere")

_NUMBER: Final = re.compile(r"[0-9]+")
# A day in seconds: nothing that is waited for takes longer.
_AT_MOST: Final = 86_400

Cost = Literal["free", "nothing", "tokens", "training", "hours", "month"]
COSTS: Final[Mapping[Cost, str]] = {
    "free": "nothing: `tune probe` asks",
    "nothing": "nothing by itself, but it changes something",
    "tokens": "some tokens",
    "training": "a training run",
    "hours": "at least an hour of model units",
    "month": "a month of model units",
}


@dataclass(frozen=True)
class AccountAnswers:
    """What an account has answered, and when."""

    answer: str
    on: date


@dataclass(frozen=True)
class Assumption:
    """One assumption.

    Args:
        id: Its name, which never changes.
        section: The heading that it stands under.
        assumes: What is assumed, in one sentence.
        assumed: The answer that is assumed.
        rests: Files that rest on it.
        otherwise: What would go wrong, or be done instead.
        ask: How an account is asked.
        cost: What asking costs, by its nature. What is `free` the probe asks.
        answers: The other answers. With a `unit` there are none: the answer is a whole number of it.
        at_least: The smallest such number.
        commands: What asks an account where the probe does not.
        tests: Tests that fail with another answer.
        needs: Answers of other entries without which another answer shows nowhere.
        answered: What was answered and when; absent as long as nobody has asked.
    """

    id: str
    section: str
    assumes: str
    assumed: str
    rests: tuple[str, ...]
    otherwise: str
    ask: str
    cost: Cost
    answers: tuple[str, ...] = ()
    unit: str = ""
    at_least: int = 0
    commands: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    answered: AccountAnswers | None = None

    @property
    def holds(self) -> str:
        """The answer that counts: what was answered, else what is assumed."""
        return self.answered.answer if self.answered else self.assumed

    @property
    def allowed(self) -> str:
        """The answers that there are, in words."""
        if self.unit:
            return f"a whole number of {self.unit}, from {self.at_least} to {_AT_MOST}"
        return ", ".join((self.assumed, *self.answers))

    @property
    def another(self) -> str:
        """An answer that does not hold."""
        if self.unit:
            return str(int(self.holds) + 120)
        return next(each for each in (self.assumed, *self.answers) if each != self.holds)

    def takes(self, answer: str) -> bool:
        """Tell whether something is an answer to it."""
        if not self.unit:
            return answer in (self.assumed, *self.answers)
        return bool(_NUMBER.fullmatch(answer)) and self.at_least <= int(answer) <= _AT_MOST


@functools.cache
def register() -> Mapping[str, Assumption]:
    """Return every entry by its id, in the order of the pages."""
    return {entry.id: entry for section in _SECTIONS for entry in _entries(_FOLDER / f"{section}.toml")}


def _entries(path: Path) -> Iterator[Assumption]:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    section = document.pop("title")
    for name, table in document.items():
        entry = Assumption(id=name, section=section, **{key: _value(key, value) for key, value in table.items()})
        if not entry.takes(entry.holds) or entry.cost not in COSTS:
            raise ValueError(f"{path.name}: {name}: {entry.holds!r} is no answer to it, or {entry.cost!r} no cost")
        yield entry


def _value(key: str, value: Any) -> Any:
    if key == "answered":
        return AccountAnswers(**value)
    return tuple(value) if isinstance(value, list) else value
