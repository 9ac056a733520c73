"""What `tune purge` removes, in which order, and what it never touches."""

import dataclasses
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import kms, s3
from typer.testing import CliRunner

from bedrock_lifecycle import contract
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, NOVA, NOVA_RECORDS, NOVA_REGION, SERVING, TRAINING, Account, Wanted
from tests.support.in_process import in_process
from tests.support.lifecycle import KEY_ARN
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import Lines
from tests.unit.tune.leftovers import ANCHOR, OURS, WANTED, Interrupted, Leftovers, tags
from tests.unit.tune.planning import Aws
from tune import cli
from tune.account import inventory
from tune.account.stores import Stores as AccountStores
from tune.purge.find import Finder
from tune.purge.remove import Removal
from tune.purge.text import lines, unproven

NOTHING: dict[str, list[str]] = {"models": [], "buckets": [], "keys": []}


def purged(leftovers: Leftovers, screen: Lines | None = None) -> list[str]:
    """Remove everything that is found; return what stays and why."""
    kept = Finder(leftovers.aws, ANCHOR).kept()
    return Removal(leftovers.aws, ANCHOR, screen or Lines(), sleep=lambda _: None).run(kept)


def test_removes_everything_of_the_environment_and_nothing_of_its_neighbours() -> None:
    leftovers = Leftovers(neighbours=True)
    assert leftovers.left() == leftovers.ours()
    assert purged(leftovers) == []
    assert leftovers.left() == NOTHING
    assert leftovers.everything() == leftovers.neighbours
    assert len(leftovers.neighbours["models"]) == 16
    assert len(leftovers.neighbours["buckets"]) == len(leftovers.neighbours["keys"]) == 10
    assert all(len(content) == 3 for content in leftovers.neighbours["buckets"].values())


@pytest.mark.parametrize("kind", ["models", "buckets"])
def test_what_no_tag_proves_to_be_the_app_s_is_told_and_kept_with_the_key_that_it_may_need(kind: str) -> None:
    leftovers = Leftovers()
    lost, *_ = leftovers.ours()[kind]
    if kind == "models":
        arn = leftovers.everything()["models"][lost]
        leftovers.bedrock.untag_resource(resourceARN=arn, tagKeys=[contract.TAG_APP])
    else:
        its = [{"Key": key, "Value": value} for key, value in OURS.items() if key != contract.TAG_APP]
        leftovers.s3.put_bucket_tagging(Bucket=lost, Tagging={"TagSet": its})
    finder = Finder(leftovers.aws, ANCHOR)
    heading, item, command = unproven(finder.unproven(finder.kept()))
    assert says(heading, contract.TAG_APP)
    assert lost in item
    assert lost in command
    purged(leftovers)
    assert leftovers.left() == {**NOTHING, kind: [lost], "keys": [leftovers.key]}


def test_what_was_removed_is_not_trained_again_by_itself() -> None:
    leftovers = Leftovers()
    purged(leftovers)
    assert leftovers.account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(leftovers.account.reason, WANTED.training_name, "attempt")
    assert leftovers.account.deploy(WANTED.but(attempt=2)) == "CREATE_COMPLETE"


def test_lists_what_it_would_remove_and_changes_nothing_by_it() -> None:
    leftovers = Leftovers(neighbours=True)
    told = list(lines(Finder(leftovers.aws, ANCHOR).kept(), ANCHOR))
    first, second = leftovers.ours()["models"]
    kept = (
        ["prod", ACCOUNT, REGION],
        ["Custom model", second, "month", "created", "epochCount"],
        ["Custom model", first, "month"],
        ["Bucket prod-foundation-data", "3 versions", "6 bytes"],
        ["Bucket prod-foundation-access-logs", "3 versions", "6 bytes"],
        ["Key", leftovers.key, "month"],
    )
    assert [says(line, *named) for line, named in zip(told, kept, strict=True)] == [True] * len(kept)
    assert leftovers.changes == []


