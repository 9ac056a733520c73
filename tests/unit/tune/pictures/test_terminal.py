"""A chart in a terminal: within its columns, each line with its sign and its name."""

import pytest

from tune.pictures.lines import ChartLine, LineChart, Panel
from tune.pictures.style import STYLES
from tune.pictures.terminal import NARROWEST, WIDEST, rows


def chart(*lines: ChartLine) -> LineChart:
    return LineChart("any", "A", "B", "epoch", (Panel("loss", lines),))


def line(name: str, *heights: float, lowest: int | None = None, words: str = "") -> ChartLine:
    points = tuple((float(number), height) for number, height in enumerate(heights, start=1))
    return ChartLine(name, points, lowest=lowest, lowest_name=words)


def shown(its: LineChart, width: int) -> list[str]:
    return ["".join(run.text for run in row) for row in rows(its, width)]


TWO = chart(
    line("training", 1.4, 0.9, 0.6, 0.4), line("validation", 0.9, 0.7, 0.75, 0.8, lowest=1, words="lowest: epoch 2")
)


@pytest.mark.parametrize("width", [1, NARROWEST, 57, 80, WIDEST, 500])
def test_it_stays_within_its_columns(width: int) -> None:
    most = min(max(width, NARROWEST), WIDEST)
    assert max(map(len, shown(TWO, width))) <= most
    assert max(map(len, shown(TWO, width))) > most - 10


@pytest.mark.parametrize("width", [NARROWEST, WIDEST])
def test_a_long_name_leaves_room_for_the_curve(width: int) -> None:
    found = shown(chart(line("n" * 200, 1.0, 0.5)), width)
    assert max(map(len, found)) <= width
    assert any(each.count(STYLES[0].glyph) == 1 and "┤" in each for each in found)


def test_each_line_has_its_own_sign_its_name_and_its_color() -> None:
    found = shown(TWO, 80)
    text = "\n".join(found)
    training, validation = STYLES[0].glyph, STYLES[1].glyph
    assert text.count(training) == 4 + 1  # its points, and its name
    assert text.count(validation) == 3 + 1  # the lowest has a sign of its own
    assert text.count("★") == 2
    assert f"{training} training" in text
    assert f"{validation} validation" in text
    assert {run.series for row in rows(TWO, 80) for run in row} == {None, 0, 1}


def test_a_higher_loss_is_on_a_higher_row() -> None:
    found = shown(chart(line("a", 1.0, 0.1)), 60)
    first, second = (number for number, row in enumerate(found) for _ in range(row[:-4].count(STYLES[0].glyph)))
    columns = [found[each].index(STYLES[0].glyph) for each in (first, second)]
    assert columns == sorted(columns)
    assert second - first >= 8


def test_names_of_lines_that_end_together_are_on_rows_of_their_own() -> None:
    found = shown(chart(*(line(f"name-{number}", 1.0, 0.5) for number in range(6))), 80)
    assert [sum(f"name-{number}" in row for row in found) for number in range(6)] == [1] * 6


def test_one_epoch_shows_its_steps() -> None:
    its = ChartLine("training", ((1.0, 0.5),), behind=((0.25, 1.5), (0.5, 1.0), (1.0, 0.4)))
    assert any("\u2800" < sign <= "\u28ff" for row in shown(chart(its), 60) for sign in row)


def test_the_lowest_point_is_seen_where_another_line_has_a_point_too() -> None:
    its = chart(line("training", 1.4, 0.5), line("validation", 0.9, 0.5, lowest=1, words="lowest: epoch 2"))
    assert "\n".join(shown(its, 80)).count("★") == 2  # the point, and its words


def test_what_is_not_drawn_takes_no_room() -> None:
    behind = ((0.1, 9.0), (0.5, 3.0), (1.0, 1.0), (2.0, 0.5))
    points = ((1.0, 1.0), (2.0, 0.5))
    assert shown(chart(ChartLine("training", points, behind)), 80) == shown(chart(ChartLine("training", points)), 80)
