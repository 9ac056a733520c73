"""What `tune destroy` destroys, in which order, and what it says is left."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from sandbox.server import ACCOUNT, REGION
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import (
    ANCHOR,
    FOUNDATION,
    SERVING,
    THEIRS,
    TRAINING,
    Bedrock,
    CloudFormation,
    Lines,
    NoStores,
    owner_tags,
)
from tests.unit.tune.leftovers import ANCHOR as PROD
from tests.unit.tune.leftovers import Leftovers
from tune.account.inventory import FoundationStore, kept, store_of
from tune.account.items import InventoryItem
from tune.deployment.destroy import Teardown
from tune.deployment.destroy_text import Extent, Left, announced, report
from tune.terminal.environments import EnvironmentRef

ALL = {FOUNDATION: "CREATE_COMPLETE", TRAINING: "CREATE_COMPLETE", SERVING: "UPDATE_COMPLETE"}
CREATED = datetime(2026, 11, 24, 8, tzinfo=UTC)
THROUGHPUT = {
    "provisionedModelArn": "pt",
    "provisionedModelName": "docstrings-local-1",
    "modelUnits": 2,
    "modelArn": "m",
    "status": "InService",
    "creationTime": CREATED,
}


DEPLOYMENT = {
    "customModelDeploymentArn": "d",
    "customModelDeploymentName": "docstrings-local-1",
    "status": "Active",
    "createdAt": datetime(2026, 1, 1, tzinfo=UTC),
    "modelArn": "m",
}
JOB = {"jobArn": "job", "jobName": "docstrings-local-abc-1", "status": "InProgress", "creationTime": CREATED}


class Scene:
    """One environment, and the destroy of it. Each sleep runs one of `meanwhile`."""

    def __init__(
        self,
        statuses: Mapping[str, str] = ALL,
        bedrock: Bedrock | None = None,
        meanwhile: Iterable[Callable[["Scene"], None]] = (),
        of: EnvironmentRef = ANCHOR,
    ) -> None:
        self.cloudformation = CloudFormation(dict(statuses))
        self.bedrock = bedrock or Bedrock({})
        self.screen = Lines()
        self._meanwhile = iter(meanwhile)
        self.destruction = Teardown(of, self.client, self.screen, sleep=self.sleep)

    def client(self, service: str) -> Any:
        stores = NoStores()
        return {"cloudformation": self.cloudformation, "bedrock": self.bedrock, "s3": stores, "kms": stores}[service]

    def sleep(self, _: float) -> None:
        next(self._meanwhile)(self)

    @property
    def deleted(self) -> list[str]:
        return [call.removeprefix("delete ") for call in self.cloudformation.calls if call.startswith("delete")]

    @property
    def said(self) -> str:
        return "\n".join(self.screen.said)


def becomes(stack: str, status: str | None) -> Callable[[Scene], None]:
    """Let CloudFormation go on with a stack."""

    def go_on(scene: Scene) -> None:
        scene.cloudformation.statuses.pop(stack, None)
        if status:
            scene.cloudformation.statuses[stack] = status

    return go_on


@pytest.mark.parametrize(
    ("extent", "deleted"),
    [
        ("serving", [SERVING]),
        ("default", [SERVING, TRAINING]),
        ("all", [SERVING, TRAINING, FOUNDATION]),
    ],
)
def test_deletes_what_serves_first_and_leaves_foundation_unless_asked_for_it(
    extent: Extent, deleted: list[str]
) -> None:
    scene = Scene()
    assert [state.name for state in scene.destruction.going(extent)] == deleted
    assert scene.destruction.run(extent) == 0
    assert scene.deleted == deleted


def test_lifts_the_protection_of_foundation_after_the_rest_is_gone() -> None:
    scene = Scene()
    assert scene.destruction.run("all") == 0
    assert scene.cloudformation.calls[-2:] == [f"unprotect {FOUNDATION}", f"delete {FOUNDATION}"]


def test_a_protection_that_somebody_gave_another_stack_is_left_and_told() -> None:
    scene = Scene()
    scene.cloudformation.protected.add(SERVING)
    assert scene.destruction.run("all") == 1
    assert scene.cloudformation.calls == []
    assert says(scene.said, SERVING, "TerminationProtection")


@pytest.mark.parametrize(
    "bedrock",
    [
        Bedrock({"pt": owner_tags()}, provisionedModelSummaries=[THROUGHPUT]),
        Bedrock({"d": owner_tags()}, modelDeploymentSummaries=[DEPLOYMENT]),
    ],
)
def test_keeps_foundation_as_long_as_something_serves(bedrock: Bedrock) -> None:
    scene = Scene(bedrock=bedrock)
    assert scene.destruction.run("all") == 1
    assert scene.deleted == [SERVING, TRAINING]
    assert scene.cloudformation.protected == {FOUNDATION}
    assert says(scene.said, "Foundation", "docstrings-local-1")


FOUNDATION_OF = "arn:aws:cloudformation:us-west-2:000000000000:stack/{}-local-Foundation"


@pytest.mark.parametrize(
    ("tags", "is_ours"),
    [
        (owner_tags(), True),
        (owner_tags(app=THEIRS), False),
        (owner_tags("dev"), False),
        # What an older template made: the Foundation's name proves it.
        ([*owner_tags()[1:], {"key": contract.TAG_FOUNDATION, "value": FOUNDATION_OF.format("bedrock-tuning")}], True),
        ([*owner_tags()[1:], {"key": contract.TAG_FOUNDATION, "value": FOUNDATION_OF.format("theirs")}], False),
        (owner_tags()[1:], False),
    ],
)
def test_what_serves_is_ours_where_app_and_environment_agree(tags: list[dict[str, str]], is_ours: bool) -> None:
    lists: dict[str, Any] = {"provisionedModelSummaries": [THROUGHPUT], "modelDeploymentSummaries": [DEPLOYMENT]}
    scene = Scene(bedrock=Bedrock({"pt": tags, "d": tags}, **lists))
    assert bool(scene.destruction.serving_and_training()) is is_ours
    # Another team's keeps nobody's Foundation.
    assert scene.destruction.run("all") == int(is_ours)
    left = scene.destruction.left("all", FoundationStore())
    assert bool(left.billing or left.deployed) is is_ours


def test_keeps_foundation_as_long_as_another_environment_is_given_the_key_that_goes_with_it(tmp_path: Path) -> None:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key-2"
    for name, key in (("local", arn), ("staging", arn), ("prod", arn.replace("key-2", "key-3"))):
        settings_folder(tmp_path, name, f'[organization]\noperations_key_arn = "{key}"\n')
    scene = Scene(of=dataclasses.replace(ANCHOR, folder=tmp_path))
    made = {"LogicalResourceId": "OperationsKey1", "ResourceType": "AWS::KMS::Key", "PhysicalResourceId": "key-2"}
    scene.cloudformation.resources = [{**made, "ResourceStatus": "CREATE_COMPLETE"}]
    assert scene.destruction.run("all") == 1
    # What bills has gone all the same.
    assert scene.deleted == [SERVING, TRAINING]
    assert says(scene.said, "staging/environment.toml", arn, "operations_key_arn")


def test_a_deployment_that_is_left_is_told_with_the_command_that_removes_it() -> None:
    scene = Scene(bedrock=Bedrock({"d": owner_tags()}, modelDeploymentSummaries=[DEPLOYMENT]))
    text = "\n".join(report(scene.destruction.left("default", FoundationStore()), ANCHOR))
    assert says(text, "Nothing", "local", "hour")
    assert "Still deployed:" in text
    assert (
        "aws bedrock delete-custom-model-deployment --custom-model-deployment-identifier docstrings-local-1 "
        "--region us-west-2"
    ) in text


def test_a_failed_delete_ends_it_with_the_reason() -> None:
    scene = Scene()
    scene.cloudformation.undeletable[SERVING] = "inside its commitment until 2026-12-24"
    assert scene.destruction.run("all") == 1
    assert scene.deleted == [SERVING]
    assert says(scene.said, SERVING, "DELETE_FAILED")
    assert says(scene.said, "inside its commitment until 2026-12-24")


def test_a_delete_that_failed_before_is_not_taken_for_the_one_that_has_just_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene({SERVING: "DELETE_FAILED"}, meanwhile=[becomes(SERVING, None)])
    monkeypatch.setattr(scene.cloudformation, "delete_stack", lambda **_: None)
    assert scene.destruction.run("serving") == 0


def test_leaves_another_app_s_stack_of_that_name_alone() -> None:
    scene = Scene()
    scene.cloudformation.apps = {SERVING: THEIRS, FOUNDATION: None}
    assert scene.destruction.run("all") == 0
    assert scene.deleted == [TRAINING]
    assert scene.cloudformation.protected == {FOUNDATION}
    assert says(scene.said, SERVING, "another app")


def test_has_nothing_to_do_where_nothing_is() -> None:
    scene = Scene({})
    assert scene.destruction.going("all") == []
    assert scene.destruction.run("all") == 0
    assert scene.cloudformation.calls == []


def test_a_stack_in_progress_is_waited_for_and_what_serves_is_ended_before_that() -> None:
    scene = Scene(
        {**ALL, TRAINING: "UPDATE_IN_PROGRESS"},
        Bedrock({"job": owner_tags()}, modelCustomizationJobSummaries=[JOB]),
        meanwhile=[lambda scene: found.extend(scene.deleted), becomes(TRAINING, "UPDATE_COMPLETE")],
    )
    found: list[str] = []
    assert scene.destruction.run("default") == 0
    assert found == [SERVING]
    assert scene.deleted == [SERVING, TRAINING]
    told = [line for line in scene.screen.said if not line.startswith("status")]
    assert sum(says(line, TRAINING, "UPDATE_IN_PROGRESS") for line in told) == 1
    assert says(scene.said, "aws bedrock stop-model-customization-job --job-identifier docstrings-local-abc-1")


def test_a_delete_that_goes_on_already_is_waited_for_and_not_asked_for_again() -> None:
    scene = Scene({SERVING: "DELETE_IN_PROGRESS"}, meanwhile=[becomes(SERVING, None)])
    assert scene.destruction.run("serving") == 0
    assert scene.deleted == []


def test_what_a_waiting_deploy_makes_anew_is_deleted_again() -> None:
    scene = Scene(
        {**ALL, TRAINING: "UPDATE_IN_PROGRESS"},
        meanwhile=[
            lambda scene: scene.cloudformation.statuses.update(
                {TRAINING: "UPDATE_COMPLETE", SERVING: "CREATE_IN_PROGRESS"}
            ),
            becomes(SERVING, "CREATE_COMPLETE"),
        ],
    )
    assert scene.destruction.run("default") == 0
    assert scene.deleted == [SERVING, TRAINING, SERVING]
    assert not {SERVING, TRAINING} & scene.cloudformation.statuses.keys()


@pytest.mark.parametrize("change_sets", [[], ["cdk-deploy-change-set"]])
def test_a_stack_that_nobody_agreed_to_is_removed_with_its_name(change_sets: list[str]) -> None:
    scene = Scene({FOUNDATION: "REVIEW_IN_PROGRESS"})
    scene.cloudformation.change_sets[FOUNDATION] = change_sets
    assert scene.destruction.run("all") == 0
    assert scene.deleted == [FOUNDATION]


def test_a_stack_that_another_app_is_about_to_make_is_left_alone() -> None:
    scene = Scene({SERVING: "REVIEW_IN_PROGRESS"})
    scene.cloudformation.change_sets[SERVING] = ["theirs"]
    scene.cloudformation.apps[SERVING] = THEIRS
    assert scene.destruction.run("serving") == 0
    assert scene.deleted == []


def test_says_what_goes_before_it_asks() -> None:
    scene = Scene(bedrock=Bedrock({"pt": owner_tags()}, provisionedModelSummaries=[THROUGHPUT]))
    destruction = scene.destruction
    told = list(announced(destruction.going("default"), ANCHOR, destruction.serving_and_training(), "default"))
    assert told[1:3] == [f"  stack {SERVING} (UPDATE_COMPLETE)", f"  stack {TRAINING} (CREATE_COMPLETE)"]
    assert "  Provisioned Throughput docstrings-local-1: 2 model units, billed by the hour until it is deleted" in told
    assert scene.cloudformation.calls == []


def test_counts_only_throughputs_of_this_environment_that_this_project_made() -> None:
    summaries: list[dict[str, Any]] = [
        {**THROUGHPUT, "provisionedModelArn": arn} for arn in ("ours", "of-prod", "foreign", "vanished")
    ]
    tags = {"ours": owner_tags(), "of-prod": owner_tags("prod"), "foreign": [{"key": "Team", "value": "x"}]}
    scene = Scene(bedrock=Bedrock(tags, provisionedModelSummaries=summaries))
    [item] = scene.destruction.left("default", FoundationStore()).billing
    assert item.name == "docstrings-local-1"
    assert item.command == (
        "aws bedrock delete-provisioned-model-throughput --provisioned-model-id docstrings-local-1 --region us-west-2"
    )


@pytest.mark.parametrize(
    ("bedrock", "kind", "physical_id"),
    [
        (
            Bedrock({"pt": []}, provisionedModelSummaries=[THROUGHPUT]),
            contract.PROVISIONED_THROUGHPUT,
            "provisioned-throughput/v1/docstrings-local-1",
        ),
        (
            Bedrock({"d": []}, modelDeploymentSummaries=[DEPLOYMENT]),
            contract.CUSTOM_MODEL_DEPLOYMENT,
            "custom-model-deployment/v1/docstrings-local-1",
        ),
        (
            Bedrock({"job": []}, modelCustomizationJobSummaries=[JOB]),
            contract.MODEL_CUSTOMIZATION,
            "model-customization/v1/docstrings-local-abc-1",
        ),
    ],
    ids=["throughput", "deployment", "training"],
)
def test_what_a_stack_holds_counts_whatever_tags_it_has_lost(bedrock: Bedrock, kind: str, physical_id: str) -> None:
    scene = Scene({SERVING: "DELETE_FAILED", TRAINING: "CREATE_COMPLETE"}, bedrock)
    its = {"LogicalResourceId": "Any", "ResourceType": kind, "PhysicalResourceId": physical_id}
    name = physical_id.rpartition("/")[2]
    for status, counted in (("DELETE_FAILED", [name]), ("DELETE_COMPLETE", [])):
        scene.cloudformation.resources = [{**its, "ResourceStatus": status}]
        assert [item.name for item in scene.destruction.serving_and_training()] == counted
        left = scene.destruction.left("default", FoundationStore())
        assert [item.name for item in (*left.billing, *left.deployed, *left.running)] == counted
    scene.cloudformation.resources = [{**its, "PhysicalResourceId": f"{physical_id}-other", "ResourceStatus": "X"}]
    assert scene.destruction.serving_and_training() == []


def test_says_until_when_a_commitment_runs() -> None:
    committed = {**THROUGHPUT, "commitmentExpirationTime": datetime(2026, 12, 24, 8, tzinfo=UTC)}
    scene = Scene(bedrock=Bedrock({"pt": owner_tags()}, provisionedModelSummaries=[committed]))
    text = "\n".join(report(scene.destruction.left("default", FoundationStore()), ANCHOR))
    assert not says(text, "Nothing")
    assert says(text, "2 model units", "hour", "committed", "2026-12-24 08:00 UTC")


def test_tells_of_a_training_that_goes_on_without_its_stack() -> None:
    scene = Scene(bedrock=Bedrock({"job": owner_tags()}, modelCustomizationJobSummaries=[JOB]))
    text = "\n".join(report(scene.destruction.left("default", FoundationStore()), ANCHOR))
    assert says(text, "Nothing", "local", "hour")
    assert says(text, "aws bedrock stop-model-customization-job --job-identifier docstrings-local-abc-1")


def test_lists_what_is_kept_with_the_command_that_removes_it() -> None:
    resources = [
        ("DataStoreAccessLogs1", "AWS::S3::Bucket", "access-logs"),
        ("DataStoreBucket2", "AWS::S3::Bucket", "data"),
        ("DataStoreKey3", "AWS::KMS::Key", "key-1"),
        ("OperationsKey4", "AWS::KMS::Key", "goes-with-the-stack"),
        ("Role5", "AWS::IAM::Role", "role"),
        ("DataStoreGone", "AWS::S3::Bucket", "gone"),
    ]
    model = {"modelArn": "m", "modelName": "docstrings-1", "creationTime": CREATED}
    scene = Scene({FOUNDATION: "DELETE_FAILED"}, Bedrock({"m": owner_tags()}, modelSummaries=[model]))
    scene.cloudformation.resources = [
        {
            "LogicalResourceId": logical,
            "ResourceType": kind,
            "PhysicalResourceId": physical,
            "ResourceStatus": "DELETE_COMPLETE" if logical == "DataStoreGone" else "DELETE_SKIPPED",
        }
        for logical, kind, physical in resources
    ]
    store = store_of(scene.client, ANCHOR)
    assert store == FoundationStore(buckets=("data", "access-logs"), keys=("key-1",))
    scene.cloudformation.resources = []
    items = kept(scene.client, ANCHOR, store)
    assert [(item.what, item.name) for item in items] == [
        ("Custom model", "docstrings-1"),
        ("Bucket", "data"),
        ("Bucket", "access-logs"),
        ("Key", "key-1"),
    ]
    assert "object_versions.delete()" in items[1].command
    assert items[3].command.startswith("aws kms schedule-key-deletion --key-id key-1")


def test_lists_what_an_earlier_foundation_left_and_says_what_it_may_not_look_at() -> None:
    leftovers = Leftovers(neighbours=True)
    destruction = Teardown(PROD, leftovers.aws, Lines())
    left = destruction.left("default", FoundationStore())
    stored = [item.name for item in left.kept if item.what in ("Bucket", "Key")]
    assert stored == ["prod-foundation-data", "prod-foundation-access-logs", leftovers.key]
    # A key that goes is not kept.
    leftovers.kms.schedule_key_deletion(KeyId=leftovers.second_key(), PendingWindowInDays=30)
    assert [item.name for item in destruction.left("default", FoundationStore()).kept if item.what == "Key"] == [
        leftovers.key
    ]
    with pytest.MonkeyPatch.context() as patch:

        def denied(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListBuckets")

        patch.setattr(leftovers.s3, "list_buckets", denied)
        told = report(destruction.left("all", FoundationStore(keys=("k",))), PROD)
    assert any("Key k: " in line for line in told)
    assert says(told[-1], "AccessDenied")


def test_points_to_foundation_while_it_stands() -> None:
    scene = Scene({FOUNDATION: "CREATE_COMPLETE"})
    text = "\n".join(report(scene.destruction.left("default", FoundationStore(("b",), ("k",))), ANCHOR))
    assert says(text, "python -m tune destroy local --all")
    assert "Bucket b" not in text
    assert "tune purge" not in text


def test_another_app_s_foundation_and_what_is_in_it_are_not_what_is_left() -> None:
    scene = Scene({FOUNDATION: "CREATE_COMPLETE"})
    scene.cloudformation.resources = [
        {"LogicalResourceId": "DataStoreBucket2", "ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "theirs"}
    ]
    scene.cloudformation.resources[0]["ResourceStatus"] = "CREATE_COMPLETE"
    scene.cloudformation.apps[FOUNDATION] = THEIRS
    store = store_of(scene.client, ANCHOR)
    assert store == FoundationStore()
    with pytest.MonkeyPatch.context() as patch:

        def denied(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")

        # Who pushes data need not be allowed to ask whose a stack is.
        patch.setattr(scene.cloudformation, "describe_stacks", denied)
        assert store_of(scene.client, ANCHOR).buckets == ("theirs",)
    assert scene.destruction.left("all", store).kept == []


def test_points_to_purge_once_foundation_is_gone() -> None:
    elsewhere = dataclasses.replace(ANCHOR, folder=Path("mine"))
    lines = report(Scene({}).destruction.left("all", FoundationStore(("b",), ("k",))), elsewhere)
    assert says(lines[-1], "python -m tune purge local --environments mine")


@pytest.mark.parametrize("left", [Left([], [], [], []), Left([], [], [], [InventoryItem("Key", "k", "", "")])])
def test_says_that_nothing_bills_only_when_nothing_does(left: Left) -> None:
    assert says(report(left, ANCHOR)[0], "Nothing", "local", "hour", ANCHOR.account, ANCHOR.region)