def test_removes_models_then_the_data_then_the_logs_and_last_the_key() -> None:
    leftovers = Leftovers()
    screen = Lines()
    purged(leftovers, screen)
    assert leftovers.changes == [
        "DeleteCustomModel",
        "DeleteCustomModel",
        "DeleteObjects",
        "DeleteBucket",
        "DeleteObjects",
        "DeleteBucket",
        "ScheduleKeyDeletion",
    ]
    said = [line for line in screen.said if not line.startswith("status")]
    assert [line.split(" is deleted")[0] for line in said][2:] == [
        "Bucket prod-foundation-data",
        "Bucket prod-foundation-access-logs",
        f"Key {leftovers.key}",
    ]
    assert f"aws kms cancel-key-deletion --key-id {leftovers.key} --region {REGION}" in said[-1]


def test_names_its_own_account_in_each_call_that_touches_a_bucket() -> None:
    leftovers = Leftovers()
    asked: list[tuple[str, str | None]] = []

    def note(params: Any, model: Any, **_: Any) -> None:
        if model.name not in ("ListBuckets", "ListCustomModels"):
            asked.append((model.name, params["headers"].get("x-amz-expected-bucket-owner")))

    leftovers.s3.meta.events.register("before-call.s3", note)
    purged(leftovers)
    assert {"DeleteObjects", "DeleteBucket", "ListObjectVersions", "GetBucketTagging"} <= {name for name, _ in asked}
    assert {owner for _, owner in asked} == {ACCOUNT}


def test_an_interrupt_at_any_change_is_gone_on_with_by_the_same_command() -> None:
    for place in range(1, 8):
        leftovers = Leftovers()
        leftovers.interrupt_at = place
        with pytest.raises(Interrupted):
            purged(leftovers)
        assert leftovers.left() != NOTHING, place
        leftovers.interrupt_at = None
        assert purged(leftovers) == [], place
        assert leftovers.left() == NOTHING, place


def test_a_key_that_is_scheduled_for_deletion_is_told_and_left_as_it_is() -> None:
    leftovers = Leftovers()
    purged(leftovers)
    before = list(leftovers.changes)
    kept = Finder(leftovers.aws, ANCHOR).kept()
    assert kept.removable == 0
    told = next(line for line in lines(kept, ANCHOR) if "Key" in line)
    assert says(told, "Key", leftovers.key, "deleted")
    assert purged(leftovers) == []
    assert leftovers.changes == before


def test_the_key_that_went_with_the_stack_is_told_and_left_as_it_is() -> None:
    leftovers = Leftovers()
    second = leftovers.second_key()
    leftovers.kms.schedule_key_deletion(KeyId=second, PendingWindowInDays=30)
    leftovers.changes.clear()
    told = list(lines(Finder(leftovers.aws, ANCHOR).kept(), ANCHOR))
    assert [line.split(": ")[1][:13] for line in told if "  Key" in line] == ["billed by the", "is deleted on"]
    assert any(second in line and "ledger" in line for line in told)
    assert purged(leftovers) == []
    assert leftovers.changes.count("ScheduleKeyDeletion") == 1
    assert leftovers.left() == NOTHING


def test_the_key_that_went_with_the_stack_and_was_taken_back_goes_with_the_rest() -> None:
    leftovers = Leftovers()
    second = leftovers.second_key()
    assert purged(leftovers) == []
    assert leftovers.left() == NOTHING
    assert leftovers.kms.describe_key(KeyId=second)["KeyMetadata"]["KeyState"] == "PendingDeletion"


@pytest.mark.parametrize("stack", [FOUNDATION, TRAINING, SERVING])
def test_a_stack_of_the_environment_stands_in_the_way(stack: str) -> None:
    leftovers = Leftovers()
    leftovers.stack(stack)
    finder = Finder(leftovers.aws, ANCHOR)
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, stack, "CREATE_COMPLETE", "python -m tune destroy prod")
    assert "--all" in obstacle


