"""docs/reference/dataset-rules.md: its table of rules is the catalogue."""

import os
import re
from typing import Final

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE
from tests.conftest import ROOT

PAGE: Final = ROOT / "docs" / "reference" / "dataset-rules.md"
PART: Final = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- end -->)", re.DOTALL)


def rules() -> str:
    rows = (f"| `{rule.id}` | {rule.level} | {rule.reason} | {rule.source} |\n" for rule in CATALOGUE.values())
    return "| rule | level | why | source |\n|---|---|---|---|\n" + "".join(rows)


def test_the_page_is_a_snapshot_of_the_catalogue() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_SNAPSHOTS"):
        page = PART.sub(lambda _: rules(), page, count=1)
        PAGE.write_text(page, encoding="utf-8")
    found = PART.search(page)
    assert found is not None
    assert found[0] == rules()
