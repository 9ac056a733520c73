"""What the checking of data files promises beside reading them and beside the baseline, and whether it was kept."""

from typing import Final

from bench.dataset.measure import PROCESSES
from bench.dataset.rounds import Rounds

EVERY_RULE: Final = ("all", "all, digest", "all, processes", "all, digest, processes")
_MOST_MEGABYTES: Final = 200
_BASELINE_FACTOR: Final = 3.5
_STRUCTURAL_SHARE: Final = 0.5


def targets(rounds: Rounds) -> list[tuple[str, bool]]:
    """Return what is promised in words with what was measured, and whether it was kept."""
    share = rounds.speed("structural", beside="raw")
    most = max(peak for kind, peak in rounds.peaks.items() if kind in ("structural", *EVERY_RULE))
    found = [
        (
            f"structural rules on one core: {share:.2f} of the raw speed, at least {_STRUCTURAL_SHARE}",
            share >= _STRUCTURAL_SHARE,
        ),
        (f"peak memory: {most:.0f} MB in all processes, below {_MOST_MEGABYTES}", most < _MOST_MEGABYTES),
    ]
    if "baseline" in rounds.kinds:
        factor = rounds.speed("all, processes", beside="baseline")
        words = f"all rules on {PROCESSES} cores: {factor:.2f} times the baseline's speed, at least {_BASELINE_FACTOR}"
        found.append((words, factor >= _BASELINE_FACTOR))
    return found