def test_a_stack_of_another_environment_does_not() -> None:
    leftovers = Leftovers()
    leftovers.account.cloudformation.deploy("bedrock-tuning-prod-eu-Foundation", {})
    finder = Finder(leftovers.aws, ANCHOR)
    assert finder.obstacles(finder.kept()) == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ('[organization]\nbucket = "prod-foundation-data"', "organization.bucket"),
        ('[organization]\nkey_arn = "{key_arn}"', "organization.key_arn"),
        ('[organization]\noperations_key_arn = "{key_arn}"', "organization.operations_key_arn"),
        ('[bootstrap]\nkey_arn = "{key_arn}"', "bootstrap.key_arn"),
        ('[serving]\nmodel_arn = "{model_arn}"', "serving.model_arn"),
        ('[allow]\nmodel_key_arns = ["another", "{key_arn}"]', "allow.model_key_arns"),
        ('[data]\ntrain = {{ s3 = "s3://prod-foundation-data/train/a.jsonl" }}', "data.train.s3"),
        ('[data.validation]\nkms_key_arn = "{key_arn}"', "data.validation.kms_key_arn"),
    ],
)
def test_another_environment_that_uses_the_bucket_a_key_or_a_model_stands_in_the_way(
    tmp_path: Path, settings: str, named: str
) -> None:
    leftovers = Leftovers()
    model_arn = leftovers.everything()["models"][leftovers.ours()["models"][0]]
    text = settings.format(key_arn=KEY_ARN, model_arn=model_arn)
    is_model_s = named.startswith(("serving", "data"))
    for name in ("prod", "staging"):
        settings_folder(tmp_path, name, "" if is_model_s else text, {"other": text} if is_model_s else {})
    finder = Finder(leftovers.aws, dataclasses.replace(ANCHOR, folder=tmp_path))
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, "staging/other.toml" if is_model_s else "staging/environment.toml", named)


def test_an_environment_that_uses_only_what_is_named_alike_does_not(tmp_path: Path) -> None:
    leftovers = Leftovers()
    organization = f'[organization]\nkey_arn = "{KEY_ARN}0"\n'
    model = """
        [data]
        train = { s3 = "s3://prod-foundation-data-2/train/a.jsonl" }
        validation = { path = "prod-foundation-data" }
        [tags]
        Team = "prod-foundation-data"
    """
    settings_folder(tmp_path, "staging", organization, {"other": model})
    finder = Finder(leftovers.aws, dataclasses.replace(ANCHOR, folder=tmp_path))
    assert finder.obstacles(finder.kept()) == []


@pytest.mark.parametrize("name", ["environment.toml", "faq.toml"])
def test_a_settings_file_that_cannot_be_read_may_have_been_given_everything(tmp_path: Path, name: str) -> None:
    leftovers = Leftovers()
    settings_folder(tmp_path, "staging", "", {"faq": ""})
    (tmp_path / "staging" / name).write_bytes(b"\xff = [")
    finder = Finder(leftovers.aws, dataclasses.replace(ANCHOR, folder=tmp_path))
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, f"staging/{name}")


def test_a_stack_that_appears_meanwhile_saves_what_is_not_yet_removed() -> None:
    leftovers = Leftovers()
    leftovers.after = lambda operation: (
        leftovers.stack(FOUNDATION) if leftovers.changes == ["DeleteCustomModel"] else None
    )
    stays = purged(leftovers)
    assert leftovers.changes == ["DeleteCustomModel"]
    assert all(says(reason, FOUNDATION) for reason in stays[:3])
    assert leftovers.left()["buckets"] == leftovers.ours()["buckets"]
    assert leftovers.left()["keys"] == [leftovers.key]


@pytest.mark.parametrize(
    "its", [{}, tags("bedrock-tuning-other-faq-Serving", "other")], ids=["nobody's", "another environment's"]
)
def test_whatever_serves_one_of_the_models_stands_in_the_way(its: dict[str, str]) -> None:
    leftovers = Leftovers()
    name = leftovers.ours()["models"][0]
    leftovers.bedrock.create_provisioned_model_throughput(
        provisionedModelName="any",
        modelId=leftovers.everything()["models"][name],
        modelUnits=1,
        tags=[{"key": key, "value": value} for key, value in its.items()],
    )
    finder = Finder(leftovers.aws, ANCHOR)
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, "Provisioned Throughput any")


