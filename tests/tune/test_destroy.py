"""What `tune destroy` destroys, in which order, and what it says is left."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle import contract
from sandbox.server import ACCOUNT, REGION
from tests.support.messages import says
from tests.tune.aws_stand_in import Bedrock, Cli, CloudFormation, Lines, owner_tags, target
from tune.destroy import Destruction, Left, report
from tune.environments import Target
from tune.inventory import Store, kept, store_of
from tune.items import Item

ALL = {"local-Foundation": "CREATE_COMPLETE", "local-Training": "CREATE_COMPLETE", "local-Serving": "UPDATE_COMPLETE"}
CREATED = datetime(2026, 11, 24, 8, tzinfo=UTC)
THROUGHPUT = {
    "provisionedModelArn": "pt",
    "provisionedModelName": "docstrings-local-1",
    "modelUnits": 2,
    "modelArn": "m",
    "status": "InService",
    "creationTime": CREATED,
}


def unserved(served: Target) -> Target:
    return dataclasses.replace(served, settings=served.settings.model_copy(update={"serving": None}))


def untrained(trained: Target) -> Target:
    return dataclasses.replace(trained, settings=trained.settings.model_copy(update={"training": None, "data": None}))


def resource(kind: str) -> dict[str, str]:
    return {"LogicalResourceId": "Any", "ResourceType": kind, "PhysicalResourceId": "any", "ResourceStatus": "any"}


class Scene:
    """One environment, and the destroy of it."""

    def __init__(
        self,
        statuses: dict[str, str] = ALL,
        bedrock: Bedrock | None = None,
        of: Target | None = None,
        code: int = 0,
    ) -> None:
        self.cloudformation = CloudFormation(dict(statuses))
        self.bedrock = bedrock or Bedrock({})
        self.cli = Cli(self.cloudformation, code)
        self.screen = Lines()
        cli: Any = self.cli
        self.destruction = Destruction(of or target(), self.client, cli, self.screen, sleep=lambda _: None)

    def client(self, service: str) -> Any:
        return {"cloudformation": self.cloudformation, "bedrock": self.bedrock}[service]

    @property
    def destroyed(self) -> list[list[str]]:
        return [[argument for argument in run if "/" in argument and "=" not in argument] for run in self.cli.runs]


def test_leaves_foundation_unless_asked_for_it() -> None:
    scene = Scene()
    assert scene.destruction.run("default") == 0
    assert scene.destroyed == [["local/Serving", "local/Training"]]
    assert scene.cloudformation.calls == []


def test_destroys_only_what_bills_by_the_hour() -> None:
    scene = Scene()
    assert scene.destruction.run("serving") == 0
    assert scene.destroyed == [["local/Serving"]]


def test_lifts_the_protection_of_foundation_after_the_rest_is_gone() -> None:
    scene = Scene()
    assert scene.destruction.run("all") == 0
    assert scene.destroyed == [["local/Serving", "local/Training"], ["local/Foundation"]]
    assert scene.cloudformation.calls == ["unprotect local-Foundation"]


def test_keeps_foundation_as_long_as_a_throughput_bills() -> None:
    scene = Scene(bedrock=Bedrock({"pt": owner_tags()}, provisionedModelSummaries=[THROUGHPUT]))
    assert scene.destruction.run("all") == 1
    assert scene.destroyed == [["local/Serving", "local/Training"]]
    assert scene.cloudformation.calls == []


def test_keeps_foundation_as_long_as_a_deployment_serves_and_says_what_removes_it() -> None:
    deployment = {
        "customModelDeploymentArn": "d",
        "customModelDeploymentName": "docstrings-local-1",
        "status": "Active",
        "createdAt": datetime(2026, 1, 1, tzinfo=UTC),
        "modelArn": "m",
    }
    scene = Scene(bedrock=Bedrock({"d": owner_tags()}, modelDeploymentSummaries=[deployment]))
    assert scene.destruction.run("all") == 1
    assert scene.destroyed == [["local/Serving", "local/Training"]]
    text = "\n".join(report(scene.destruction.left("default", Store()), "local"))
    assert says(text, "Nothing", "local", "hour")
    assert "Still deployed:" in text
    assert (
        "aws bedrock delete-custom-model-deployment --custom-model-deployment-identifier docstrings-local-1 "
        "--region us-west-2"
    ) in text


def test_keeps_foundation_as_long_as_another_environment_is_given_the_key_that_goes_with_it(tmp_path: Path) -> None:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key-2"
    for name, key in (("local", arn), ("staging", arn), ("prod", arn.replace("key-2", "key-3"))):
        text = f'[organization]\noperations_key_arn = "{key}"\n'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    scene = Scene(of=dataclasses.replace(target(), folder=tmp_path))
    made = {**resource("AWS::KMS::Key"), "LogicalResourceId": "OperationsKey1", "PhysicalResourceId": "key-2"}
    scene.cloudformation.resources = [made]
    assert scene.destruction.run("all") == 1
    # What bills has gone all the same.
    assert scene.destroyed == [["local/Serving", "local/Training"]]
    [said] = [line for line in scene.screen.said if "staging.toml" in line]
    assert arn in said
    assert "operations_key_arn" in said


def test_a_failed_destroy_ends_it_with_the_exit_code_of_the_cli() -> None:
    scene = Scene(code=3)
    assert scene.destruction.run("all") == 3
    assert len(scene.cli.runs) == 1


def test_deletes_a_serving_stack_that_the_settings_no_longer_have() -> None:
    scene = Scene(of=unserved(target()))
    scene.cloudformation.resources = [resource(contract.PROVISIONED_THROUGHPUT)]
    assert scene.destruction.run("default") == 0
    assert scene.cloudformation.calls == ["delete local-Serving"]
    assert scene.destroyed == [["local/Training"]]


def test_deletes_a_training_stack_that_the_settings_no_longer_have_after_what_serves() -> None:
    scene = Scene(of=untrained(target()))
    scene.cloudformation.resources = [resource(contract.MODEL_CUSTOMIZATION)]
    assert scene.destruction.run("default") == 0
    assert scene.destroyed == [["local/Serving"]]
    assert scene.cloudformation.calls == ["delete local-Training"]


def test_leaves_another_app_s_stack_of_that_name_alone() -> None:
    scene = Scene(of=unserved(target()))
    scene.cloudformation.resources = [resource("AWS::ECS::Service")]
    assert scene.destruction.run("default") == 0
    assert scene.cloudformation.calls == []
    assert says(str(scene.screen.said), "local-Serving")
    assert scene.destroyed == [["local/Training"]]


def test_leaves_a_training_stack_that_the_settings_no_longer_have_when_only_serving_is_to_go() -> None:
    scene = Scene(of=untrained(target()))
    assert scene.destruction.run("serving") == 0
    assert scene.cloudformation.calls == []


def test_has_nothing_to_do_where_nothing_is() -> None:
    scene = Scene({})
    assert scene.destruction.run("all") == 0
    assert scene.cli.runs == []


def test_counts_only_throughputs_of_this_environment_that_this_project_made() -> None:
    summaries: list[dict[str, Any]] = [
        {**THROUGHPUT, "provisionedModelArn": arn} for arn in ("ours", "of-prod", "foreign", "vanished")
    ]
    tags = {"ours": owner_tags(), "of-prod": owner_tags("prod"), "foreign": [{"key": "Team", "value": "x"}]}
    scene = Scene(bedrock=Bedrock(tags, provisionedModelSummaries=summaries))
    [item] = scene.destruction.left("default", Store()).billing
    assert item.name == "docstrings-local-1"
    assert item.command == (
        "aws bedrock delete-provisioned-model-throughput --provisioned-model-id docstrings-local-1 --region us-west-2"
    )


def test_says_until_when_a_commitment_runs() -> None:
    committed = {**THROUGHPUT, "commitmentExpirationTime": datetime(2026, 12, 24, 8, tzinfo=UTC)}
    scene = Scene(bedrock=Bedrock({"pt": owner_tags()}, provisionedModelSummaries=[committed]))
    text = "\n".join(report(scene.destruction.left("default", Store()), "local"))
    assert not says(text, "Nothing")
    assert says(text, "2 model units", "hour", "committed", "2026-12-24 08:00 UTC")


def test_tells_of_a_training_that_goes_on_without_its_stack() -> None:
    job = {
        "jobArn": "job",
        "jobName": "docstrings-local-abc-1",
        "status": "InProgress",
        "creationTime": CREATED,
    }
    scene = Scene(bedrock=Bedrock({"job": owner_tags()}, modelCustomizationJobSummaries=[job]))
    text = "\n".join(report(scene.destruction.left("default", Store()), "local"))
    assert says(text, "Nothing", "local", "hour")
    assert says(text, "aws bedrock stop-model-customization-job --job-identifier docstrings-local-abc-1")


def test_lists_what_is_kept_with_the_command_that_removes_it() -> None:
    resources = [
        ("DataStoreAccessLogs1", "AWS::S3::Bucket", "logs"),
        ("DataStoreBucket2", "AWS::S3::Bucket", "data"),
        ("DataStoreKey3", "AWS::KMS::Key", "key-1"),
        ("OperationsKey4", "AWS::KMS::Key", "goes-with-the-stack"),
        ("Role5", "AWS::IAM::Role", "role"),
        ("DataStoreGone", "AWS::S3::Bucket", "gone"),
    ]
    model = {"modelArn": "m", "modelName": "docstrings-1", "creationTime": CREATED}
    scene = Scene({}, Bedrock({"m": owner_tags()}, modelSummaries=[model]))
    scene.cloudformation.resources = [
        {
            "LogicalResourceId": logical,
            "ResourceType": kind,
            "PhysicalResourceId": physical,
            "ResourceStatus": "DELETE_COMPLETE" if logical == "DataStoreGone" else "DELETE_SKIPPED",
        }
        for logical, kind, physical in resources
    ]
    store = store_of(scene.client, target())
    assert store == Store(buckets=("data", "logs"), keys=("key-1",))
    items = kept(scene.client, target(), store)
    assert [(item.what, item.name) for item in items] == [
        ("Custom model", "docstrings-1"),
        ("Bucket", "data"),
        ("Bucket", "logs"),
        ("Key", "key-1"),
    ]
    assert "object_versions.delete()" in items[1].command
    assert items[3].command.startswith("aws kms schedule-key-deletion --key-id key-1")


def test_points_to_foundation_while_it_stands() -> None:
    scene = Scene({"local-Foundation": "CREATE_COMPLETE"})
    text = "\n".join(report(scene.destruction.left("default", Store(("b",), ("k",))), "local"))
    assert says(text, "python -m tune destroy local --all")
    assert "Bucket b" not in text
    assert "tune purge" not in text


def test_points_to_purge_once_foundation_is_gone() -> None:
    lines = report(Scene({}).destruction.left("all", Store(("b",), ("k",))), "local", " --environments mine")
    assert says(lines[-1], "python -m tune purge local --environments mine")


@pytest.mark.parametrize("left", [Left([], [], [], []), Left([], [], [], [Item("Key", "k", "", "")])])
def test_says_that_nothing_bills_only_when_nothing_does(left: Left) -> None:
    assert says(report(left, "dev")[0], "Nothing", "dev", "hour")
