"""`tune preflight`: the lifecycle's own rules from the command line, before anything is deployed."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console
from typer.testing import CliRunner

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import custom_model_deployment, model_customization, provisioned_throughput
from sandbox.bedrock import ApiFault
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import NOVA, NOVA_RECORDS, SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import BUCKET, KEY_ARN, ROLE_ARN
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import ABSENT, changed, data_of, write
from tests.unit.tune.aws_stand_in import THEIRS, target
from tests.unit.tune.planning import BOOTSTRAP, PLACE, PROD, Aws, templates
from tune import cli, synthesis
from tune.account import templates as account_templates
from tune.account.clients import WrongCredentials
from tune.account.location import Location, place_of
from tune.preflight.observe import NAME_TAKEN, PreflightObserver, PreflightResult, Subject
from tune.preflight.text import document, lines, show
from tune.terminal.marks import UNLOOKED

WANTED = Wanted(rungs=1)
runner = CliRunner()


@pytest.fixture
def account() -> Account:
    account = Account(settings=quick())
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    return account


def looked_at(
    account: Account, wanted: Wanted = WANTED, local: dict[str, str] | None = None, aws: Aws | None = None
) -> PreflightResult:
    """Look, and see that nothing was changed by it."""
    aws = aws or Aws(account)
    looked = PreflightObserver(aws, Location(ACCOUNT, wanted.region), local or {}).look(PROD, templates(wanted))
    assert aws.changes == []
    return looked


def marks(subject: Subject) -> dict[str, str]:
    told = (line.split(maxsplit=1) for line in lines(_looked(subject)) if line.startswith("  "))
    return {rest.partition(":")[0]: mark for mark, rest in told}


def _looked(subject: Subject) -> PreflightResult:
    return PreflightResult("prod", PLACE, datetime.now(UTC), (subject,))


def zero_units(account: Account) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 0}})


def test_nothing_stands_in_the_way_of_a_first_deployment(account: Account) -> None:
    (training,) = looked_at(account).subjects
    assert (training.kind, training.name, training.problems) == ("customization job", WANTED.training_name, 0)
    assert set(marks(training).values()) == {"✓", UNLOOKED}
    assert marks(training)["on-demand deployments"] == UNLOOKED


def test_every_problem_has_a_line_with_what_to_do(account: Account) -> None:
    zero_units(account)
    account.lifecycle.world.disabled_keys.add(KEY_ARN)
    looked = looked_at(account)
    assert looked.problems == 3
    told = list(lines(looked))
    failed = [line for line in told if line.startswith("  ✗ ")]
    assert [line.partition(":")[0] for line in failed] == [
        "  ✗ model units of one throughput",
        "  ✗ model units without commitment",
        "  ✗ key",
    ]
    assert "aws kms enable-key" in failed[2]
    assert says(told[-1], "3 problems", "deploy")


def test_what_the_command_says_is_what_the_deployment_says(account: Account) -> None:
    zero_units(account)
    problems = [line.partition(": ")[2] for line in lines(looked_at(account)) if "✗" in line]
    assert account.cloudformation.deploy(TRAINING, WANTED.training()) == "ROLLBACK_COMPLETE"
    assert problems
    for problem in problems:
        assert problem in account.reason


def test_a_training_that_exists_is_told_and_its_purchase_is_looked_at(account: Account) -> None:
    account.deploy(WANTED.but(model_units=None))
    training, purchase = looked_at(account).subjects
    assert marks(training) == {"customization job": UNLOOKED}
    assert purchase.kind == "provisioned throughput"
    assert marks(purchase) == dict.fromkeys(
        ("base model", "model units of one throughput", "model units without commitment", "the model's key", "key"), "✓"
    )
    zero_units(account)
    assert looked_at(account).problems == 2


def test_what_exists_is_not_looked_at(account: Account) -> None:
    account.deploy(WANTED)
    zero_units(account)
    account.lifecycle.world.disabled_keys.add(KEY_ARN)
    training, purchase = looked_at(account).subjects
    assert (training.problems, purchase.problems) == (0, 0)
    assert "it exists (InService" in " ".join(lines(_looked(purchase)))


def test_a_job_of_this_name_that_is_somebody_else_s_is_a_problem(account: Account) -> None:
    account.lifecycle.client.create_model_customization_job(
        jobName=WANTED.training_name,
        customModelName="theirs",
        roleArn="arn:aws:iam::111122223333:role/tuning",
        baseModelIdentifier=WANTED.base_model,
        trainingDataConfig={"s3Uri": "s3://tuning-data/train/any.jsonl"},
        outputDataConfig={"s3Uri": "s3://tuning-data/output/"},
        hyperParameters={},
    )
    looked = looked_at(account)
    assert looked.problems == 1
    assert says(" ".join(lines(looked)), WANTED.training_name, "attempt")


def test_files_that_are_still_here_are_named_with_their_path(account: Account) -> None:
    account.lifecycle.world.objects.clear()
    assert looked_at(account).problems == 1
    looked = looked_at(account, local={f"train/{WANTED.sha256}.jsonl": "/data/train.jsonl"})
    assert looked.problems == 0
    assert says("\n".join(lines(looked)), "✓ data files", "/data/train.jsonl")


def test_before_foundation_is_deployed_only_it_can_tell_of_role_key_and_bucket() -> None:
    of = target("local")
    account = Account(settings=quick())
    aws = Aws(account)
    (model,) = of.settings
    data = data_of(model)
    assert data.validation is not None
    local = {
        contract.data_key("train", data.train.sha256): "train.jsonl",
        contract.data_key("validation", data.validation.sha256): "validation.jsonl",
    }
    looker = PreflightObserver(aws, place_of(of), local)
    looked = looker.look(of, account_templates.read_all(synthesis.bodies(of.synthesized)))
    told = list(lines(looked))
    for title in ("service role, trust", "service role, data", "service role, metrics", "service role, key", "key"):
        assert any(says(each, UNLOOKED, title, "not checked", "Foundation") for each in told), told
    assert says("\n".join(told), "✓ data files", "train.jsonl", "validation.jsonl")
    assert looked.problems == 0
    assert aws.changes == []


@pytest.mark.parametrize("terminal", [True, False])
def test_is_shown_as_a_table_or_as_lines(account: Account, terminal: bool) -> None:
    zero_units(account)
    file = io.StringIO()
    show(looked_at(account), Console(file=file, force_terminal=terminal, width=100, color_system=None))
    text = " ".join(file.getvalue().split())
    assert "✓" in text
    assert "✗" in text
    assert "quota L-BE77399C" in text
    assert says(text, "2 problems", "deploy")


# --- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, account: Account, tmp_path: Path) -> Account:
    """The preflight of model faq in prod, in an account without Foundation."""
    write(tmp_path, changed(("name", "faq")), environment="prod")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: Aws(account))
    monkeypatch.setattr("tune.preflight.look.place_of", lambda _target: PLACE)
    bodies = {TRAINING: {"Parameters": {"BootstrapVersion": {"Default": BOOTSTRAP}}}}
    monkeypatch.setattr(synthesis, "bodies", lambda *_: bodies)
    monkeypatch.setattr(account_templates, "read_all", lambda _bodies: templates(WANTED))
    return account


def run(*arguments: str) -> Any:
    return runner.invoke(cli.app, ["preflight", "prod", "--environments", ".", *arguments])


def test_exits_with_0_when_nothing_stands_in_the_way_and_with_1_when_something_does(environment: Account) -> None:
    assert run().exit_code == 0
    zero_units(environment)
    refused = run()
    assert refused.exit_code == 1
    assert "quota L-BE77399C" in refused.output


def test_warns_of_validation_data_that_is_not_used(
    environment: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = (("training", {"base_model": "amazon.nova-2-lite-v1:0:256k"}), ("region", "us-east-1"), ("serving", ABSENT))
    for name, changes in (("with", ()), ("without", (("data.validation", ABSENT),))):
        write(tmp_path, changed(*there, *changes), environment=name)
        result = runner.invoke(cli.app, ["preflight", name, "--environments", str(tmp_path), "--json"])
        assert result.exit_code == 0, result.output
        assert says(result.stderr, "warning", "Amazon Nova 2 Lite", "test") == (name == "with")
        assert json.loads(result.stdout)["problems"] == 0


def test_json_is_one_document(environment: Account) -> None:
    zero_units(environment)
    told = json.loads(run("--json").stdout)
    assert (told["version"], told["environment"], told["problems"]) == (1, "prod", 2)
    deploy, subject = told["subjects"]
    assert [(each["id"], each["verdict"]) for each in deploy["checks"]] == [("bootstrap", "passed")]
    assert subject["name"] == WANTED.training_name
    verdicts = {each["id"]: each["verdict"] for each in subject["checks"]}
    assert verdicts["units-without-commitment"] == "problem"
    assert verdicts["base-model"] == "passed"
    assert verdicts["deployments"] == "not needed"
    looked = document(looked_at(environment))
    assert told == looked | {"asOf": told["asOf"], "subjects": [deploy, *looked["subjects"]]}


def test_what_keeps_it_from_looking_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, environment: Account) -> None:
    assert runner.invoke(cli.app, ["preflight", "lokal"]).exit_code == 2
    environment.lifecycle.simulated.faults.add(ApiFault("GetFoundationModel", "ThrottlingException", times=100))
    throttled = run()
    assert (throttled.exit_code, says(throttled.output, "ThrottlingException")) == (2, True)

    def refuse(*_: object) -> None:
        raise WrongCredentials("those of another account")

    monkeypatch.setattr("tune.account.clients.clients", refuse)
    assert (run().exit_code, says(run().output, "account")) == (2, True)


@pytest.mark.parametrize("is_denied", [False, True])
def test_a_region_that_is_not_bootstrapped_stands_in_the_way(
    monkeypatch: pytest.MonkeyPatch, environment: Account, is_denied: bool
) -> None:
    aws = Aws(environment)
    aws.is_bootstrapped = False
    if is_denied:

        def denied(**_: str) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetParameter")

        monkeypatch.setattr(aws, "get_parameter", denied)
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: aws)
    result = run()
    assert result.exit_code == (0 if is_denied else 1)
    mark = UNLOOKED if is_denied else "✗"
    (line,) = (each for each in result.output.splitlines() if each.startswith(f"  {mark} bootstrap of the CDK: "))
    assert is_denied or f"cdk bootstrap aws://{ACCOUNT}/us-west-2" in line


def test_a_stack_of_another_app_stands_in_the_way(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.deploy(WANTED.but(model_units=None))
    assert looked_at(account).problems == 0
    aws = Aws(account)
    aws.views.apps[TRAINING] = THEIRS
    looked = looked_at(account, aws=aws)
    assert looked.problems == 1
    (found,) = (each for each in looked.subjects[0].findings if each.id == "stacks")
    told = (found.title, TRAINING, "another app", THEIRS, "app.toml", "environment.toml")
    assert says("\n".join(lines(looked)), *told)


def test_whose_a_stack_is_need_not_be_readable(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListChangeSets")

    aws = Aws(account)
    account.deploy(WANTED.but(model_units=None))
    aws.views.busy[TRAINING] = "REVIEW_IN_PROGRESS"
    monkeypatch.setattr(aws.views, "change_sets", denied)
    told = list(lines(looked_at(account, aws=aws)))
    assert any(says(line, UNLOOKED, "AccessDenied") for line in told)


def test_a_ledger_that_is_gone_stands_in_the_way(account: Account) -> None:
    aws = Aws(account)
    held = {"ResourceType": "AWS::DynamoDB::Table", "PhysicalResourceId": "ledger"}
    tables = {"ledger"}

    class Dynamodb:
        def describe_table(self, *, TableName: str) -> None:  # noqa: N803
            if TableName not in tables:
                raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeTable")

    def services(service: str) -> Any:
        return Dynamodb() if service == "dynamodb" else aws(service)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tune.account.stack_states.resources", lambda _client, name: [held] * (name == PROD.foundation))
        assert PreflightObserver(services, PLACE, {}).look(PROD, templates(WANTED)).problems == 0
        tables.clear()
        looked = PreflightObserver(services, PLACE, {}).look(PROD, templates(WANTED))
    assert looked.problems == 1
    assert "table ledger, which Foundation made, does not exist" in " ".join(lines(looked))


def test_what_is_to_serve_under_a_name_that_is_taken_is_told_before_the_training_is_paid(account: Account) -> None:
    other = WANTED.but(hyper_parameters={"epochCount": "1"})
    account.deploy(other)
    (throughput,) = account.throughputs()
    client = account.lifecycle.client
    client.tag_resource(
        resourceARN=throughput["provisionedModelArn"],
        tags=[{"key": contract.TAG_OWNER, "value": "arn:aws:cloudformation:us-west-2:1:stack/their-app"}],
    )
    training, purchase = looked_at(account).subjects
    assert (training.exists, training.problems) == (False, 0)
    assert (purchase.kind, purchase.problems) == ("provisioned throughput", 1)
    told = " ".join(lines(_looked(purchase)))
    assert says(told, WANTED.throughput_name, "exists", "`name` or `environment`")
    assert "environments/prod/faq.toml" in told


def test_every_row_that_refuses_a_name_is_a_row_of_the_lifecycle() -> None:
    tables = (model_customization.ROWS, provisioned_throughput.PRESENCE, custom_model_deployment.PRESENCE)
    rows: set[str] = {row.id for table in tables for row in table}
    assert rows >= NAME_TAKEN


def test_a_training_whose_name_is_taken_names_the_file_that_decides_it(account: Account) -> None:
    account.lifecycle.client.create_model_customization_job(
        jobName=WANTED.training_name,
        customModelName=WANTED.training_name,
        roleArn=ROLE_ARN,
        baseModelIdentifier=WANTED.base_model,
        trainingDataConfig={"s3Uri": account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)},
        outputDataConfig={"s3Uri": f"s3://{BUCKET}/output/"},
        hyperParameters={"epochCount": "1"},
    )
    account.lifecycle.clock.advance(timedelta(hours=1))
    training, *_ = looked_at(account).subjects
    assert training.problems == 1
    assert "environments/prod/faq.toml" in " ".join(lines(_looked(training)))


def test_serving_that_exists_in_another_size_is_looked_at_with_both_in_the_quota(account: Account) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 2}})
    _, purchase = looked_at(account, WANTED.but(model_units=2)).subjects
    assert purchase.problems == 1
    assert says(" ".join(lines(_looked(purchase))), "is 2", "3 needed", "1 in use", 2)
    assert account.cloudformation.deploy(SERVING, WANTED.but(model_units=2).serving()) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "is 2", "3 needed", "1 in use", 2)


ON_DEMAND = Wanted(rungs=1, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None)


def deployments(account: Account, most: int) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": most}})


def test_serving_on_demand_is_looked_at_before_its_training_and_after_it() -> None:
    account = Account(settings=quick(), region=ON_DEMAND.region)
    account.lifecycle.put(f"train/{ON_DEMAND.sha256}.jsonl", ON_DEMAND.data)
    assert looked_at(account, ON_DEMAND).problems == 0
    deployments(account, 0)
    before = looked_at(account, ON_DEMAND)
    assert marks(before.subjects[0])["on-demand deployments"] == "✗"
    assert account.cloudformation.deploy(TRAINING, ON_DEMAND.but(on_demand=False).training()) == "CREATE_COMPLETE"
    training, deployment = looked_at(account, ON_DEMAND).subjects
    assert (training.problems, deployment.kind) == (0, "custom model deployment")
    found = marks(deployment)
    assert found.pop("age of the model") not in ("✓", "✗")
    assert found == {"on-demand deployments": "✗", "the model's key": "✓", "key": "✓"}
    deployments(account, 1)
    assert account.deploy(ON_DEMAND) == "CREATE_COMPLETE"
    assert "it exists (Active" in " ".join(lines(_looked(looked_at(account, ON_DEMAND).subjects[1])))


def test_a_model_that_is_given_is_looked_at_without_any_training(account: Account) -> None:
    account.deploy(WANTED.but(model_units=None))
    model = account.lifecycle.client.get_custom_model(modelIdentifier=WANTED.training_name)["modelArn"]
    given = WANTED.but(given_model=model)
    aws = Aws(account)
    served = {SERVING: templates(given)[SERVING]}
    looked = PreflightObserver(aws, PLACE, {}).look(PROD, served)
    (purchase,) = looked.subjects
    assert (purchase.kind, purchase.problems) == ("provisioned throughput", 0)
    zero_units(account)
    assert PreflightObserver(aws, PLACE, {}).look(PROD, served).problems == 2