def test_a_model_that_a_throughput_is_only_just_leaving_is_served_still() -> None:
    leftovers = Leftovers()
    other = leftovers.model("other", {})
    leaving = leftovers.everything()["models"][leftovers.ours()["models"][0]]
    leftovers.bedrock.create_provisioned_model_throughput(provisionedModelName="any", modelId=leaving, modelUnits=1)
    leftovers.account.lifecycle.pass_time(timedelta(minutes=5))
    leftovers.bedrock.update_provisioned_model_throughput(provisionedModelId="any", desiredModelId=other)
    finder = Finder(leftovers.aws, ANCHOR)
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, "any", leaving, "aws bedrock delete-provisioned-model-throughput")


@pytest.mark.parametrize("moment", ["serving", "being left", "being moved to"])
def test_a_model_that_is_served_on_demand_is_served(moment: str) -> None:
    account = Account(settings=quick(), region=NOVA_REGION)
    wanted = Wanted(rungs=2, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None)
    first, second = wanted, wanted.but(hyper_parameters={"epochCount": "1"})
    assert [account.deploy(each) for each in (second, first)] == ["CREATE_COMPLETE", "UPDATE_COMPLETE"]
    aws = Aws(account)
    names = (first.training_name, second.training_name)
    arns = {name: aws.bedrock.get_custom_model(modelIdentifier=name)["modelArn"] for name in names}
    if moment != "serving":
        aws.bedrock.update_custom_model_deployment(
            customModelDeploymentIdentifier=wanted.deployment_name, modelArn=arns[second.training_name]
        )
    served = second if moment == "being moved to" else first
    empty = {"s3": in_process("s3", s3), "kms": in_process("kms", kms)}
    finder = Finder(lambda service: empty.get(service) or aws(service), ANCHOR)
    [obstacle] = finder.serving({arns[served.training_name]})
    assert says(obstacle, wanted.deployment_name, arns[served.training_name])
    assert "delete-custom-model-deployment" in obstacle


def test_a_model_that_is_served_since_it_was_listed_stays_and_so_does_the_key() -> None:
    leftovers = Leftovers()
    kept = Finder(leftovers.aws, ANCHOR).kept()
    served = kept.models[1]
    leftovers.bedrock.create_provisioned_model_throughput(provisionedModelName="any", modelId=served.arn, modelUnits=1)
    stays = Removal(leftovers.aws, ANCHOR, Lines(), sleep=lambda _: None).run(kept)
    assert says(stays[0], "Provisioned Throughput any", served.arn)
    assert "DeleteCustomModel" in leftovers.changes
    assert leftovers.left()["models"] == [served.name]
    assert leftovers.left()["keys"] == [leftovers.key]


def hold(leftovers: Leftovers, arn: str) -> None:
    tag: Any = {"key": contract.hold_tag("staging"), "value": "2026-11-29T12:00:00Z"}
    leftovers.bedrock.tag_resource(resourceARN=arn, tags=[tag])


def test_a_model_that_was_promoted_stands_in_the_way() -> None:
    leftovers = Leftovers()
    finder = Finder(leftovers.aws, ANCHOR)
    held = finder.kept().models[1]
    hold(leftovers, held.arn)
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, held.name, "staging", "tune destroy staging")


def test_a_model_that_is_promoted_since_it_was_listed_stays_and_so_does_the_key() -> None:
    leftovers = Leftovers()
    kept = Finder(leftovers.aws, ANCHOR).kept()
    held = kept.models[1]
    hold(leftovers, held.arn)
    stays = Removal(leftovers.aws, ANCHOR, Lines(), sleep=lambda _: None).run(kept)
    assert says(stays[0], held.name, "staging")
    assert leftovers.left()["models"] == [held.name]
    assert leftovers.left()["keys"] == [leftovers.key]


