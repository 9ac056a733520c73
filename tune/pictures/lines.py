"""A chart of lines: what falls or rises, step by step, of one thing or of several."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tune.pictures import style, svg
from tune.pictures.scale import Scale, Ticks, spread, ticks, whole_ticks

Point = tuple[float, float]

MOST_LINES: Final = len(style.STYLES)
_WIDTH: Final = 560
_TITLE_HEIGHT: Final = 34
_BAND: Final = 44
_PLOT_HEIGHT: Final = 220
_AXIS: Final = 50
_PAD: Final = 14
# From the edge of the plot to the first and the last point, whose mark and ring stay off the numbers of the axes.
_INSET: Final = 12
_BETWEEN_LABELS: Final = 18
_GAP: Final = 8
_MOST_OF_A_NAME: Final = 180


@dataclass(frozen=True)
class ChartLine:
    """One line.

    name: What stands at its end.
    points: Its points, each with a mark, from left to right; at least one.
    behind: A line without marks that is drawn thin behind it, such as every step where the points are means.
    lowest: The place in `points` of the one that is marked, None where none is.
    lowest_name: What stands at the marked point; nothing leaves only the ring.
    """

    name: str
    points: tuple[Point, ...]
    behind: tuple[Point, ...] = ()
    lowest: int | None = None
    lowest_name: str = ""

    @property
    def lowest_point(self) -> Point | None:
        return None if self.lowest is None else self.points[self.lowest]


@dataclass(frozen=True)
class Panel:
    """Some lines on the same axes, MOST_LINES at most; `title` says what their heights are."""

    title: str
    lines: tuple[ChartLine, ...]
    styles: tuple[int, ...] = ()
    """The place of each line in STYLES. Default: the first ones, in order."""
    note: str = ""
    """What of the SVG needs words; a terminal does not draw it."""

    @property
    def series(self) -> tuple[tuple[int, ChartLine], ...]:
        return tuple(zip(self.styles or range(len(self.lines)), self.lines, strict=False))

    @property
    def heights(self) -> Ticks:
        return ticks(y for line in self.lines for _, y in (*line.points, *line.behind))


@dataclass(frozen=True)
class LineChart:
    """Panels above each other, with the same horizontal axis of whole numbers.

    name: As `svg.document` has it.
    title: What stands above it.
    description: What it shows in words, for whoever does not see it.
    x_name: What the horizontal axis counts.
    panels: At least one.

    Raises ValueError without a panel, for a panel without a line, and for more lines than can be told apart.
    """

    name: str
    title: str
    description: str
    x_name: str
    panels: tuple[Panel, ...]

    def __post_init__(self) -> None:
        if not self.panels or any(not 0 < len(panel.lines) <= MOST_LINES for panel in self.panels):
            raise ValueError(f"a chart must have panels, and each of them 1 to {MOST_LINES} lines")

    @property
    def x_range(self) -> tuple[int, int]:
        """The first and the last whole number of the horizontal axis: never the same."""
        xs = [x for panel in self.panels for line in panel.lines for x, _ in (*line.points, *line.behind)]
        first, last = int(min(xs) // 1), int(-(-max(xs) // 1))
        return (first, last) if first < last else (first - 1, last)


def drawn(chart: LineChart) -> str:
    """Return a chart as an SVG."""
    names = [line.name for panel in chart.panels for line in panel.lines]
    right = _WIDTH - _PAD - max(style.width_of(_short(name)) for name in names) - 2 * _PAD
    first, last = chart.x_range
    ticks_at_left = max(style.width_of(label) for panel in chart.panels for label in panel.heights.labels)
    across = Scale(first, last, _PAD + ticks_at_left + _GAP + _INSET, right - _INSET)
    parts = [svg.text(chart.title, _PAD, _TITLE_HEIGHT - 10, "strong")]
    top = float(_TITLE_HEIGHT)
    for panel in chart.panels:
        parts.extend(_panel(panel, across, top, chart.x_name))
        top += _BAND + _PLOT_HEIGHT + _AXIS
    return svg.document(chart.name, chart.title, chart.description, (_WIDTH, top), parts)


def _panel(panel: Panel, across: Scale, top: float, x_name: str) -> Iterator[str]:
    heights = panel.heights
    plot_top, bottom = top + _BAND, top + _BAND + _PLOT_HEIGHT
    up = heights.scale(bottom, plot_top)
    left, right = across.start - _INSET, across.end + _INSET
    yield svg.text(f"{panel.title}{panel.note and f' ({panel.note})'}", _PAD, top + 16, "quiet")
    for value, label in zip(heights.values, heights.labels, strict=True):
        yield svg.path([(left, up(value)), (right, up(value))], "grid")
        yield svg.text(label, left - _GAP, up(value) + 5, "quiet end")
    widest = style.width_of(str(round(across.high))) + _PAD
    for whole in whole_ticks(round(across.low), round(across.high), int((across.end - across.start) / widest)):
        yield svg.path([(across(whole), bottom), (across(whole), bottom + 4)], "grid")
        yield svg.text(str(whole), across(whole), bottom + 24, "quiet middle")
    yield svg.text(x_name, (across.start + across.end) / 2, bottom + 42, "quiet middle")
    yield from _marked(panel, across, up)
    for series, line in panel.series:
        yield from _line(series, line, across, up)
    yield from _names(panel, across, up)


def _line(series: int, line: ChartLine, across: Scale, up: Scale) -> Iterator[str]:
    if line.behind:
        yield svg.path([(across(x), up(y)) for x, y in line.behind], f"line faint s{series}")
    places = [(across(x), up(y)) for x, y in line.points]
    if len(places) > 1:
        yield svg.path(places, f"line s{series} dash{series}")
    for x, y in places:
        yield svg.mark(series, x, y)
    if point := line.lowest_point:
        ring = "ring" if line.lowest_name else f"ring s{series}"
        yield svg.element("circle", class_=ring, cx=across(point[0]), cy=up(point[1]), r=9)


def _marked(panel: Panel, across: Scale, up: Scale) -> Iterator[str]:
    """Yield what tells of a marked point: a guide, and its words above the plot, where no line is."""
    named = [(line.lowest_name, point) for line in panel.lines if line.lowest_name and (point := line.lowest_point)]
    for words, (x, y) in named:
        half = style.width_of(words) / 2
        middle = min(max(across(x), across.start + half), _WIDTH - _PAD - half)
        yield svg.path([(across(x), up.end), (across(x), up(y) - 9)], "guide")
        yield svg.text(words, middle, up.end - 7, "middle")


def _names(panel: Panel, across: Scale, up: Scale) -> Iterator[str]:
    """Yield the name of each line at its end, moved apart where they would touch."""
    wanted = [up(line.points[-1][1]) + 5 for line in panel.lines]
    places = spread(wanted, apart=_BETWEEN_LABELS, low=up.end + 5, high=up.start + 5)
    for (series, line), y in zip(panel.series, places, strict=True):
        yield svg.mark(series, across.end + _INSET + _PAD + 4, y - 5)
        yield svg.text(_short(line.name), across.end + _INSET + 2 * _PAD, y, f"t{series}")


def _short(name: str) -> str:
    return style.fitted(name, _MOST_OF_A_NAME)
