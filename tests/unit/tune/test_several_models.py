"""Two models in one environment: what `tune status`, `plan` and `preflight` tell of both, and of one alone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, Account, Wanted
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import THEIRS, ref
from tests.unit.tune.planning import PLACE, Aws, templates
from tune import cli
from tune.account.orphans import Ownership
from tune.account.stacks import with_stacks
from tune.plan.environment import Plan, Planner
from tune.preflight.observe import PreflightObserver, PreflightResult
from tune.status.facts import Status
from tune.status.json_document import document
from tune.status.observe import StatusObserver
from tune.status.text import lines
from tune.terminal.environments import EnvironmentRef

# The name of one is the beginning of the other's.
FAQ = Wanted(rungs=1)
FAQ_EU = FAQ.but(name="faq-eu")
BOTH = ref("prod", "faq", "faq-eu", account=ACCOUNT)
ASKS = "[training]\n[serving]\n"
WHERE = f'account = "{ACCOUNT}"\nregion = "{REGION}"\n'


def one(name: str) -> EnvironmentRef:
    return replace(BOTH.about([name]), named=name)


@pytest.fixture
def account() -> Account:
    """Both models, deployed."""
    account = Account(settings=quick(units=20))
    for wanted in (FAQ, FAQ_EU):
        assert account.deploy(wanted) == "CREATE_COMPLETE"
    return account


# --- status --------------------------------------------------------------------------------------------------------


def looked(account: Account, of: EnvironmentRef = BOTH) -> Status:
    aws = Aws(account)
    status = StatusObserver(aws, of).look()
    assert aws.changes == []
    return status


def test_status_lists_the_stacks_trainings_and_what_serves_of_both_beside_each_other(account: Account) -> None:
    told = document(looked(account))
    assert [its["name"] for its in told["stacks"]] == [
        FOUNDATION,
        *(wanted.stack(kind) for wanted in (FAQ, FAQ_EU) for kind in ("Training", "Serving")),
    ]
    assert [(its["name"], its["heldByStack"]) for its in told["trainings"]] == [
        (FAQ.training_name, True),
        (FAQ_EU.training_name, True),
    ]
    assert {its["name"] for its in told["serving"]} == {FAQ.throughput_name, FAQ_EU.throughput_name}
    arns = {its["name"]: its["arn"] for its in told["serving"]}
    assert {its["name"]: its["value"] for its in told["parameters"]} == {
        f"/bedrock-tuning/prod/{wanted.name}/model-id": arns[wanted.throughput_name] for wanted in (FAQ, FAQ_EU)
    }
    assert {its["name"] for its in told["bills"]} == {
        each for wanted in (FAQ, FAQ_EU) for each in (wanted.training_name, wanted.throughput_name)
    }


@pytest.mark.parametrize("wanted", [FAQ, FAQ_EU], ids=lambda wanted: wanted.name)
def test_status_of_one_tells_nothing_of_the_other(account: Account, wanted: Wanted) -> None:
    told = document(looked(account, one(wanted.name)))
    assert [its["name"] for its in told["stacks"][1:]] == [wanted.stack("Training"), wanted.stack("Serving")]
    assert [its["name"] for its in told["trainings"]] == [wanted.training_name]
    assert [its["name"] for its in told["serving"]] == [wanted.throughput_name]
    assert [its["name"] for its in told["parameters"]] == [f"/bedrock-tuning/prod/{wanted.name}/model-id"]
    assert {its["name"] for its in told["bills"]} == {wanted.training_name, wanted.throughput_name}


def test_a_parameter_that_is_gone_is_made_again_with_what_serves_its_own_model(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = looked(account)
    gone = tuple(replace(its, value=None) for its in status.parameters)
    told = [line for line in lines(replace(status, parameters=gone)) if line.startswith("Parameter ")]
    arns = {its.name: its.arn for its in status.serving}
    for wanted, line in zip((FAQ, FAQ_EU), told, strict=True):
        assert says(line, f"--name /bedrock-tuning/prod/{wanted.name}/model-id", arns[wanted.throughput_name])


def test_a_model_without_a_file_is_told_as_long_as_it_has_a_stack_of_this_app(account: Account) -> None:
    aws = Aws(account)
    assert with_stacks(one("faq"), aws("cloudformation")).models == ("faq",)
    known = BOTH.about(["faq"])
    assert with_stacks(known, aws("cloudformation")).models == ("faq", "faq-eu")
    aws.views.apps = {FAQ_EU.stack("Training"): THEIRS, FAQ_EU.stack("Serving"): None}
    assert with_stacks(known, aws("cloudformation")).models == ("faq",)


def test_what_goes_on_of_a_model_that_nobody_knows_any_more_is_told(account: Account) -> None:
    started = FAQ_EU.but(hyper_parameters={"epochCount": "3"}, rungs=0)
    account.cloudformation.deploy(started.stack("Training"), started.training())
    names = [its.name for its in looked(account, BOTH.about(["faq"])).trainings]
    assert names == [FAQ.training_name, started.training_name]
    assert [its.name for its in looked(account, one("faq")).trainings] == [FAQ.training_name]


# --- plan ----------------------------------------------------------------------------------------------------------


def planned(account: Account, of: EnvironmentRef, *wanted: Wanted) -> Plan:
    wished = {name: template for each in wanted for name, template in templates(each).items()}
    aws = Aws(account)
    plan = Planner(aws, PLACE, DEFAULT_APP).environment(of, wished)
    assert aws.changes == []
    return plan


def test_plan_tells_the_resources_of_both_and_what_the_next_deploy_does_to_each(account: Account) -> None:
    retrained = FAQ_EU.but(hyper_parameters={"epochCount": "3"})
    plan = planned(account, BOTH, FAQ, retrained)
    assert [(its.kind, its.stack, its.event) for its in plan.resources] == [
        (kind, wanted.stack("Serving" if "throughput" in kind else "Training"), event)
        for wanted, event in ((FAQ, None), (retrained, "Update"))
        for kind in ("customization job", "custom model", "provisioned throughput")
    ]
    assert list(plan.stacks or {}) == BOTH.stacks("Foundation", "Training", "Serving")
    assert {its.thing.name for its in plan.held} == {FAQ.throughput_name, FAQ_EU.throughput_name}


def test_what_fails_of_one_model_keeps_nothing_of_the_other_from_being_planned(account: Account) -> None:
    gone = FAQ.training_name
    account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=FAQ.throughput_name)
    account.lifecycle.client.delete_custom_model(modelIdentifier=gone)
    account.destroy(FAQ)
    retrained = FAQ_EU.but(hyper_parameters={"epochCount": "3"})
    plan = planned(account, BOTH, FAQ, retrained)
    assert {its.stack for its in plan.resources if its.fails} == {FAQ.stack("Training")}
    assert [its.event for its in plan.resources if its.stack == FAQ.stack("Serving")] == [None]
    assert [its.event for its in plan.resources if its.stack == retrained.stack("Serving")] == ["Update"]


def test_plan_of_one_tells_nothing_of_the_other(account: Account) -> None:
    plan = planned(account, one("faq"), FAQ)
    assert {its.stack for its in plan.resources} == {FAQ.stack("Training"), FAQ.stack("Serving")}
    assert [its.thing.name for its in plan.held] == [FAQ.throughput_name]


def test_a_model_whose_file_was_removed_is_planned_with_the_command_that_ends_it(account: Account) -> None:
    left = [its for its in planned(account, BOTH, FAQ).resources if its.stack == FAQ_EU.stack("Serving")]
    assert [(its.name, its.steps) for its in left] == [(FAQ_EU.throughput_name, ())]
    assert says(left[0].remedy, "python -m tune destroy prod faq-eu --serving-only")


FOLDERS: dict[str, tuple[str, dict[str, str]]] = {
    "both are asked for": (WHERE, {"faq": ASKS, "faq-eu": ASKS}),
    "a removed file": (WHERE, {"faq": ASKS}),
    "a file without its table": (WHERE, {"faq": ASKS, "faq-eu": "[training]\n"}),
    "another stack_prefix": (f'{WHERE}stack_prefix = "mine-"\n', {"faq": ASKS, "faq-eu": ASKS}),
    "a removed environment": ("", {}),
}


@pytest.fixture
def run(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `tune plan` on the whole account; `aws` is what it looks through."""
    aws = Aws(account)
    monkeypatch.setattr("tune.account.ambient.ambient", lambda: (aws, PLACE))
    monkeypatch.chdir(tmp_path)

    def plan(*options: str) -> Any:
        return CliRunner().invoke(cli.app, ["plan", "--environments", ".", *options])

    plan.aws = aws  # type: ignore[attr-defined]
    return plan


