"""What a metric is: an answer and its reference become one score for each thing that it measures."""

from collections.abc import Mapping
from typing import ClassVar, Protocol


class BadReference(ValueError):
    """What an answer is compared with cannot be used; the words never quote it, since it is confidential."""


class Metric(Protocol):
    """A way to score one answer. Metrics are pure: equal texts have equal scores on every machine.

    `version` is raised when any answer would get another score than before, so that old scores are not taken for new
    ones. The first of `measures` is what the metric's own name stands for. Scores are in [0, 1], and more is better.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    measures: ClassVar[tuple[str, ...]]

    def score(self, answer: str, reference: str) -> Mapping[str, float]:
        """Return the score of each measure; `BadReference` if the reference cannot be compared with."""
        ...
