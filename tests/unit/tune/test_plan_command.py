"""`tune plan` as a command: what it prints, and its exit codes."""

import io
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from sandbox.bedrock import Quotas, Settings
from sandbox.bedrock.faults import ApiFault
from settings import Model, load_environment
from tests.support.environment import FOUNDATION, TRAINING, Account, Wanted
from tests.support.lifecycle import CANARY
from tests.support.messages import saying, says
from tests.unit.settings.settings_files import HAIKU, settings_folder
from tests.unit.tune.aws_stand_in import ROOT
from tests.unit.tune.planning import PLACE, Aws, plan_of
from tests.unit.tune.scenarios import SCENARIOS, playing
from tests.unit.tune.test_plan_orphans import Planted, tags
from tune import cli, synthesis
from tune.account import templates
from tune.account.ambient import ambient
from tune.account.clients import WrongCredentials
from tune.account.templates import UNKNOWN, of_type, resolved
from tune.exports.changes import ExportChange, Fate
from tune.exports.look import Exports, HeldExport
from tune.plan.environment import Plan
from tune.plan.json_document import document
from tune.plan.text import lines, show
from tune.spending.prices import Prices
from tune.spending.tokens import TrainingTokens

runner = CliRunner()
WANTED = Wanted(rungs=2)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Planted:
    """The account of the credentials, without an environment."""
    planted = Planted()
    monkeypatch.setattr("tune.account.ambient.ambient", lambda: (Aws(planted), PLACE))
    return planted


def shown(plan: Plan, *, terminal: bool, width: int = 200) -> str:
    file = io.StringIO()
    show(plan, Console(file=file, force_terminal=terminal, width=width, color_system=None))
    return file.getvalue()


def test_without_an_environment_it_tells_of_the_account_and_exits_with_0(account: Planted) -> None:
    result = runner.invoke(cli.app, ["plan"])
    assert result.exit_code == 0, result.output
    assert "Orphans: none" in result.output
    assert says(result.output, "111122223333", "us-west-2")


def test_orphans_are_a_failure_only_on_request(account: Planted, tmp_path: Path) -> None:
    settings_folder(tmp_path, "prod", "", {"faq": "[training]\n[serving]\n"})
    command = ["plan", "--environments", str(tmp_path)]
    assert runner.invoke(cli.app, [*command, "--fail-on-orphans"]).exit_code == 0
    account.throughput("lost", tags("lost-Serving"))
    account.lifecycle.clock.advance(timedelta(minutes=130))
    plain = runner.invoke(cli.app, command)
    assert plain.exit_code == 0
    assert says(plain.output, "Provisioned Throughput lost", "InService", "2 h 10 min")
    assert "aws bedrock delete-provisioned-model-throughput --provisioned-model-id lost" in plain.output
    assert runner.invoke(cli.app, [*command, "--fail-on-orphans"]).exit_code == 1


def test_drift_is_a_failure_only_on_request(account: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = Account()
    deployed.deploy(WANTED)
    plans = [plan_of(deployed, WANTED)]
    monkeypatch.setattr("tune.plan.look.environment_plan", lambda *_: plans[-1])
    drift = ["plan", "local", "--fail-on-drift"]
    assert runner.invoke(cli.app, drift).exit_code == 0
    (throughput,) = deployed.throughputs()
    deployed.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=throughput["provisionedModelArn"])
    plans.append(plan_of(deployed, WANTED))
    assert runner.invoke(cli.app, drift).exit_code == 1
    assert runner.invoke(cli.app, ["plan", "local", "--fail-on-orphans"]).exit_code == 0


def test_drift_is_of_an_environment(account: Planted) -> None:
    result = runner.invoke(cli.app, ["plan", "--fail-on-drift"])
    assert (result.exit_code, result.stdout) == (2, "")


def test_json_is_one_document(account: Planted) -> None:
    result = runner.invoke(cli.app, ["plan", "--json"])
    told = json.loads(result.stdout)
    assert (told["version"], told["environment"], told["orphans"]) == (1, None, [])


