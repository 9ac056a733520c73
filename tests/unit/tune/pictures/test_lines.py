"""A chart of lines as SVG: what is drawn where, and that it is safe and the same each time."""

import re
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from tune.pictures import intervals, svg
from tune.pictures.intervals import IntervalChart, IntervalRow
from tune.pictures.lines import MOST_LINES, ChartLine, LineChart, Panel, drawn

HOSTILE: Final = "<script>alert(1)</script>&\"'\x00\x1b[31m"
_SVG: Final = "{http://www.w3.org/2000/svg}"


def chart(*lines: ChartLine, name: str = "any", title: str = "A title", panels: int = 1) -> LineChart:
    return LineChart(name, title, "In words.", "epoch", (Panel("loss", lines),) * panels)


def line(*heights: float, name: str = "validation", lowest: int | None = None, words: str = "") -> ChartLine:
    points = tuple((float(number), height) for number, height in enumerate(heights, start=1))
    return ChartLine(name, points, lowest=lowest, lowest_name=words)


def marks(text: str, series: int = 0) -> list[tuple[float, float]]:
    """Return the places of a line's marks, without the one at its name."""
    found = re.findall(rf'class="mark m{series}" transform="translate\(([\d.]+) ([\d.]+)\)"', text)
    return [(float(x), float(y)) for x, y in found][:-1]


def test_higher_is_further_up_and_later_is_further_right() -> None:
    (first, second, third) = marks(drawn(chart(line(0.9, 0.5, 0.7))))
    assert first[0] < second[0] < third[0]
    assert second[0] - first[0] == pytest.approx(third[0] - second[0], abs=0.1)
    assert first[1] < third[1] < second[1]
    # 0.9, 0.5 and 0.7: halfway is halfway.
    assert third[1] == pytest.approx((first[1] + second[1]) / 2, abs=0.1)


def test_the_lowest_point_has_a_ring_a_guide_and_its_words() -> None:
    text = drawn(chart(line(0.9, 0.5, 0.7, lowest=1, words="lowest: epoch 2 (0.5)")))
    (ring,) = ET.fromstring(text).findall(f"{_SVG}circle")
    assert (float(ring.attrib["cx"]), float(ring.attrib["cy"])) == marks(text)[1]
    assert ">lowest: epoch 2 (0.5)</text>" in text
    assert text.count('class="guide"') == 1


def test_rings_without_words_are_told_apart_by_the_colors_of_their_lines() -> None:
    text = drawn(chart(line(0.9, 0.5, lowest=1), line(0.8, 0.6, lowest=1)))
    assert re.findall(r'class="ring([^"]*)"', text) == [" s0", " s1"]


def test_the_same_numbers_are_the_same_bytes() -> None:
    assert drawn(chart(line(0.9, 0.1 + 0.2))) == drawn(chart(line(0.9, 0.1 + 0.2)))
    assert drawn(chart(line(0.9, 0.3))) != drawn(chart(line(0.9, 0.5)))


def test_a_text_from_elsewhere_is_a_text() -> None:
    text = drawn(chart(line(0.9, 0.5, name=HOSTILE, lowest=1, words=HOSTILE), title=HOSTILE))
    root = ET.fromstring(text)
    assert root.findall(f".//{_SVG}script") == []
    assert HOSTILE.replace("\x00\x1b", "") in [each.text for each in root.iter(f"{_SVG}text")]


def test_it_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    text = drawn(chart(line(0.9, 0.5), line(1.0, 0.2)))
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert re.search(r"url\(|@import|@font-face|xlink|href|<script|\son\w+=", text) is None


def test_who_does_not_see_it_is_told() -> None:
    root = ET.fromstring(drawn(chart(line(0.9, 0.5), name="loss")))
    words = {each.attrib["id"]: each.text for each in root if "id" in each.attrib}
    assert root.attrib["role"] == "img"
    assert [words[each] for each in root.attrib["aria-labelledby"].split()] == ["A title", "In words."]


