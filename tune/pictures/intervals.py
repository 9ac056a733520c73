"""A chart of intervals: what was estimated, and how sure that is, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tune.pictures import style, svg
from tune.pictures.scale import Scale, ticks

_WIDTH: Final = 560
_TITLE_HEIGHT: Final = 44
_ROW: Final = 30
# Of a row whose name stands above it.
_HIGH_ROW: Final = 46
_AXIS: Final = 46
_PAD: Final = 14
_CAP: Final = 6
_BETWEEN_TICKS: Final = 64
_MOST_BESIDE: Final = 140
"""What the longest name takes at most where names stand beside the rows; longer ones stand above."""
_MOST_TOLD: Final = 200


@dataclass(frozen=True)
class IntervalRow:
    """One row: a value between two bounds.

    name: What stands at its left, or above it where a name of the chart is long.
    told: What stands at its right, such as the numbers themselves.
    """

    name: str
    low: float
    value: float
    high: float
    told: str

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"the value of {self.name!r} must lie in its interval")


@dataclass(frozen=True)
class IntervalChart:
    """Rows on the same axis.

    name, title, description: As `LineChart` has them.
    x_name: What the axis measures.
    rows: At least one.
    reference: A value with which each row is compared, such as 0 for a difference. Default: none.
    reaches: What the axis reaches in any case, so that several charts have one scale. Default: what is drawn.
    """

    name: str
    title: str
    description: str
    x_name: str
    rows: tuple[IntervalRow, ...]
    reference: float | None = None
    reaches: tuple[float, ...] = ()


def drawn(chart: IntervalChart) -> str:
    """Return a chart as an SVG; raise ValueError without a row."""
    shown = [*chart.reaches, *(each for row in chart.rows for each in (row.low, row.high))]
    if chart.reference is not None:
        shown.append(chart.reference)
    told = max(style.width_of(style.fitted(row.told, _MOST_TOLD)) for row in chart.rows)
    names = max(style.width_of(row.name) for row in chart.rows)
    is_beside = names <= _MOST_BESIDE
    height = _ROW if is_beside else _HIGH_ROW
    left, right = names + 3 * _PAD if is_beside else 2 * _PAD, _WIDTH - 3 * _PAD - told
    axis = ticks(shown, max(2, int((right - left) / _BETWEEN_TICKS)))
    across = axis.scale(left, right)
    bottom = _TITLE_HEIGHT + height * len(chart.rows)
    parts = [svg.text(style.fitted(chart.title, _WIDTH - 2 * _PAD), _PAD, 24, "strong")]
    for value, label in zip(axis.values, axis.labels, strict=True):
        parts.append(svg.path([(across(value), _TITLE_HEIGHT), (across(value), bottom)], "grid"))
        parts.append(svg.text(label, across(value), bottom + 18, "quiet middle"))
    parts.append(svg.text(chart.x_name, (across.start + across.end) / 2, bottom + 38, "quiet middle"))
    if chart.reference is not None:
        at = across(chart.reference)
        parts.append(svg.path([(at, _TITLE_HEIGHT), (at, bottom)], "guide"))
    for number, row in enumerate(chart.rows):
        below = _TITLE_HEIGHT + height * (number + 1)
        y = below - _ROW / 2
        parts.extend(_row(row, across, y, name_at=y if is_beside else y - _ROW / 2 - 3))
    return svg.document(chart.name, chart.title, chart.description, (_WIDTH, bottom + _AXIS), parts)


def _row(row: IntervalRow, across: Scale, y: float, *, name_at: float) -> Iterator[str]:
    low, high = across(row.low), across(row.high)
    yield svg.text(style.fitted(row.name, _WIDTH - 2 * _PAD), _PAD, name_at + 5)
    yield svg.path([(low, y), (high, y)], "line s0")
    for end in (low, high):
        yield svg.path([(end, y - _CAP), (end, y + _CAP)], "line s0")
    yield svg.mark(0, across(row.value), y)
    yield svg.text(style.fitted(row.told, _MOST_TOLD), _WIDTH - _PAD, y + 5, "end")
