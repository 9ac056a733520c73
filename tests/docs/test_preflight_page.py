"""`docs/reference/preflight.md` prints the very checks that run. Renewed by make snapshots."""

from collections.abc import Sequence
from typing import Any

import pytest

from bedrock_lifecycle.preflight import tables
from bedrock_lifecycle.preflight.checks import data, quotas
from bedrock_lifecycle.preflight.facts import KeyFacts, Known
from bedrock_lifecycle.preflight.report import Check, CheckResult, PreflightReport
from tests.conftest import ROOT
from tests.docs.fences import fence
from tests.docs.printed import assert_printed
from tests.unit.preflight import facts
from tune.preflight import promoted

PAGE = ROOT / "docs" / "reference" / "preflight.md"
TABLES: dict[str, Sequence[Check[Any]]] = {
    "training": tables.TRAINING,
    "purchase": tables.PURCHASE,
    "promoted": promoted.CHECKS,
    "promotion": tables.PROMOTION,
    "deployment": tables.DEPLOYMENT,
    "evaluation": tables.EVALUATION,
}


def printed(checks: Sequence[Check[Any]]) -> str:
    head = "| check | it fails when | read with |\n|---|---|---|\n"
    rows = ((each.title, each.fails, ", ".join(f"`{action}`" for action in each.actions)) for each in checks)
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_the_checks_that_run(name: str) -> None:
    assert_printed(PAGE, f"checks: {name}", printed(TABLES[name]))


def test_the_page_shows_two_problems_as_they_are_printed() -> None:
    quota = facts.quota(0, code="L-AC096F71", name="Model units per provisioned model for Amazon Nova Micro 128k")
    found = (
        quotas.units_of_one(facts.units(of_one=quota)),
        data.key("arn:aws:kms:…", Known(KeyFacts("Disabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"))),
    )
    printed = PreflightReport(tuple(CheckResult("any", "any", each) for each in found)).refusal()
    assert fence("docs/reference/preflight.md", "Preflight").text.split() == printed.split()
