"""Where the command line finds evaluations is where the functions of a Foundation as it is deployed find them."""

from pathlib import Path
from typing import Any

from tests.synth.evaluation.evaluated import templates
from tests.unit.settings.settings_files import ABSENT
from tune.evaluation.place import place_of


def test_workflow_table_and_bucket_are_found_in_the_template_of_foundation(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    resources = templates(tmp_path, context)["Foundation"]["Resources"]
    found = place_of({"Resources": resources}, {logical_id: logical_id for logical_id in resources})
    assert found is not None
    kinds = [resources[each]["Type"] for each in (found.workflow, found.table, found.bucket)]
    assert kinds == ["AWS::StepFunctions::StateMachine", "AWS::DynamoDB::Table", "AWS::S3::Bucket"]
    # The lifecycle has a workflow too.
    assert "Distributed" in str(resources[found.workflow]) or "DISTRIBUTED" in str(resources[found.workflow])
    assert "evaluation/confidential/" in str(resources[found.bucket])


def test_a_bucket_that_is_given_is_found_by_its_name(tmp_path: Path, context: dict[str, Any]) -> None:
    resources = templates(tmp_path, context, ("organization", {"bucket": "given"}))["Foundation"]["Resources"]
    found = place_of({"Resources": resources}, {logical_id: logical_id for logical_id in resources})
    assert found is not None
    assert found.bucket == "given"


def test_where_nothing_can_be_evaluated_there_is_nothing(tmp_path: Path, context: dict[str, Any]) -> None:
    found = templates(tmp_path, context, ("evaluation", ABSENT), ("allow", {}))["Foundation"]
    assert place_of(found, {}) is None
