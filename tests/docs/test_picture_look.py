"""What a browser draws of charts, at three widths, light and dark: nothing touches or is cut, and all can be read."""

import html
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from docs.site.review_picture import SCHEMES
from tests.docs.test_look import _contrast
from tests.unit.tune.metrics.losses import PUBLISHED, training
from tune.metrics import picture
from tune.pictures import intervals
from tune.pictures.intervals import Interval, IntervalChart
from tune.pictures.lines import MOST_LINES, Line, LineChart, Panel, drawn

_CHROMIUM: Final = shutil.which("chromium")
_ALONE: Final = picture.chart(training(PUBLISHED, [round(2.0 - number / 8, 2) for number in range(7)]))
_TOGETHER: Final = picture.side_by_side(
    [training([each + number / 500 for each in PUBLISHED], id=f"4ffdfb6d1c2{number}-1") for number in range(MOST_LINES)]
)
_LAST: Final = Line("w" * 40, ((0.5, 3e9), (100.0, 1.0)), lowest=1, lowest_name="lowest: epoch 100 (1.000)")
_FIRST: Final = Line("validation", ((1.0, 0.0002), (2.0, 0.0004)), lowest=0, lowest_name="lowest: epoch 1 (0.0002)")
_ROWS: Final = (
    Interval("base", -0.05, 0.1, 0.2, "0.100 [-0.050, 0.200]"),
    Interval("m" * 40, 0.68, 0.71, 0.75, "0.710 [0.680, 0.750]"),
)
CHARTS: Final = {
    "alone": drawn(_ALONE) if _ALONE else "",
    "together": drawn(_TOGETHER) if _TOGETHER else "",
    "long": drawn(LineChart("long", "Long", "B", "epoch", (Panel("loss", (_LAST,)),))),
    "short": drawn(LineChart("short", "Short", "B", "epoch", (Panel("loss", (_FIRST,)),))),
    "intervals": intervals.drawn(IntervalChart("rows", "Rows", "B", "difference", _ROWS, reference=0.0)),
}
_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><body style="margin:8px">CHARTS<script>
const box = each => { const its = each.getBoundingClientRect(); return [its.left, its.top, its.right, its.bottom] };
document.documentElement.dataset.seen = JSON.stringify({
  width: innerWidth, content: document.documentElement.scrollWidth,
  charts: [...document.querySelectorAll("svg")].map(svg => ({
    box: box(svg), ground: getComputedStyle(svg.querySelector(".ground")).fill,
    texts: [...svg.querySelectorAll("text")].map(each =>
      ({text: each.textContent, box: box(each), color: getComputedStyle(each).fill})),
    marks: [...svg.querySelectorAll(".mark, .ring")].map(box),
    lines: [...svg.querySelectorAll(".line:not(.faint)")].map(each => getComputedStyle(each).stroke),
  })),
});
</script>"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(_CHROMIUM is None, reason="not run: there is no chromium (Debian's package) on this machine"),
]

Box = list[float]


@pytest.mark.parametrize("width", [500, 800, 1400])  # a window of this browser is not narrower
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_touches_or_is_cut_and_all_can_be_read(scheme: str, width: int, tmp_path: Path) -> None:
    seen = measured("".join(CHARTS.values()), scheme, width, tmp_path)
    assert seen["content"] <= seen["width"] == width
    assert len(seen["charts"]) == len(CHARTS)
    for name, chart in zip(CHARTS, seen["charts"], strict=True):
        boxes = {each["text"]: each["box"] for each in chart["texts"]}
        assert [text for text, its in boxes.items() if not inside(its, chart["box"])] == [], name
        assert [its for its in chart["marks"] if not inside(its, chart["box"])] == [], name
        pairs = itertools.combinations(chart["texts"], 2)
        assert [(a["text"], b["text"]) for a, b in pairs if touch(a["box"], b["box"])] == [], name
        assert min(_contrast(each["color"], chart["ground"]) for each in chart["texts"]) >= 4.5, name
        assert min(_contrast(each, chart["ground"]) for each in chart["lines"]) >= 3, name
        assert (chart["ground"] == "rgb(13, 17, 23)") is (scheme == "dark")


def test_texts_that_touch_are_seen() -> None:
    assert touch([0, 0, 10, 10], [9, 9, 20, 20])
    assert not touch([0, 0, 10, 10], [10, 0, 20, 10])
    assert not inside([0, 0, 10, 11], [0, 0, 10, 10])


def touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def inside(one: Box, other: Box) -> bool:
    return one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2] and one[3] <= other[3]


def measured(charts: str, scheme: str, width: int, folder: Path) -> dict[str, Any]:
    file = folder / "charts.html"
    file.write_text(_PAGE.replace("CHARTS", charts), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/user", SCHEMES[scheme]]
    command = [str(_CHROMIUM), *options, f"--window-size={width},900", "--hide-scrollbars", "--dump-dom", file.as_uri()]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r'data-seen="([^"]*)"', dumped)
    assert found, dumped[-2000:]
    seen: dict[str, Any] = json.loads(html.unescape(found[1]))
    return seen