def test_no_command_to_delete_a_held_model_is_given() -> None:
    leftovers = Leftovers()
    [held, other] = Finder(leftovers.aws, ANCHOR).kept().models
    hold(leftovers, held.arn)
    listed = {item.name: item for item in inventory.models(leftovers.aws, ANCHOR)}
    assert "staging" in str(listed[held.name])
    assert (listed[held.name].command, bool(listed[other.name].command)) == ("", True)


def test_a_training_that_goes_on_stands_in_the_way() -> None:
    leftovers = Leftovers()
    leftovers.account.lifecycle.client.create_model_customization_job(
        jobName="any",
        customModelName="any",
        roleArn="arn:aws:iam::111122223333:role/tuning",
        baseModelIdentifier=WANTED.base_model,
        trainingDataConfig={"s3Uri": f"s3://tuning-data/train/{WANTED.sha256}.jsonl"},
        outputDataConfig={"s3Uri": "s3://tuning-data/output/"},
        hyperParameters={"epochCount": "1"},
        jobTags=[{"key": key, "value": value} for key, value in tags(TRAINING, "prod").items()],
    )
    finder = Finder(leftovers.aws, ANCHOR)
    [obstacle] = finder.obstacles(finder.kept())
    assert says(obstacle, "training run any")


def test_what_loses_its_tags_after_it_was_listed_is_left_alone() -> None:
    leftovers = Leftovers()
    kept = Finder(leftovers.aws, ANCHOR).kept()
    leftovers.bedrock.untag_resource(resourceARN=kept.models[0].arn, tagKeys=[contract.TAG_OWNER])
    leftovers.s3.delete_bucket_tagging(Bucket="prod-foundation-data")
    leftovers.kms.untag_resource(KeyId=leftovers.key, TagKeys=[contract.TAG_ENVIRONMENT])
    stays = Removal(leftovers.aws, ANCHOR, Lines(), sleep=lambda _: None).run(kept)
    assert leftovers.left() == {
        "models": [kept.models[0].name],
        "buckets": ["prod-foundation-data"],
        "keys": [leftovers.key],
    }
    assert len(stays) == 3


def test_the_key_is_proven_again_right_before_it_is_scheduled() -> None:
    leftovers = Leftovers()

    def strip(operation: str) -> None:
        if operation == "DeleteBucket":
            leftovers.kms.untag_resource(KeyId=leftovers.key, TagKeys=[contract.TAG_ENVIRONMENT])

    leftovers.after = strip
    [reason] = purged(leftovers)
    assert says(reason, leftovers.key, "tags", "prod")
    assert leftovers.left()["keys"] == [leftovers.key]


def test_the_key_stays_as_long_as_somebody_elses_model_is_encrypted_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    leftovers = Leftovers()
    monkeypatch.setattr(Finder, "encrypted_with", lambda *_: iter(["borrowed"]))
    [reason] = purged(leftovers)
    assert says(reason, leftovers.key, "custom model borrowed")
    assert leftovers.left()["keys"] == [leftovers.key]


def test_finds_every_model_that_is_encrypted_with_a_key() -> None:
    leftovers = Leftovers()
    leftovers.model("unencrypted", {})
    [key] = Finder(leftovers.aws, ANCHOR).kept().keys
    assert sorted(Finder(leftovers.aws, ANCHOR).encrypted_with(key.arn)) == sorted(leftovers.ours()["models"])
    assert list(Finder(leftovers.aws, ANCHOR).encrypted_with("another")) == []


def test_access_logs_that_arrive_late_are_removed_as_well() -> None:
    leftovers = Leftovers()
    arrived: list[str] = []

    def arrive(operation: str) -> None:
        if operation == "DeleteObjects" and len(arrived) < 2:
            arrived.append(operation)
            leftovers.s3.put_object(Bucket="prod-foundation-access-logs", Key=f"data-store/{len(arrived)}", Body=b"log")

    leftovers.after = arrive
    assert purged(leftovers) == []
    assert leftovers.left() == NOTHING


