"""Whether an answer is the reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bedrock_lifecycle.evaluation.metrics.texts import NORMALIZATIONS, Normalization, normalized


@dataclass(frozen=True)
class ExactMatch:
    """1 for an answer that equals its reference after both are normalized, otherwise 0.

    `normalize` has any of `texts.NORMALIZATIONS`; none by default. `ValueError` for another.
    """

    normalize: tuple[Normalization, ...] = ()

    name: ClassVar[str] = "exact_match"
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[str, ...]] = ("exact_match",)

    def __post_init__(self) -> None:
        for each in self.normalize:
            if each not in NORMALIZATIONS:
                raise ValueError(f"normalize: must be any of {', '.join(NORMALIZATIONS)} (got {each!r})")

    def score(self, answer: str, reference: str) -> Mapping[str, float]:
        """Return 0 or 1."""
        is_equal = normalized(answer, self.normalize) == normalized(reference, self.normalize)
        return {self.name: float(is_equal)}
