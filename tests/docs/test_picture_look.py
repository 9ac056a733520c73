"""What a browser shows of charts, at three widths, light, dark and on paper: nothing touches or is cut, all is read."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from tests.docs.browser import MEDIA, NOT_RUN, SHEET, Browser, Medium, opened
from tests.docs.faults import MEASURED, faults
from tests.unit.tune.metrics.losses import PUBLISHED, training
from tune.metrics import picture
from tune.pictures import intervals
from tune.pictures.intervals import IntervalChart, IntervalRow
from tune.pictures.lines import MOST_LINES, ChartLine, LineChart, Panel, drawn

pytestmark = [pytest.mark.slow, NOT_RUN]

_ALONE: Final = picture.chart(training(PUBLISHED, [round(2.0 - number / 8, 2) for number in range(7)]))
_TOGETHER: Final = picture.side_by_side(
    [training([each + number / 500 for each in PUBLISHED], id=f"4ffdfb6d1c2{number}-1") for number in range(MOST_LINES)]
)
_LAST: Final = ChartLine("w" * 40, ((0.5, 3e9), (100.0, 1.0)), lowest=1, lowest_name="lowest: epoch 100 (1.000)")
_FIRST: Final = ChartLine(
    "validation", ((1.0, 0.0002), (2.0, 0.0004)), lowest=0, lowest_name="lowest: epoch 1 (0.0002)"
)
_STEPS: Final = tuple((number / 10, 2.0 - number / 10) for number in range(1, 11))
_ONE: Final = ChartLine("training", ((1.0, 1.4),), behind=_STEPS)
_ROWS: Final = (
    IntervalRow("base", -0.05, 0.1, 0.2, "0.100 [-0.050, 0.200]"),
    IntervalRow("m" * 40, 0.68, 0.71, 0.75, "0.710 [0.680, 0.750]"),
)
CHARTS: Final = {
    "alone": drawn(_ALONE) if _ALONE else "",
    "together": drawn(replace(_TOGETHER, name="together")) if _TOGETHER else "",
    "long": drawn(LineChart("long", "Long", "B", "epoch", (Panel("loss", (_LAST,)),))),
    "short": drawn(LineChart("short", "Short", "B", "epoch", (Panel("loss", (_FIRST,)),))),
    "one": drawn(LineChart("one", "One", "B", "epoch", (Panel("loss", (_ONE,), note="the thin line is each step"),))),
    "intervals": intervals.drawn(IntervalChart("rows", "Rows", "B", "difference", _ROWS, reference=0.0)),
}
PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Charts</title>'
    '<style>:root{color-scheme:light dark}@media print{:root{color-scheme:light}}</style><body style="margin:8px">'
)
_FIGURE: Final = 'viewBox="0 0 100 50" width="100" height="50" fill="CanvasText"'
_NAMED: Final = f'<svg role="img" aria-labelledby="a b" {_FIGURE}><title id="a">A</title><desc id="b">B</desc>'
# A page with one defect each, and the kind of fault that must be found there, and no other one.
DEFECTS: Final = {
    "two texts on each other": ('<p style="margin:0">over</p><p style="margin:-12px 0 0">under</p>', "touch"),
    "texts of a picture on each other": (
        f'{_NAMED}<text x="4" y="20" font-size="12">one</text><text x="9" y="24" font-size="12">two</text></svg>',
        "touch",
    ),
    "a text on a mark": (
        f'{_NAMED}<circle class="mark" cx="20" cy="20" r="8"/><text x="24" y="22" font-size="12">x</text></svg>',
        "touch",
    ),
    "a text that leaves its picture": (f'{_NAMED}<text x="80" y="20" font-size="12">outside</text></svg>', "outside"),
    "a shape that leaves its picture": (f'{_NAMED}<rect x="90" y="2" width="30" height="9"/></svg>', "outside"),
    "a page that is too wide": ('<div style="width:3000px">wide</div>', "too wide"),
    "words that are cut": ('<div style="width:40px;overflow:hidden;white-space:nowrap">cut off here</div>', "cut"),
    "pale text": ('<p style="color:#888;background:#777">pale</p>', "contrast"),
    "text that shines through": ('<p style="opacity:.3">pale</p>', "contrast"),
    "a pale shape": (f'{_NAMED}<rect x="2" y="2" width="9" height="9" fill="#888" opacity=".2"/></svg>', "contrast"),
    "tiny text": ('<p style="font-size:7px">tiny</p>', "small"),
    "a picture without words": (f'<svg role="img" {_FIGURE}></svg>', "words"),
    "an image that is not there": ('<img alt="a" src="none.png">', "missing"),
    "an image without words": (
        '<img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAAAAACwAAAAAAQABAAACAkQBADs=">',
        "words",
    ),
    "two things with one id": ('<p id="a">a</p><p id="a">b</p>', "same id"),
    "a heading that is left out": ("<h1>a</h1><h3>b</h3>", "heading"),
    "a second title": ("<h1>a</h1><h1>b</h1>", "heading"),
    "a table without heads": ("<table><caption>a</caption><tr><td>b</table>", "table"),
    "a table without a name": ('<table><tr><th scope="col">b</table>', "table"),
    "a head of neither rows nor columns": ("<table><caption>a</caption><tr><th>b</table>", "table"),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("browser")) as its:
        yield its


@pytest.mark.parametrize("width", [400, SHEET, 1400])
@pytest.mark.parametrize("medium", MEDIA)
def test_nothing_touches_or_is_cut_and_all_can_be_read(
    medium: Medium, width: int, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "charts.html"
    file.write_text(PAGE + "".join(CHARTS.values()), encoding="utf-8")
    seen = browser.look(file, MEASURED, width=width, medium=medium)
    assert (seen["width"], len(seen["pictures"])) == (width, len(CHARTS))
    assert len(seen["texts"]) > 60
    assert len(seen["shapes"]) > 60
    assert faults(seen, medium) == []


@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize(("body", "kind"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_found(body: str, kind: str, medium: Medium, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "defect.html"
    file.write_text(PAGE + body, encoding="utf-8")
    found = faults(browser.look(file, MEASURED, medium=medium), medium)
    assert {each.partition(":")[0] for each in found} == {kind}, found


def test_what_ignores_the_scheme_is_found(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "defect.html"
    file.write_text(f'{PAGE}<p style="background:white;color:black">white</p>', encoding="utf-8")
    (found,) = faults(browser.look(file, MEASURED, medium="dark"), "dark")
    assert found.startswith("light in the dark")
    dark = 'style="background:black;color:white;print-color-adjust:exact"'
    file.write_text(f"{PAGE}<p {dark}>black</p>", encoding="utf-8")
    (found,) = faults(browser.look(file, MEASURED, medium="paper"), "paper")
    assert found.startswith("dark paper")


def test_charts_are_printed_whole(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "charts.html"
    file.write_text(PAGE + "".join(CHARTS.values()), encoding="utf-8")
    browser.look(file, "1")
    assert browser.printed().count(b"/Type /Page\n") == 3
