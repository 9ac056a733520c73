"""How numbers of an evaluation are written for people."""

from collections.abc import Mapping


def share(part: int, of: int) -> str:
    """Return a share in percent: `12 %`, `0.4 %`; nothing of nothing is 0 %."""
    percent = 100 * part / of if of else 0.0
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def counted(counts: Mapping[str, int]) -> str:
    """Return counts by name, the largest first."""
    ordered = sorted(counts.items(), key=lambda its: (-its[1], its[0]))
    return ", ".join(f"{name}: {count:,}" for name, count in ordered)


def score(value: float) -> str:
    """Return a score with three digits after the point."""
    return f"{value:.3f}"


def difference(value: float) -> str:
    """Return a difference of scores, with its sign."""
    return f"{value:+.3f}"
