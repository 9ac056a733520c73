"""A chart of lines in a terminal: braille dots for lines, a sign of its own for each line's points.

Each line has its sign, so that it is told apart without color.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from tune.pictures.lines import LineChart, Panel, Point
from tune.pictures.scale import Scale, spread, whole_ticks
from tune.pictures.style import STYLES

NARROWEST: Final = 40
WIDEST: Final = 120
_ROWS: Final = 12
_BRAILLE: Final = 0x2800
# The dots of a braille sign, by column and row (Unicode, Braille Patterns).
_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_LEAST_PLOT: Final = 16
_LOWEST: Final = "★"


@dataclass(frozen=True)
class StyledRun:
    """Characters that look the same; `series` is the place in STYLES of the line that they are, None for the rest."""

    text: str
    series: int | None = None


Row = tuple[StyledRun, ...]


class _Canvas:
    """Signs in rows, each with the line that it is."""

    def __init__(self, columns: int, rows: int) -> None:
        self._dots = [[0] * columns for _ in range(rows)]
        self._owner: list[list[int | None]] = [[None] * columns for _ in range(rows)]
        self._signs: dict[tuple[int, int], str] = {}

    def dot(self, x: int, y: int, series: int) -> None:
        """Set a dot, of two in each column and four in each row."""
        self._dots[y // 4][x // 2] |= _DOTS[x % 2][y % 4]
        if (y // 4, x // 2) not in self._signs:
            self._owner[y // 4][x // 2] = series

    def sign(self, x: int, y: int, series: int, sign: str) -> None:
        """Set a sign where a dot would be."""
        self._signs[y // 4, x // 2] = sign
        self._owner[y // 4][x // 2] = series

    def row(self, number: int) -> Iterator[StyledRun]:
        for column, (dots, owner) in enumerate(zip(self._dots[number], self._owner[number], strict=True)):
            sign = self._signs.get((number, column))
            yield StyledRun(sign or (chr(_BRAILLE + dots) if dots else " "), owner)


def rows(chart: LineChart, width: int) -> list[Row]:
    """Return a chart as rows of a terminal.

    width: Columns; fewer than NARROWEST or more than WIDEST are taken for those.
    """
    columns = min(max(width, NARROWEST), WIDEST)
    bare = _without_behind(chart)
    return [row for panel in bare.panels for row in _panel(panel, bare, columns)]


def _without_behind(chart: LineChart) -> LineChart:
    """Return a chart without its thin lines, for which rows are too few; a single point keeps its own."""
    panels = (
        replace(panel, lines=tuple(replace(line, behind=()) if len(line.points) > 1 else line for line in panel.lines))
        for panel in chart.panels
    )
    return replace(chart, panels=tuple(panels))


def _panel(panel: Panel, chart: LineChart, columns: int) -> Iterator[Row]:
    heights = panel.heights
    margin = max(map(len, heights.labels)) + 2
    names = [f"{STYLES[series].glyph} {line.name}"[: columns - margin - _LEAST_PLOT] for series, line in panel.series]
    inner = columns - margin - max(map(len, names)) - 1
    first, last = chart.x_range
    up = heights.scale(4 * _ROWS - 1, 0)
    canvas = _filled(panel, inner, Scale(first, last, 0, 2 * inner - 1), up)
    named = _at_rows(panel, names, up)
    labels = {round(up(value)) // 4: label for value, label in zip(heights.values, heights.labels, strict=True)}
    yield (StyledRun(f"{' ' * margin}{panel.title}"),)
    for number in range(_ROWS):
        label = labels.get(number, "")
        axis = StyledRun(f"{label:>{margin - 2}} {'┤' if label else '│'}")
        yield (axis, *_joined(canvas.row(number)), *named.get(number, ()))
    yield (StyledRun(f"{' ' * (margin - 1)}└{'─' * inner}"),)
    yield (StyledRun(f"{' ' * margin}{_axis(first, last, inner)}  {chart.x_name}"),)
    for series, line in panel.series:
        if line.lowest_name:
            yield (StyledRun(" " * margin), StyledRun(_LOWEST, series), StyledRun(f" {line.lowest_name}"))


def _filled(panel: Panel, inner: int, across: Scale, up: Scale) -> _Canvas:
    """Return the canvas with all lines: the first one above the others, and the lowest points above all."""
    canvas = _Canvas(inner, _ROWS)
    for series, line in reversed(panel.series):
        for before, after in pairwise(line.behind or line.points):
            for x, y in _between(before, after, across, up):
                canvas.dot(x, y, series)
    for series, line in reversed(panel.series):
        for point in line.points:
            canvas.sign(round(across(point[0])), round(up(point[1])), series, STYLES[series].glyph)
    for series, line in panel.series:
        if line.lowest_name and (lowest := line.lowest_point):
            canvas.sign(round(across(lowest[0])), round(up(lowest[1])), series, _LOWEST)
    return canvas


def _between(before: Point, after: Point, across: Scale, up: Scale) -> Iterator[tuple[int, int]]:
    """Yield the dots of a straight line."""
    start, end = (across(before[0]), up(before[1])), (across(after[0]), up(after[1]))
    steps = max(1, round(max(abs(end[0] - start[0]), abs(end[1] - start[1]))))
    for step in range(steps + 1):
        share = step / steps
        yield round(start[0] + share * (end[0] - start[0])), round(start[1] + share * (end[1] - start[1]))


def _at_rows(panel: Panel, names: list[str], up: Scale) -> dict[int, Row]:
    """Return each line's name by the row where the line ends, or near it."""
    wanted = [round(up(line.points[-1][1])) // 4 for line in panel.lines]
    places = spread([float(each) for each in wanted], apart=1, low=0, high=_ROWS - 1)
    return {
        round(place): (StyledRun(" "), StyledRun(name, series))
        for place, name, (series, _) in zip(places, names, panel.series, strict=True)
    }


def _joined(runs: Iterator[StyledRun]) -> Iterator[StyledRun]:
    """Yield neighbours that look the same as one."""
    text, series = "", None
    for run in runs:
        if text and run.series != series:
            yield StyledRun(text, series)
            text = ""
        text, series = text + run.text, run.series
    if text:
        yield StyledRun(text, series)


def _axis(first: int, last: int, inner: int) -> str:
    """Return the whole numbers under their places."""
    across = Scale(first, last, 0, inner - 1)
    row = [" "] * inner
    for whole in whole_ticks(first, last, max(2, inner // (len(str(last)) + 3))):
        label = str(whole)
        start = min(max(0, round(across(whole)) - len(label) // 2), inner - len(label))
        row[start : start + len(label)] = label
    return "".join(row).rstrip()