def test_each_panel_has_its_axis_and_all_have_the_same_width() -> None:
    one, two = (ET.fromstring(drawn(chart(line(0.9, 0.5), panels=count))) for count in (1, 2))
    assert one.attrib["width"] == two.attrib["width"]
    assert float(two.attrib["height"]) > 1.8 * float(one.attrib["height"])
    assert len([each for each in two.iter(f"{_SVG}text") if each.text == "epoch"]) == 2


def test_a_line_keeps_its_style_where_others_are_missing() -> None:
    panel = Panel("loss", (line(0.9, 0.5),), styles=(3,))
    assert len(marks(drawn(LineChart("any", "A", "B", "epoch", (panel,))), series=3)) == 2


def test_what_is_behind_has_no_marks_and_widens_the_axes() -> None:
    behind = ChartLine("training", ((1.0, 0.5), (2.0, 0.4)), behind=((0.5, 3.0), (2.0, 0.1)))
    text = drawn(chart(behind))
    assert len(marks(text)) == 2
    assert text.count("faint") == 2  # the style sheet and the line
    assert ">3.0</text>" in text


def test_one_point_is_drawn() -> None:
    ((x, y),) = marks(drawn(chart(line(0.5))))
    assert 0 < x < 560
    assert y > 0


@pytest.mark.parametrize("count", [0, MOST_LINES + 1])
def test_what_cannot_be_told_apart_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=str(MOST_LINES)):
        chart(*[line(0.5, 0.6)] * count)


def test_names_at_the_ends_of_lines_do_not_touch() -> None:
    names = [f"n{number}" for number in range(MOST_LINES)]
    text = drawn(chart(*(line(0.9, 0.5 + number / 1000, name=name) for number, name in enumerate(names))))
    ys = sorted(float(its.attrib["y"]) for its in ET.fromstring(text).iter(f"{_SVG}text") if its.text in names)
    assert len(ys) == MOST_LINES
    assert min(after - before for before, after in pairwise(ys)) >= 14


def test_numbers_are_short() -> None:
    assert [svg.number(each) for each in (1.0, 0.04, -0.04, 12.25, 560)] == ["1", "0", "0", "12.2", "560"]


ROWS: Final = (IntervalRow("base", 0.40, 0.43, 0.46, "0.43"), IntervalRow("tuned", 0.68, 0.71, 0.75, "0.71"))


def test_an_interval_has_its_value_between_its_ends() -> None:
    text = intervals.drawn(IntervalChart("any", "A", "B", "share", ROWS))
    lines = re.findall(r'<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+" class="line s0"', text)
    values = re.findall(r"translate\(([\d.]+) ", text)
    wide = [(float(low), float(high)) for low, high in lines if low != high]
    assert len(wide) == len(values) == 2
    for (low, high), value in zip(wide, map(float, values), strict=True):
        assert low < value < high
    assert wide[0][1] < wide[1][0]


def test_a_long_name_stands_above_its_row_and_takes_nothing_from_the_axis() -> None:
    def width(name: str) -> float:
        text = intervals.drawn(IntervalChart("any", "A", "B", "share", (IntervalRow(name, 0.0, 0.5, 1.0, "0.5"),)))
        ((low, high),) = re.findall(r'<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+" class="line s0"', text)[:1]
        return float(high) - float(low)

    assert width("us.anthropic.claude-sonnet-4-6") > width("a" * 15)
    assert width("a" * 15) < width("a")


def test_what_is_compared_with_is_drawn_though_no_interval_reaches_it() -> None:
    text = intervals.drawn(IntervalChart("any", "A", "B", "difference", ROWS, reference=0.0))
    assert text.count('class="guide"') == 1
    assert ">0.0</text>" in text


def test_a_value_outside_its_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="tuned"):
        IntervalRow("tuned", 0.5, 0.4, 0.6, "")
