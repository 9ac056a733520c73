"""docs/reference/dataset-rules.md: its table of rules is the catalogue."""

from typing import Final

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE
from tests.conftest import ROOT
from tests.docs.printed import assert_printed

PAGE: Final = ROOT / "docs" / "reference" / "dataset-rules.md"


def rules() -> str:
    rows = (f"| `{rule.id}` | {rule.level} | {rule.reason} | {rule.source} |\n" for rule in CATALOGUE.values())
    return "| rule | level | why | source |\n|---|---|---|---|\n" + "".join(rows)


def test_the_page_is_a_snapshot_of_the_catalogue() -> None:
    assert_printed(PAGE, "rules", rules())