@pytest.mark.parametrize(
    ("why", "unasked"),
    [
        ("both are asked for", []),
        ("a removed file", [FAQ_EU]),
        ("a file without its table", [FAQ_EU]),
        ("another stack_prefix", [FAQ, FAQ_EU]),
        ("a removed environment", [FAQ, FAQ_EU]),
    ],
)
def test_what_no_settings_file_asks_for_is_counted_model_by_model(
    account: Account, tmp_path: Path, run: Any, why: str, unasked: list[Wanted]
) -> None:
    text, models = FOLDERS[why]
    if text:
        settings_folder(tmp_path, "prod", text, models)
    assert run("--fail-on-orphans").exit_code == bool(unasked)
    told = json.loads(run("--json").stdout)
    assert {its["name"] for its in told["unasked"]} == {wanted.throughput_name for wanted in unasked}
    # Each command names what it ends: the stack, the model or the whole environment.
    for its in told["unasked"]:
        model = "faq-eu" if "faq-eu" in its["name"] else "faq"
        named = {"another stack_prefix": f"prod-{model}-Serving", "a removed environment": "destroy prod --every-model"}
        assert named.get(why, f"destroy prod {model} ") in its["command"]
    (prod,) = told["environments"]
    assert set(prod["stacks"]) == {"faq-Training", "faq-Serving", "faq-eu-Training", "faq-eu-Serving"}
    assert bool(prod["whyNoSettings"]) is bool(unasked)


