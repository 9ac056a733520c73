"""Which records go where: decided for each by its own content, whatever else is in the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Self

from bedrock_lifecycle.contract import Split
from bedrock_tuning.data.checker.content import content_of
from bedrock_tuning.data.checker.limits import limits_of, record_sum_of
from tune.dataset.subject import Rules

_DIGITS: Final = 16
_RANGE: Final = 16**_DIGITS
_PERCENTAGE: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?%", re.ASCII)
_SHOWN: Final = 40


@dataclass(frozen=True)
class Shares:
    """The shares of validation and test; the rest is for training.

    Validation takes the low end of all digests and test the high end: a share that grows takes records from training
    alone, and the other one keeps all of its own.
    """

    validation: Fraction
    test: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.validation + self.test < 1:
            raise ValueError("validation and test together must be more than 0% and less than 100%")

    @classmethod
    def read(cls, *, validation: str, test: str) -> Self:
        """Read percentages such as `10%`; raise ValueError for anything else."""
        return cls(_fraction(validation), _fraction(test))

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that get something."""
        return ("train", *(("validation",) if self.validation else ()), *(("test",) if self.test else ()))

    def place(self, digest: str) -> Split:
        """Return where a record with a digest goes, which is in hexadecimal and evenly spread."""
        place = Fraction(int(digest[:_DIGITS], 16), _RANGE)
        if place < self.validation:
            return "validation"
        return "test" if place >= 1 - self.test else "train"


def identity(record: dict[str, Any]) -> str:
    """Return a digest of what is asked in a record in which no rule found an error; it is not changed any more.

    Two records that ask the same, as the check compares them, stay together.
    """
    return content_of(record).question.digest().hex()


def out_of_bounds(counts: Mapping[Split, int], rules: Rules) -> Iterator[str]:
    """Yield what a base model has against the numbers of records."""
    base_model, way = rules.base_model, rules.customization_type
    for split, count in counts.items():
        limits = limits_of(base_model, split, way)
        if not limits.min_records <= count <= limits.max_records:
            allowed = f"{limits.min_records:,} to {limits.max_records:,}"
            yield f"{split} has {count:,} records: {base_model.name} takes {allowed}"
    trained: tuple[Split, ...] = ("train",) if rules.unused_validation else ("train", "validation")
    most, together = record_sum_of(base_model, way).max, sum(counts.get(split, 0) for split in trained)
    if most is not None and together > most:
        yield f"training and validation have {together:,} records together: {base_model.name} takes {most:,}"


def _fraction(text: str) -> Fraction:
    if not _PERCENTAGE.fullmatch(text):
        raise ValueError(f"{text[:_SHOWN]!r} is not a share: write a percentage below 100, such as 10% or 2.5%")
    return Fraction(text.removesuffix("%")) / 100
