"""What was measured in several rounds, and what it is beside something else that was measured in the same rounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from bench.dataset.measure import PROCESSES, Measurement


@dataclass(frozen=True)
class Rounds:
    """Measurements of each kind, round by round; the peak of memory of each kind was measured apart, in megabytes."""

    taken: tuple[Mapping[str, Measurement], ...]
    peaks: Mapping[str, float]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.taken[0])

    def wall_seconds(self, kind: str) -> float:
        return median(each[kind].wall_seconds for each in self.taken)

    def core_seconds(self, kind: str) -> float:
        """Return what a kind took of each of its cores."""
        return median(_core_seconds(each, kind) for each in self.taken)

    def speed(self, kind: str, beside: str) -> float:
        """Return how many times as fast a kind was as another: the median of what each round says."""
        return median(_core_seconds(each, beside) / _core_seconds(each, kind) for each in self.taken)


def _core_seconds(taken: Mapping[str, Measurement], kind: str) -> float:
    return taken[kind].cpu_seconds / (PROCESSES if "processes" in kind else 1)
