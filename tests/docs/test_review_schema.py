"""`docs/reference/review-schema.json` is made from the code, and closed. To renew it: make snapshots."""

import copy
import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from tests.conftest import ROOT
from tests.support.json_schema import problems
from tune.review.compare import Review, StackReview
from tune.review.document import document, schema
from tune.review.findings import CLASSES, MEANINGS, ReviewFinding, in_order
from tune.spending.cost import Cost
from tune.spending.prices import Prices

FILE: Final = ROOT / "docs" / "reference" / "review-schema.json"
COSTS: Final = (
    Cost("hourly", "model units", 2, "model-units", ("a.model", "no_commitment")),
    Cost("once", "tokens", 1000, "training-tokens", ("a.model",)),
    Cost("use", "tokens of each invocation"),
)
REVIEW: Final = Review(
    tuple(
        in_order(
            ReviewFinding(finding_class=each, says=f"it {each}", environment="dev", stack="a-Serving", costs=COSTS)
            for each in CLASSES
        )
    ),
    (StackReview("dev", "a-Serving", "changed", (("updated", "It", "AWS::IAM::Role"),)),),
    unchanged=2,
)
PRICES: Final = Prices(
    currency="EUR", date=dt.date(2026, 11, 2), source="ours", model_unit_hour={"a.model": {"no_commitment": Decimal(3)}}
)


def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


def test_the_file_is_a_snapshot_of_the_code() -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FILE.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    assert published() == schema()


def test_documents_with_and_without_prices_and_findings_are_of_it() -> None:
    documents = [
        document(REVIEW, "main", "head"),
        document(REVIEW, "main", "head", PRICES),
        document(Review((), (), unchanged=0), "main", "head"),
    ]
    assert [its["money"] is None for its in documents[1]["environments"][0]["findings"][0]["costs"]] == [
        False,
        True,
        True,
    ]
    assert problems(published(), documents) == [[], [], []]


def test_no_object_may_have_a_key_more_or_less() -> None:
    whole = document(replace(REVIEW, findings=REVIEW.findings[:1]), "main", "head", PRICES)
    changed = []
    for number, its in enumerate(objects(whole)):
        keys = [] if set(its) == set(CLASSES) else [*its]  # counts: a class that is missing has none
        for key in (None, *keys):
            other = copy.deepcopy(whole)
            there = list(objects(other))[number]
            if key is None:
                there["strange"] = 1
            else:
                del there[key]
            changed.append(other)
    assert len(changed) > 50
    assert [] not in problems(published(), changed)


def test_the_page_says_what_each_class_means() -> None:
    page = (ROOT / "docs" / "how-to" / "review.md").read_text(encoding="utf-8")
    assert [f"| `{each}` | {MEANINGS[each]} |" in page for each in CLASSES] == [True] * len(CLASSES)
