"""How numbers of an evaluation are written for people."""

from collections.abc import Mapping

from bedrock_lifecycle.evaluation.statistics.sample import FewGroups


def share(part: int, of: int) -> str:
    """Return a share in percent: `12 %`, `0.4 %`; nothing of nothing is 0 %."""
    percent = 100 * part / of if of else 0.0
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def counted(counts: Mapping[str, int]) -> str:
    """Return counts by name, the largest first."""
    ordered = sorted(counts.items(), key=lambda its: (-its[1], its[0]))
    return ", ".join(f"{name}: {count:,}" for name, count in ordered)


def of_few_groups(few: FewGroups) -> str:
    """Return what so few groups of records cannot show."""
    sort = f"{100 * few.missing:.1f} %"
    return (
        f"{few.groups:,} groups of records, which say as much as {few.of_one_size:,.0f} of one size, may have none of "
        f"a sort that is less than {sort} of all groups: no bound knows what large ones of that sort would change"
    )


def score(value: float) -> str:
    """Return a score with three digits after the point."""
    return f"{value:.3f}"


def difference(value: float) -> str:
    """Return a difference of scores, with its sign."""
    return f"{value:+.3f}"
