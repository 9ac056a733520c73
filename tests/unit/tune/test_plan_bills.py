"""All that bills is told: held by a stack or not, asked for or not, buckets and keys too."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from bedrock_lifecycle import contract
from bedrock_tuning.base_models import BaseModels
from settings.app import DEFAULT_APP
from settings.toml_file import label
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, NOVA_REGION, SERVING, TRAINING, Account
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import THEIRS, ref
from tests.unit.tune.leftovers import OURS, STORE_NEIGHBOURS, Leftovers, tags
from tests.unit.tune.planning import PLACE, PROD, Aws, line, plan_of, templates
from tests.unit.tune.test_plan_orphans import WANTED, Planted
from tune import cli
from tune.account.location import Location
from tune.account.orphans import Ownership
from tune.account.settings_files import SettingsFiles, elsewhere
from tune.plan.environment import Plan, Planner
from tune.plan.json_document import document
from tune.plan.text import lines

BOTH = "[training]\\n[serving.on_demand]\\n"
WHERE = f'account = "{ACCOUNT}"\nregion = "{REGION}"\n'


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Environment prod, deployed; the folder of settings files is empty."""
    planted = Planted()
    monkeypatch.setattr("tune.account.ambient.ambient", lambda: (Aws(planted), PLACE))
    monkeypatch.chdir(tmp_path)
    return planted


def overview(planted: Planted, aws: Aws | None = None) -> Plan:
    return Planner(aws or Aws(planted), PLACE, DEFAULT_APP, SettingsFiles(Path.cwd(), PLACE, DEFAULT_APP)).account()


def options() -> str:
    return f" --environments {label(Path.cwd())}"


def run(*options: str) -> Any:
    return CliRunner().invoke(cli.app, ["plan", "--environments", ".", *options])


def test_what_a_stack_holds_is_told_with_how_long_it_has_billed(planted: Planted) -> None:
    told = list(lines(plan_of(planted, WANTED)))
    place = told.index("Billed or deployed, held by a stack:")
    assert says(told[place + 1], WANTED.throughput_name, "InService", "billing")
    assert says(told[place + 1], SERVING, "1 model unit", "hour")


def test_what_stacks_of_other_environments_hold_is_told_without_an_environment_alone(planted: Planted) -> None:
    plan = Planner(Aws(planted), PLACE, DEFAULT_APP).environment(ref("dev", "faq", account=ACCOUNT), {})
    assert plan.held == []
    assert [its.thing.name for its in overview(planted).survey.of(Ownership.UNASKED)] == [WANTED.throughput_name]


def test_what_no_settings_file_asks_for_is_told_and_is_a_failure_on_request(planted: Planted) -> None:
    result = run("--fail-on-orphans")
    assert result.exit_code == 1
    assert says(result.output, WANTED.throughput_name, SERVING, "no environment here is named prod")
    commands = [line.strip() for line in result.output.splitlines() if "tune destroy" in line]
    assert commands == [f"python -m tune destroy prod --every-model --all{options()} --region {REGION}"]
    stacks = "faq-Serving CREATE_COMPLETE, faq-Training CREATE_COMPLETE"
    assert f"environment prod: {stacks}; no environment here is named prod" in result.output
    assert run().exit_code == 0
    (told,) = json.loads(run("--json").output)["unasked"]
    assert told["name"] == WANTED.throughput_name


@pytest.mark.parametrize(
    ("where", "model", "why"),
    [
        (WHERE, BOTH, ""),
        (WHERE, "training = ", ""),
        ("account = ", BOTH, ""),
        ("account = ", "training = ", ""),
        (f"{WHERE}accountt = 2\n", "attemptt = 2\n[training]\n[serving]\n", ""),
        (WHERE, "[training]\n", "prod/faq.toml has no [serving]"),
        (WHERE, None, "there is no prod/faq.toml"),
        (WHERE.replace(ACCOUNT, "999988887777"), BOTH, "prod/environment.toml is about account 999988887777"),
        (WHERE.replace(REGION, "eu-west-1"), BOTH, "prod/environment.toml is about region eu-west-1"),
        (f'{WHERE}stack_prefix = "other-"\n', BOTH, "prod/environment.toml names it other-prod-faq-Serving"),
        (None, None, "no environment here is named prod"),
    ],
)
def test_a_settings_file_asks_for_what_it_names_right_or_wrong(
    planted: Planted, where: str | None, model: str | None, why: str
) -> None:
    if where is not None:
        settings_folder(Path.cwd(), "prod", where, {} if model is None else {"faq": model})
    found = overview(planted).survey.of(Ownership.UNASKED)
    assert len(found) == bool(why)
    assert all(says(its.why, SERVING, why) for its in found)
    assert run("--fail-on-orphans").exit_code == (1 if why else 0)