def test_what_another_app_s_stack_holds_is_not_counted(run: Any) -> None:
    run.aws.views.apps = {wanted.stack(kind): THEIRS for wanted in (FAQ, FAQ_EU) for kind in ("Training", "Serving")}
    assert run("--fail-on-orphans").exit_code == 0
    assert json.loads(run("--json").stdout)["environments"] == []


def test_what_a_model_trained_stays_kept_when_its_file_is_removed(account: Account) -> None:
    kept = planned(account, BOTH, FAQ).survey.of(Ownership.KEPT)
    assert {its.thing.name for its in kept if its.thing.kind == "model"} == {FAQ.training_name, FAQ_EU.training_name}


# --- preflight -----------------------------------------------------------------------------------------------------


def preflight(account: Account, of: EnvironmentRef, *wanted: Wanted) -> PreflightResult:
    wished = {name: template for each in wanted for name, template in templates(each).items()}
    return PreflightObserver(Aws(account), PLACE, {}).look(of, wished)


def test_preflight_looks_at_what_each_model_would_create() -> None:
    account = Account(settings=quick())
    account.lifecycle.put(f"train/{FAQ.sha256}.jsonl", FAQ.data)
    looked = preflight(account, BOTH, FAQ, FAQ_EU)
    assert [(its.name, its.problems) for its in looked.subjects] == [(FAQ.training_name, 0), (FAQ_EU.training_name, 0)]
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 0}})
    without = FAQ_EU.but(model_units=None)
    looked = preflight(account, BOTH, FAQ, without)
    assert [(its.name, its.problems) for its in looked.subjects] == [(FAQ.training_name, 2), (without.training_name, 0)]
    assert [its.name for its in preflight(account, one("faq-eu"), without).subjects] == [without.training_name]


def test_another_app_s_stack_is_in_the_way_of_the_model_that_would_take_its_name(account: Account) -> None:
    aws = Aws(account)
    aws.views.apps = {FAQ_EU.stack("Training"): THEIRS}
    problems = {
        wanted.name: PreflightObserver(aws, PLACE, {}).look(one(wanted.name), templates(wanted)).problems
        for wanted in (FAQ, FAQ_EU)
    }
    assert problems == {"faq": 0, "faq-eu": 1}