def test_an_unknown_environment_and_unusable_credentials_are_usage_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise WrongCredentials("those of another account")

    assert runner.invoke(cli.app, ["plan", "lokal"]).exit_code == 2
    monkeypatch.setattr("tune.account.clients.clients", refuse)
    result = runner.invoke(cli.app, ["plan", "local"])
    assert result.exit_code == 2
    assert says(result.output, "account")


def test_an_error_of_aws_is_told_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    monkeypatch.setattr("tune.account.ambient.ambient", lambda: (Aws(account), PLACE))
    account.lifecycle.simulated.faults.add(ApiFault("ListCustomModels", "AccessDeniedException"))
    result = runner.invoke(cli.app, ["plan"])
    assert result.exit_code == 2
    assert says(result.output, "AccessDeniedException")


def test_without_a_region_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(WrongCredentials, match=saying("Region", "AWS_DEFAULT_REGION")):
        ambient()


@pytest.mark.parametrize("terminal", [True, False])
def test_shows_what_is_done_and_who_pays_and_no_data(terminal: bool) -> None:
    account = Planted()
    account.throughput("lost", tags("lost-Serving"))
    text = shown(plan_of(account, WANTED.but(model_units=2), data_file=True), terminal=terminal)
    flat = " ".join(text.split())
    assert says(flat, "hour")
    assert "aws bedrock delete-provisioned-model-throughput --provisioned-model-id lost" in text
    assert "Orphans: 1" in text
    assert CANARY not in text


@pytest.mark.parametrize("terminal", [True, False])
def test_tells_the_tokens_of_a_training_that_begins_with_their_cost_by_the_prices_of_the_team(terminal: bool) -> None:
    plan = plan_of(Account(), WANTED)
    assert plan.begun_trainings == [WANTED.training_name]
    tokens = TrainingTokens(base_model="any.model", low=1200, high=34_000, epochs=2)
    plan = replace(plan, estimates={WANTED.training_name: tokens})
    flat = " ".join(shown(plan, terminal=terminal).split())
    assert says(flat, "1,200 to 34,000 tokens in 2 epochs", "trains 1,200 to 34,000 tokens, estimated")
    assert "cost" not in flat
    of_team = {"currency": "EUR", "date": date(2026, 11, 2), "source": "contract 7"}
    prices = Prices.model_validate({**of_team, "training_tokens_per_1000": {"any.model": 1}})
    flat = " ".join(shown(replace(plan, prices=prices), terminal=terminal).split())
    assert says(flat, "1.20 EUR to 34.00 EUR", "contract 7")
    (job,) = (its for its in document(replace(plan, prices=prices))["resources"] if its["kind"] == "customization job")
    assert (job["estimatedTokens"]["low"], job["estimatedTokens"]["moneyHigh"]) == (1200, "34")


def test_nothing_is_estimated_of_a_training_that_exists() -> None:
    account = Account(settings=Settings(quotas=Quotas(custom_model_units=10)))
    account.deploy(WANTED)
    assert plan_of(account, WANTED).begun_trainings == []


def test_the_plan_of_files_counts_what_is_in_them(tmp_path: Path) -> None:
    (scenario,) = (its for its in SCENARIOS if its.name == "plan first")
    prices = f'currency = "EUR"\ndate = 2026-11-02\nsource = "x"\n[training_tokens_per_1000]\n"{HAIKU}" = 9\n'
    with playing(scenario, tmp_path) as run, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, "training_name", property(lambda _: WANTED.training_name))
        without, _ = run()
        (tmp_path.parent / "prices.toml").write_text(prices, encoding="utf-8")
        with_prices, _ = run()
    assert says(without.stdout, "estimate: ", "tokens in 2 epochs")
    assert "EUR" not in without.stdout
    assert says(with_prices.stdout, "cost: ", "EUR", "2026-11-02")


def test_prices_that_are_wrong_or_without_an_environment_are_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "mine.toml"
    wrong.write_text("currency = 1\n", encoding="utf-8")
    for arguments in (["local"], []):
        result = runner.invoke(cli.app, ["plan", *arguments, "--prices", str(wrong)])
        assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("terminal", [True, False])
