"""What a browser shows of reports, at three widths, light, dark and on paper, and that they need nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.browser import NOT_RUN, SHEET, Browser, Medium, opened
from tests.docs.faults import MEASURED, faults
from tests.unit.tune.report.reported import RATES, WANTED, Reported

pytestmark = [pytest.mark.slow, NOT_RUN]

# Two models beside the tuned one and groups; few records; a tuned model that is far behind, and accepted all the same.
WORLDS: Final[dict[str, dict[str, Any]]] = {
    "grouped": {"grouped": True},
    "few": {"records": 12},
    "behind": {"rates": {**RATES, "tuned": 0.1}, "wanted": WANTED.but(accepted=True, accepted_until="2999-12-31")},
}
LOOKS: Final = [("paper", SHEET), *((scheme, width) for scheme in ("light", "dark") for width in (400, 800, 1400))]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("browser")) as its:
        yield its


@pytest.fixture(scope="module", params=WORLDS)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        Reported(folder, patch, **WORLDS[request.param]).page()
        yield folder / "report.html"


@pytest.mark.parametrize(("medium", "width"), LOOKS)
def test_nothing_touches_or_is_cut_and_all_can_be_read(
    medium: Medium, width: int, browser: Browser, report: Path
) -> None:
    seen = browser.look(report, MEASURED, width=width, medium=medium)
    assert len(seen["pictures"]) >= 4
    assert len(seen["tables"]) >= 4
    assert (seen["scripts"], seen["loaded"]) == (0, [])
    assert faults(seen, medium) == []


def test_a_report_is_printed_on_few_sheets(browser: Browser, report: Path) -> None:
    browser.look(report, "1")
    assert 2 <= browser.printed().count(b"/Type /Page\n") <= 12