def test_a_training_that_no_settings_file_asks_for_is_told_with_the_command_that_stops_it(planted: Planted) -> None:
    settings_folder(Path.cwd(), "prod", WHERE, {"faq": "[serving.on_demand]\n"})
    planted.job("running", tags(TRAINING, "prod"))
    (job,) = (its for its in overview(planted).survey.of(Ownership.UNASKED) if its.thing.kind == "job")
    assert job.command == f"aws bedrock stop-model-customization-job --job-identifier running --region {REGION}"


DESTROY = "python -m tune destroy prod"


@pytest.mark.parametrize(
    ("where", "model", "command"),
    [
        (WHERE, None, f"{DESTROY} faq{{options}}"),
        (WHERE, "[training]\n", f"{DESTROY} faq --serving-only{{options}}"),
        (WHERE.replace(REGION, "eu-west-1"), BOTH, f"{DESTROY} --every-model --all{{options}} --region {REGION}"),
        (None, None, f"{DESTROY} --every-model --all{{options}} --region {REGION}"),
        # What stands under the prefix of now must not go with it.
        (
            f'{WHERE}stack_prefix = "other-"\n',
            BOTH,
            f"aws cloudformation delete-stack --stack-name {SERVING} --region {REGION}",
        ),
    ],
)
def test_what_nobody_asks_for_is_told_with_the_command_that_ends_all_of_it(
    planted: Planted, where: str | None, model: str | None, command: str
) -> None:
    if where is not None:
        settings_folder(Path.cwd(), "prod", where, {} if model is None else {"faq": model})
    (throughput,) = overview(planted).survey.of(Ownership.UNASKED)
    assert throughput.command == command.format(options=options())


@pytest.mark.parametrize("where", [WHERE, None])
def test_a_training_that_goes_on_of_a_removed_file_goes_with_what_serves(planted: Planted, where: str | None) -> None:
    if where:
        settings_folder(Path.cwd(), "prod", where, {})
    planted.job("running", tags(TRAINING, "prod"))
    commands = {its.command for its in overview(planted).survey.of(Ownership.UNASKED)}
    assert len(commands) == 1
    assert "tune destroy" in commands.pop()


def test_a_removed_environment_of_which_foundation_alone_stands_is_told_with_the_command(planted: Planted) -> None:
    planted.destroy()
    planted.cloudformation.deploy(FOUNDATION, {})
    command = f"python -m tune destroy prod --every-model --all{options()} --region {REGION}"
    assert f"  {command}" in list(lines(overview(planted)))


def test_what_a_stack_of_another_app_holds_is_neither_told_nor_judged_by_the_settings_here(planted: Planted) -> None:
    stack = "bedrock-tuning-dev-theirs-Training"
    planted.cloudformation.deploy(stack, WANTED.but(name="theirs", environment="dev").training())
    planted.job("theirs", {key: its for key, its in tags(stack, "dev").items() if key != contract.TAG_APP})
    # Of this app it would be one that nobody asks for.
    assert "theirs" in [its.thing.name for its in overview(planted).unwanted]
    aws = Aws(planted)
    aws.views.apps[stack] = THEIRS
    plan = overview(planted, aws)
    assert "theirs" not in [its.thing.name for its in plan.survey.findings]
    assert [each.name for each in plan.environments] == ["prod"]


def test_every_environment_is_told_with_its_stacks_and_its_settings_file(planted: Planted) -> None:
    settings_folder(Path.cwd(), "prod", WHERE, {"faq": BOTH})
    settings_folder(Path.cwd(), "dev", WHERE, {"faq": BOTH})
    settings_folder(Path.cwd(), "elsewhere", WHERE.replace(REGION, "eu-west-1"), {"faq": BOTH})
    told = [each for each in lines(overview(planted)) if each.startswith("environment ")]
    stacks = "faq-Serving CREATE_COMPLETE, faq-Training CREATE_COMPLETE"
    assert told == ["environment dev: no stack", f"environment prod: {stacks}"]


def test_models_that_no_stack_needs_any_more_have_the_command_that_removes_them(planted: Planted) -> None:
    other = WANTED.but(hyper_parameters={"epochCount": "3"})
    planted.deploy(other)
    kept = {
        its.thing.name: its for its in plan_of(planted, WANTED).survey.of(Ownership.KEPT) if its.thing.kind == "model"
    }
    assert kept[other.training_name].command == ""
    assert kept[WANTED.training_name].command.startswith("aws bedrock delete-custom-model --model-identifier ")