def test_tells_what_cloudformation_will_refuse_and_what_is_not_known(terminal: bool) -> None:
    used = HeldExport(ExportChange("an-export", Fate.CHANGES, "is removed"), (TRAINING,))
    refused = Exports(FOUNDATION, refused=(used,), what_to_do="keep it")
    for exports, parts in (
        (refused, ["an-export", "is removed", TRAINING, "keep it"]),
        (Exports(FOUNDATION, not_looked="denied"), [FOUNDATION, "denied"]),
    ):
        plan = replace(plan_of(Account(), WANTED), exports=exports)
        flat = " ".join(shown(plan, terminal=terminal).split())
        assert [part for part in parts if part not in flat] == []
        told = document(plan)
        assert (told["refusals"], told["notes"]) == (exports.refusals, exports.notes)


def test_a_command_is_one_line_on_a_narrow_terminal_too() -> None:
    account = Planted()
    account.throughput("lost", tags("lost-Serving"))
    text = shown(plan_of(account, WANTED), terminal=True, width=60)
    assert "  aws bedrock delete-provisioned-model-throughput --provisioned-model-id lost --region us-west-2\n" in text


@pytest.mark.parametrize("width", [40, 80])
def test_a_terminal_that_would_break_names_gets_lines(width: int) -> None:
    text = shown(plan_of(Account(), WANTED), terminal=True, width=width)
    assert "│" not in text
    assert WANTED.throughput_name in text


def test_the_end_sums_up_what_the_next_deploy_does() -> None:
    account = Account(settings=Settings(quotas=Quotas(custom_model_units=10)))
    new = list(lines(plan_of(account, WANTED)))[-2]
    changed, of = (int(number) for number in re.findall(r"\d+", new))
    assert 0 < changed <= of
    account.deploy(WANTED)
    assert says(list(lines(plan_of(account, WANTED)))[-2], f"changes 0 of {of} resources")
    account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=WANTED.throughput_name)
    assert says(list(lines(plan_of(account, WANTED)))[-2], "changes 0", "drift", WANTED.throughput_name)


def test_plain_lines_tell_of_drift_with_its_remedy() -> None:
    account = Account(settings=Settings(quotas=Quotas(custom_model_units=10)))
    account.deploy(WANTED)
    account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=WANTED.throughput_name)
    told = list(lines(plan_of(account, WANTED)))
    assert says("\n".join(told), "next deploy", "nothing")
    assert says("\n".join(told), "drift", "buy")
    assert says("\n".join(told), "drift", "reconcile", "prod/faq.toml")


def test_the_templates_are_those_that_a_deploy_sends() -> None:
    settings = load_environment(ROOT / "environments", "local")
    (model,) = settings.models
    found = templates.read_all(synthesis.bodies(settings))
    stacks = {kind: model.stack_name(kind) for kind in model.stack_kinds}
    assert set(found) == {settings.environment.stack_name("Foundation"), *stacks.values()}
    for kind, stack in stacks.items():
        snapshot = json.loads((ROOT / "tests" / "synth" / "stacks" / "snapshots" / f"local-{kind}.json").read_text())
        ours = templates.read(snapshot)
        assert {key: its.type for key, its in found[stack].items()} == {key: its.type for key, its in ours.items()}
    (job,) = of_type(found[stacks["Training"]], "Custom::BedrockModelCustomization").values()
    assert job.properties["TrainingId"] == model.training_id
    assert job.properties["Reconcile"] == str(model.reconcile)


def test_references_are_put_in_where_they_are_known() -> None:
    known = {"dev:Bucket": "b", "AWS::Region": "r"}
    joined = {"Fn::Join": ["", ["s3://", {"Fn::ImportValue": "dev:Bucket"}, "/", {"Ref": "AWS::Region"}]]}
    assert resolved({"Uri": joined, "Tags": {"a": "1"}, "List": ["x"]}, known) == {
        "Uri": "s3://b/r",
        "Tags": {"a": "1"},
        "List": ["x"],
    }
    assert resolved({"Fn::GetAtt": ["Any", "Arn"]}, known) == UNKNOWN
    assert resolved({"Fn::ImportValue": "dev:Other"}, known) == UNKNOWN
