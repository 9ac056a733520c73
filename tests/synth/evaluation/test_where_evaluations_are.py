"""Where the command line finds evaluations is where the functions of a Foundation as it is deployed find them."""

from pathlib import Path
from typing import Any

from tests.synth.evaluation.evaluated import templates
from tests.unit.settings.settings_files import ABSENT
from tune.account.candidates import workflow_of
from tune.account.evaluation_place import told_in


class Listing:
    """CloudFormation that lists the resources of a template, each under its logical ID."""

    def __init__(self, resources: dict[str, Any]) -> None:
        self._resources = resources

    def __call__(self, _service: str) -> Any:
        return self

    def get_paginator(self, _operation: str) -> Any:
        return self

    def paginate(self, **_asked: str) -> Any:
        its = [
            {"LogicalResourceId": name, "PhysicalResourceId": name, "ResourceType": each["Type"]}
            for name, each in self._resources.items()
        ]
        return [{"StackResourceSummaries": its}]


def test_workflow_table_and_bucket_are_found_in_the_template_of_foundation(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    resources = templates(tmp_path, context)["Foundation"]["Resources"]
    found = told_in({"Resources": resources}, {logical_id: logical_id for logical_id in resources})
    assert found is not None
    assert [resources[each]["Type"] for each in (found.table, found.bucket)] == [
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
    ]
    assert "evaluation/confidential/" in str(resources[found.bucket])
    workflow = workflow_of(Listing(resources), "any")
    # The lifecycle has a workflow too.
    assert "DISTRIBUTED" in str(resources[workflow])


def test_a_bucket_that_is_given_is_found_by_its_name(tmp_path: Path, context: dict[str, Any]) -> None:
    resources = templates(tmp_path, context, ("organization", {"bucket": "given"}))["Foundation"]["Resources"]
    found = told_in({"Resources": resources}, {logical_id: logical_id for logical_id in resources})
    assert found is not None
    assert found.bucket == "given"


def test_where_nothing_can_be_evaluated_there_is_nothing(tmp_path: Path, context: dict[str, Any]) -> None:
    found = templates(tmp_path, context, ("evaluation", ABSENT), ("allow", {}))["Foundation"]
    assert told_in(found, {}) is None
    assert workflow_of(Listing(found["Resources"]), "any") is None