def test_a_bucket_that_never_gets_empty_is_told_and_keeps_the_key() -> None:
    leftovers = Leftovers()
    leftovers.after = lambda operation: (
        leftovers.s3.put_object(Bucket="prod-foundation-access-logs", Key="data-store/any", Body=b"log")
        if operation == "DeleteObjects"
        else None
    )
    stays = purged(leftovers)
    assert says(stays[0], "prod-foundation-access-logs", "same command")
    assert leftovers.left() == {"models": [], "buckets": ["prod-foundation-access-logs"], "keys": [leftovers.key]}


def test_objects_that_are_not_deleted_keep_their_bucket_and_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    leftovers = Leftovers()
    errors = {"Errors": [{"Key": "train/any.jsonl", "Code": "AccessDenied"}]}
    monkeypatch.setattr(leftovers.s3, "delete_objects", lambda **_: errors)
    stays = purged(leftovers)
    assert says(stays[0], "prod-foundation-data", 1, "AccessDenied")
    assert leftovers.left()["keys"] == [leftovers.key]


@pytest.mark.slow
def test_empties_a_bucket_of_more_than_one_page_of_versions() -> None:
    leftovers = Leftovers()
    for number in range(1003):
        leftovers.s3.put_object(Bucket="prod-foundation-data", Key=f"output/{number}", Body=b"")
    kept = Finder(leftovers.aws, ANCHOR).kept()
    assert kept.buckets[0].versions == 1006
    assert purged(leftovers) == []
    assert leftovers.left() == NOTHING


def test_a_bucket_that_may_not_be_read_is_taken_for_somebody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    leftovers = Leftovers()
    for code in ("AccessDenied", "NoSuchBucket"):
        denied = ClientError({"Error": {"Code": code}}, "GetBucketTagging")

        def refuse(error: ClientError = denied, **_: Any) -> None:
            raise error

        monkeypatch.setattr(leftovers.s3, "get_bucket_tagging", refuse)
        assert Finder(leftovers.aws, ANCHOR).kept().buckets == ()
    broken = ClientError({"Error": {"Code": "InternalError"}}, "GetBucketTagging")
    monkeypatch.setattr(leftovers.s3, "get_bucket_tagging", lambda **_: refuse(broken))
    with pytest.raises(ClientError, match="InternalError"):
        Finder(leftovers.aws, ANCHOR).kept()