def test_an_ended_training_is_told_by_how_long_it_ran_and_when_it_ended(planted: Planted) -> None:
    plan = plan_of(planted, WANTED)
    (job,) = (its for its in plan.survey.of(Ownership.KEPT) if its.thing.kind == "job")
    assert job.thing.ended_at is not None
    ended = f"{job.thing.ended_at:%Y-%m-%d %H:%M} UTC"
    (told,) = (each for each in lines(plan) if "customization job" in each and "Completed, " in each)
    assert f"at {ended})" in told
    assert "since" not in told


def test_while_a_stack_is_being_changed_nothing_is_called_drift(planted: Planted) -> None:
    planted.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=WANTED.throughput_name)
    aws = Aws(planted)
    aws.views.busy[SERVING] = "UPDATE_IN_PROGRESS"
    found = line(Planner(aws, PLACE, DEFAULT_APP).environment(PROD, templates(WANTED)), "provisioned throughput")
    assert found.drift == ()
    assert "reconcile" not in found.remedy
    assert says(found.remedy, "again")


def test_a_stack_of_which_there_is_only_a_change_set_is_told_as_such(planted: Planted) -> None:
    aws = Aws(planted)
    aws.views.busy[SERVING] = "REVIEW_IN_PROGRESS"
    told = list(lines(Planner(aws, PLACE, DEFAULT_APP).environment(PROD, templates(WANTED))))
    assert f"stack {SERVING}: REVIEW_IN_PROGRESS" in told


def test_what_has_lost_its_owner_tag_is_told_with_the_command_that_gives_it_back(planted: Planted) -> None:
    (throughput,) = planted.throughputs()
    planted.api.untag_resource(resourceARN=throughput["provisionedModelArn"], tagKeys=[contract.TAG_OWNER])
    found = line(plan_of(planted, WANTED), "provisioned throughput")
    owner = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{SERVING}"
    assert found.remedy == ""
    assert says(found.drift[0].reason, "aws bedrock tag-resource", f"key={contract.TAG_OWNER},value={owner}")


@pytest.fixture(scope="module")
def leftovers() -> Leftovers:
    """Buckets and keys of this Foundation, of an earlier one, and of neighbours."""
    return Leftovers(neighbours=True)


def test_those_of_an_environment_are_told_and_no_neighbours(leftovers: Leftovers) -> None:
    plan = Planner(leftovers.aws, PLACE, DEFAULT_APP).environment(PROD, templates(WANTED))
    names = [its.stored.name for its in plan.stores]
    assert names == ["prod-foundation-data", "prod-foundation-access-logs", leftovers.key]
    assert {its.why for its in plan.stores} == {f"kept by stack {FOUNDATION}, which no longer exists"}
    assert plan.stores[2].command.startswith(f"aws kms schedule-key-deletion --key-id {leftovers.key}")
    told = list(lines(plan))
    assert f"  {plan.stores[0].command}" in told
    assert leftovers.changes == []


def test_without_an_environment_those_of_all_in_this_account_and_region_are_told(leftovers: Leftovers) -> None:
    plan = Planner(leftovers.aws, PLACE, DEFAULT_APP).account()
    expected = {
        f"prod-foundation-{name}"
        for name, its in STORE_NEIGHBOURS.items()
        if its.get(contract.TAG_OWNER, "").startswith(PLACE.stack_owner("")) and its[contract.TAG_APP] == DEFAULT_APP
    }
    assert "prod-foundation-another-environment" in expected
    assert "prod-foundation-another-region" not in expected
    buckets = {its.stored.name for its in plan.stores if its.stored.kind == "bucket"}
    assert buckets == {*expected, "prod-foundation-data", "prod-foundation-access-logs"}


def test_those_that_foundation_holds_have_no_command_and_those_of_an_earlier_one_have(leftovers: Leftovers) -> None:
    stack = PROD.foundation
    leftovers.account.cloudformation.deploy(stack, {})
    found = leftovers.account.cloudformation.stack(stack)
    assert found is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tune.account.stacks.StackReader._held", lambda *_: {"Bucket": "prod-foundation-data"})
        plan = Planner(leftovers.aws, PLACE, DEFAULT_APP).environment(PROD, templates(WANTED))
    leftovers.account.cloudformation.delete(stack)
    told = {its.stored.name: (its.why, bool(its.command)) for its in plan.stores}
    assert told["prod-foundation-data"] == (f"stack {stack} holds it", False)
    assert told[leftovers.key][1]
    assert f"kept by an earlier stack {stack}" in told[leftovers.key][0]


