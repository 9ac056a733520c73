"""`docs/explanation/lifecycle.md` prints the very rows that run. Renewed by make snapshots."""

from collections.abc import Sequence
from typing import Any

import pytest

from bedrock_lifecycle.decisions import (
    custom_model_deployment,
    evaluation,
    evaluation_await,
    model_customization,
    promoted_model,
    provisioned_throughput,
    quality_gate,
    serving_bake,
    training_await,
)
from bedrock_lifecycle.decisions.table import DecisionRow
from tests.conftest import ROOT
from tests.docs.printed import assert_printed

PAGE = ROOT / "docs" / "explanation" / "lifecycle.md"
TABLES: dict[str, Sequence[DecisionRow[Any, Any]]] = {
    "model customization": model_customization.ROWS,
    "training await": training_await.ROWS,
    "promoted model": promoted_model.ROWS,
    "serving bake": serving_bake.ROWS,
    "evaluation": evaluation.ROWS,
    "evaluation await": evaluation_await.ROWS,
    "quality gate": quality_gate.ROWS,
    "provisioned throughput that shall exist": provisioned_throughput.PRESENCE,
    "provisioned throughput that shall not exist": provisioned_throughput.ABSENCE,
    "custom model deployment that shall exist": custom_model_deployment.PRESENCE,
    "custom model deployment that shall not exist": custom_model_deployment.ABSENCE,
}


def printed(rows: Sequence[DecisionRow[Any, Any]]) -> str:
    head = "| event | what exists | what is done | who pays |\n|---|---|---|---|\n"
    cells = ([row.event, row.state, row.does, row.pays] for row in rows)
    return head + "".join(f"| {' | '.join(text.replace('|', '/') for text in row)} |\n" for row in cells)


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_the_rows_that_run(name: str) -> None:
    assert_printed(PAGE, f"rows: {name}", printed(TABLES[name]))