class TestCommand:
    """Arguments in, exit codes out."""

    @pytest.fixture
    def leftovers(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Leftovers:
        settings_folder(tmp_path, "prod", f'account = "{ACCOUNT}"\nregion = "{REGION}"\n', {"faq": ""})
        leftovers = Leftovers(neighbours=True)
        monkeypatch.setattr("tune.account.clients.clients", lambda *_: leftovers.aws)
        monkeypatch.chdir(tmp_path)
        return leftovers

    def run(self, *options: str, answer: str = "") -> Any:
        return CliRunner().invoke(cli.app, ["purge", "prod", "--environments", ".", *options], input=answer)

    @pytest.mark.parametrize(
        ("options", "answer"),
        [
            ((), ""),
            ((), "y\n"),
            ((), "pro\n"),
            ((), "prod-eu\n"),
            ((), "PROD\n"),
            (("--yes-remove", "prod-eu"), "prod\n"),
            (("--yes-remove", ""), "prod\n"),
        ],
    )
    def test_removes_nothing_until_the_environment_is_named(
        self, leftovers: Leftovers, options: tuple[str, ...], answer: str
    ) -> None:
        result = self.run(*options, answer=answer)
        assert result.exit_code == 2
        assert says(result.output, "Bucket prod-foundation-data", "3 versions")
        assert says(result.output, "nothing")
        assert leftovers.changes == []

    @pytest.mark.parametrize(("options", "answer"), [((), "prod\n"), (("--yes-remove", "prod"), "")])
    def test_removes_when_the_environment_is_named(
        self, leftovers: Leftovers, options: tuple[str, ...], answer: str
    ) -> None:
        result = self.run(*options, answer=answer)
        assert result.exit_code == 0, result.output
        assert leftovers.left() == NOTHING
        assert leftovers.everything() == leftovers.neighbours
        again = self.run()
        assert again.exit_code == 0
        assert says(again.output, "deleted")

    def test_json_is_one_document_and_asks_nothing(self, leftovers: Leftovers) -> None:
        refused = self.run("--json", answer="prod\n")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert leftovers.changes == []
        result = self.run("--json", "--yes-remove", "prod")
        told = json.loads(result.stdout)
        assert (result.exit_code, told["version"], told["exitCode"], told["outcome"]) == (0, 1, 0, "done")
        assert {"what": "bucket", "name": "prod-foundation-data", "deletionDate": None} in told["removed"]
        assert {its["what"] for its in told["removed"]} == {"model", "bucket"}
        # A key is not gone before its date.
        assert [its["what"] for its in told["left"] if its["deletionDate"]] == ["key"] * len(told["left"])
        assert told["left"]
        assert told["why"] == []
        again = json.loads(self.run("--json", "--yes-remove", "prod").stdout)
        assert (again["removed"], again["left"]) == ([], told["left"])

    def test_json_says_why_something_stays(self, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Finder, "encrypted_with", lambda *_: iter(["borrowed"]))
        result = self.run("--json", "--yes-remove", "prod")
        told = json.loads(result.stdout)
        assert (result.exit_code, told["exitCode"], told["outcome"]) == (1, 1, "failed")
        assert any("borrowed" in why for why in told["why"])
        assert [its for its in told["left"] if its["what"] == "key" and not its["deletionDate"]]

    def test_asks_nothing_while_a_stack_stands(self, leftovers: Leftovers) -> None:
        leftovers.stack(TRAINING)
        result = self.run("--yes-remove", "prod")
        assert result.exit_code == 2
        assert says(result.output, TRAINING)
        assert leftovers.changes == []

    def test_exits_with_1_when_something_stays(self, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Finder, "encrypted_with", lambda *_: iter(["borrowed"]))
        result = self.run("--yes-remove", "prod")
        assert result.exit_code == 1
        assert "Kept: key" in result.output

    @pytest.mark.parametrize("model", [None, "faq"])
    def test_what_could_not_be_looked_at_may_be_left(
        self, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch, model: str | None
    ) -> None:
        def refused(stores: AccountStores, key_id: str) -> dict[str, str]:
            stores.denied.append(key_id)
            return {}

        monkeypatch.setattr(AccountStores, "key_tags", refused)
        arguments = [model, "--yes-remove", model] if model else ["--yes-remove", "prod"]
        for _ in ("removes", "finds nothing more"):
            result = self.run(*arguments)
            assert result.exit_code == (0 if model else 1), result.output
            assert says(result.output, "Perhaps left", "tags") == (model is None)

    def test_an_interrupt_says_how_to_go_on(self, leftovers: Leftovers) -> None:
        leftovers.interrupt_at = 3
        result = self.run("--yes-remove", "prod")
        assert result.exit_code == 130
        assert says(result.output, "same command")

    def test_hands_the_waiting_period_on_and_keeps_to_what_kms_takes(
        self, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []
        schedule = leftovers.kms.schedule_key_deletion

        def note(**given: Any) -> Any:
            asked.append(given["PendingWindowInDays"])
            return schedule(**given)

        monkeypatch.setattr(leftovers.kms, "schedule_key_deletion", note)
        assert self.run("--yes-remove", "prod", "--waiting-days", "6").exit_code == 2
        assert self.run("--yes-remove", "prod", "--waiting-days", "31").exit_code == 2
        assert asked == []
        assert self.run("--yes-remove", "prod", "--waiting-days", "7").exit_code == 0
        assert asked == [7]