def test_what_may_not_be_looked_at_is_told_and_the_rest_all_the_same(
    leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListBuckets")

    monkeypatch.setattr(leftovers.s3, "list_buckets", denied)
    plan = Planner(leftovers.aws, PLACE, DEFAULT_APP).environment(PROD, templates(WANTED))
    assert plan.stores == ()
    assert any(says(each, "buckets", "keys", "AccessDenied") for each in lines(plan))
    assert document(plan)["storesUnseen"]


def test_how_many_do_not_let_their_tags_be_read_is_told_without_their_names(
    leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, hidden = leftovers.s3.get_bucket_tagging, ("prod-foundation-data", "prod-foundation-access-logs")

    def tagging(**asked: Any) -> Any:
        if asked["Bucket"] in hidden:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetBucketTagging")
        return read(**asked)

    monkeypatch.setattr(leftovers.s3, "get_bucket_tagging", tagging)
    plan = Planner(leftovers.aws, PLACE, DEFAULT_APP).environment(PROD, templates(WANTED))
    [told] = [each for each in lines(plan) if says(each, "tags", f": {len(hidden)}")]
    assert not any(name in told for name in hidden)
    assert leftovers.key in {its.stored.name for its in plan.stores}


def test_every_tag_that_a_store_is_known_by_is_one_of_foundations() -> None:
    assert OURS[contract.TAG_OWNER] == PLACE.stack_owner(FOUNDATION)
    assert PROD.stacks("Foundation", "Training", "Serving") == [FOUNDATION, TRAINING, SERVING]


class TestOtherRegions:
    """The environment was deployed in us-west-2, and its file and the credentials are about another Region since."""

    MOVED = WHERE.replace(REGION, NOVA_REGION)

    @pytest.fixture
    def looked(self, planted: Planted, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Play an account in which the other Region is empty; return the Regions that were looked at too."""
        looked: list[str] = []

        def in_region(region: str) -> tuple[Aws, Location]:
            looked.append(region)
            if region == "eu-west-1":
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListCustomModels")
            return Aws(planted), Location(ACCOUNT, region)

        here = Aws(Account(region=NOVA_REGION)), Location(ACCOUNT, NOVA_REGION)
        monkeypatch.setattr("tune.plan.look.elsewhere", elsewhere)
        monkeypatch.setattr("tune.account.ambient.ambient", lambda: here)
        monkeypatch.setattr("tune.account.ambient.in_region", in_region)
        settings_folder(Path.cwd(), "prod", self.MOVED, {"faq": BOTH})
        return looked

    def test_what_stands_where_the_file_was_about_is_told_and_a_failure_on_request(self, looked: list[str]) -> None:
        result = run("--fail-on-orphans")
        assert result.exit_code == 1
        assert REGION in looked
        told = f"In {REGION}: Billed or deployed, held by a stack that no settings file here asks for"
        assert told in result.output
        assert f"python -m tune destroy prod --every-model --all{options()} --region {REGION}" in result.output
        found = [its for its in json.loads(run("--json").output)["elsewhere"] if its["unasked"]]
        assert [(its["region"], its["unasked"][0]["name"]) for its in found] == [(REGION, WANTED.throughput_name)]

    def test_the_regions_are_those_of_the_files_and_of_every_base_model(self, looked: list[str]) -> None:
        settings_folder(Path.cwd(), "dev", WHERE.replace(REGION, "ap-south-1"), {})
        run()
        tuned = {region for profile in BaseModels.shipped() for region in profile.regions}
        assert looked == sorted({*tuned, "ap-south-1"} - {NOVA_REGION})

    def test_what_was_not_looked_at_is_named(self, looked: list[str]) -> None:
        settings_folder(Path.cwd(), "dev", WHERE.replace(REGION, "eu-west-1"), {})
        settings_folder(Path.cwd(), "other", WHERE.replace(ACCOUNT, "999988887777"), {})
        result = run()
        assert result.exit_code == 0
        told = [line for line in result.output.splitlines() if line.startswith("not looked at: ")]
        assert [says(line, *named) for line, named in zip(told, NAMED, strict=True)] == [True, True]
        assert json.loads(run("--json").output)["notLookedAt"] == [line.partition(": ")[2] for line in told]


NAMED = (["999988887777", "other/environment.toml"], ["eu-west-1", "AccessDenied"])
