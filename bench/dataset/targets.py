"""What the checking of data files promises beside reading them and beside the baseline, and whether it was kept."""

from typing import Final

from bench.dataset.measure import PROCESSES, Measurement

EVERY_RULE: Final = ("all", "all, digest", "all, processes", "all, digest, processes")
_MOST_MEGABYTES: Final = 200
_BASELINE_FACTOR: Final = 4
_RAW_SHARE: Final = 0.5


def targets(best: dict[str, Measurement]) -> list[tuple[str, bool]]:
    """Return what is promised in words with what was measured, and whether it was kept."""
    share = best["raw"].wall_seconds / best["structural"].wall_seconds
    most = max(each.peak_megabytes for kind, each in best.items() if kind in ("structural", *EVERY_RULE))
    found = [
        (f"structural rules on one core: {share:.2f} of the raw speed, at least {_RAW_SHARE}", share >= _RAW_SHARE),
        (f"peak memory: {most:.0f} MB in all processes, below {_MOST_MEGABYTES}", most < _MOST_MEGABYTES),
    ]
    if "baseline" in best:
        several = best["all, processes"]
        factor = best["baseline"].wall_seconds / several.wall_seconds
        # Where other programs keep a core busy, these processes had less than theirs.
        cores = several.cpu_seconds / several.wall_seconds
        words = (
            f"all rules, {PROCESSES} processes, which had {cores:.1f} cores: {factor:.2f} times the baseline's speed, "
            f"at least {_BASELINE_FACTOR}"
        )
        found.append((words, factor >= _BASELINE_FACTOR))
    return found
