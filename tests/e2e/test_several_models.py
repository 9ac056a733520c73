"""Two environments with three models each: deployed by one command, one destroyed alone, and whose stacks are whose."""

import json
import shlex
import shutil
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from sandbox.options import Options
from sandbox.server import ACCOUNT, REGION, Sandbox
from tests.e2e.account import Account
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Project, Run, Running
from tests.e2e.settings_file import Settings, record, stack_of
from tests.support.messages import says
from tune.account.ownership import NameTaken

pytestmark = pytest.mark.sandbox

ENVIRONMENTS: Final = ("many", "more")
# One name begins as another does, and one has the environment's name in it.
MODELS: Final = ("a", "a-b", "a-many-b")


def models(environment: str) -> list[Settings]:
    """Return the models of an environment, each with records of its own."""
    records = {
        model: [record(f"What does {model} call {number}?", f"{model} calls it {number}.") for number in range(32)]
        for model in MODELS
    }
    return [Settings(environment, name=model, records=records[model]) for model in MODELS]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of their own: what else stands in an account and no file here asks for would be told too."""
    with bootstrapped(Options(rate=RATE, minutes=MINUTES, quotas=QUOTAS)) as sandbox:
        yield sandbox


class Fleet:
    """Both environments in one folder, and the project's own commands for them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.folder = project.write(*(model for environment in ENVIRONMENTS for model in models(environment)))

    def tune(self, *command: str) -> Run:
        return self._project.start(*self._command(*command)).wait()

    def document(self, *command: str) -> dict[str, Any]:
        return self._project.document(*self._command(*command, "--json"))

    def literally(self, command: str) -> Run:
        """Run a command as it was printed, and agree to it."""
        program, *arguments = shlex.split(command)
        assert program == "python"
        return self._project.start(sys.executable, *arguments, "--yes").wait()

    def begin_deploy(self, *of: str) -> Running:
        options = ("--environments", str(self.folder), "--", "--require-approval", "never")
        return self._project.start(sys.executable, "-m", "tune", "deploy", *of, *options)

    def deploy(self, *of: str) -> Run:
        return self.begin_deploy(*of).wait()

    def _command(self, command: str, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "tune", command, *arguments, "--environments", str(self.folder))


def test_two_environments_of_three_models_each_from_one_command_to_the_end_of_some(
    project: Project, sandbox: Sandbox
) -> None:
    fleet = Fleet(project)
    begun = {environment: fleet.begin_deploy(environment) for environment in ENVIRONMENTS}
    for environment, deploying in begun.items():
        run = deploying.wait()
        assert run.code == 0, run.output
        for model in MODELS:
            assert f"Model {model} of environment {environment}: deployed" in run.output, run.output
            assert f"{model} | " in run.output
    each_environment_has_one_foundation_and_every_model_its_own_stacks(sandbox)
    each_model_is_trained_once_and_serves_what_it_was_trained_for(sandbox)
    status_and_plan_are_about_every_model_or_about_the_one_that_is_named(fleet)
    one_model_is_destroyed_alone_and_several_only_when_that_is_said(fleet, sandbox)
    one_wrong_file_stops_neither_another_model_nor_what_it_still_has(fleet)
    a_removed_file_is_told_as_what_still_bills(fleet, sandbox)
    a_removed_environment_is_ended_by_the_command_that_is_told(fleet, sandbox)
    an_environment_whose_prefix_was_changed_is_found_by_its_tags(fleet, sandbox)


def account_of(sandbox: Sandbox, environment: str, model: str) -> Account:
    return Account(sandbox, environment, name=model)


def stacks(sandbox: Sandbox, environment: str) -> dict[str, dict[str, str]]:
    """Return the tags of the stacks of an environment, by the stacks' names."""
    found = sandbox.client("cloudformation").describe_stacks()["Stacks"]
    tags = {each["StackName"]: {tag["Key"]: tag["Value"] for tag in each.get("Tags", ())} for each in found}
    return {name: its for name, its in tags.items() if its.get(contract.TAG_ENVIRONMENT) == environment}


def standing(sandbox: Sandbox, environment: str) -> dict[str, int]:
    """Return how many throughputs of each model stand."""
    return {
        model: sum(
            not each["deleted"]
            and contract.is_name_of(each["provisionedModelName"], model=model, environment=environment)
            for each in sandbox.control("meter")["throughputs"]
        )
        for model in MODELS
    }


def each_environment_has_one_foundation_and_every_model_its_own_stacks(sandbox: Sandbox) -> None:
    for environment in ENVIRONMENTS:
        names = [
            stack_of(environment, "Foundation"),
            *(stack_of(environment, kind, name=model) for model in MODELS for kind in ("Training", "Serving")),
        ]
        found = stacks(sandbox, environment)
        assert sorted(found) == sorted(names)
        assert {its[contract.TAG_APP] for its in found.values()} == {"bedrock-tuning"}
        assert found[stack_of(environment, "Serving", name="a-b")][contract.TAG_MODEL] == "a-b"
        buckets = {account_of(sandbox, environment, model).data_bucket() for model in MODELS}
        assert len(buckets) == 1


def each_model_is_trained_once_and_serves_what_it_was_trained_for(sandbox: Sandbox) -> None:
    for environment in ENVIRONMENTS:
        assert standing(sandbox, environment) == dict.fromkeys(MODELS, 1)
        served = set()
        for model in MODELS:
            account = account_of(sandbox, environment, model)
            name = f"/bedrock-tuning/{environment}/{model}/model-id"
            arn = sandbox.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
            serving = account.bedrock.get_provisioned_model_throughput(provisionedModelId=arn)
            trained = account.bedrock.get_custom_model(modelIdentifier=serving["modelArn"])
            assert contract.is_name_of(trained["modelName"], model=model, environment=environment)
            served.add(trained["modelArn"])
        assert len(served) == len(MODELS)
    assert len(sandbox.control("meter")["jobs"]) >= len(ENVIRONMENTS) * len(MODELS)


def status_and_plan_are_about_every_model_or_about_the_one_that_is_named(fleet: Fleet) -> None:
    every, one = fleet.document("status", "many"), fleet.document("status", "many", "a")
    assert len(every["stacks"]) == 1 + 2 * len(MODELS)
    assert [its["name"] for its in one["stacks"]] == [
        stack_of("many", "Foundation"),
        *(stack_of("many", kind, name="a") for kind in ("Training", "Serving")),
    ]
    assert (len(every["serving"]), len(one["serving"])) == (len(MODELS), 1)
    assert (len(every["trainings"]), len(one["trainings"])) == (len(MODELS), 1)
    plan = fleet.document("plan", "many")
    assert {line["stack"] for line in plan["resources"] if line["event"]} == set()
    assert len(plan["held"]) == len(MODELS)
    assert plan["unasked"] == []


def one_model_is_destroyed_alone_and_several_only_when_that_is_said(fleet: Fleet, sandbox: Sandbox) -> None:
    refused = fleet.tune("destroy", "many", "--yes")
    assert refused.code == 2
    assert says(refused.output, "--every-model", "a, a-b, a-many-b")
    assert fleet.tune("destroy", "many", "a", "--all", "--yes").code == 2
    assert standing(sandbox, "many") == dict.fromkeys(MODELS, 1)

    run = fleet.tune("destroy", "many", "a", "--yes")

    assert run.code == 0, run.output
    assert standing(sandbox, "many") == {"a": 0, "a-b": 1, "a-many-b": 1}
    assert standing(sandbox, "more") == dict.fromkeys(MODELS, 1)
    assert stack_of("many", "Foundation") in stacks(sandbox, "many")
    purged = fleet.tune("purge", "many", "a", "--yes-remove", "a")
    assert purged.code == 0, purged.output
    models_left = {each["modelName"] for each in sandbox.client("bedrock").list_custom_models()["modelSummaries"]}
    of = {
        model: any(contract.is_name_of(name, model=model, environment="many") for name in models_left)
        for model in MODELS
    }
    assert of == {"a": False, "a-b": True, "a-many-b": True}
    bucket = account_of(sandbox, "many", "a-b").data_bucket()
    assert sandbox.client("s3").head_bucket(Bucket=bucket)


def one_wrong_file_stops_neither_another_model_nor_what_it_still_has(fleet: Fleet) -> None:
    wrong = fleet.folder / "more" / "a.toml"
    text = wrong.read_text(encoding="utf-8")
    wrong.write_text(text.replace("attempt = 1", "attempt = 0"), encoding="utf-8")
    try:
        for refused in (fleet.deploy("more"), fleet.deploy("more", "a")):
            assert refused.code == 2
            assert says(refused.output, "more/a.toml", "training.attempt")
        run = fleet.deploy("more", "a-b")
        assert run.code == 0, run.output
        unasked = fleet.document("plan", "more", "a-b")["unasked"]
        assert unasked == []
    finally:
        wrong.write_text(text, encoding="utf-8")


def a_removed_file_is_told_as_what_still_bills(fleet: Fleet, sandbox: Sandbox) -> None:
    path = fleet.folder / "more" / "a-b.toml"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    try:
        plan = fleet.document("plan", "more")
        (finding,) = plan["unasked"]
        assert contract.is_name_of(finding["name"], model="a-b", environment="more")
        assert says(finding["why"], "more/a-b.toml")
        assert fleet.tune("plan", "more", "--fail-on-orphans").code == 1
        told = fleet.deploy("more")
        assert told.code == 0, told.output
        assert says(told.output, "a-b", "python -m tune destroy more a-b")
        gone = fleet.literally(finding["command"])
        assert gone.code == 0, gone.output
        assert standing(sandbox, "more") == {"a": 1, "a-b": 0, "a-many-b": 1}
        kinds = ("Training", "Serving")
        assert not {stack_of("more", kind, name="a-b") for kind in kinds} & {*stacks(sandbox, "more")}
        assert fleet.tune("plan", "more", "--fail-on-orphans").code == 0
    finally:
        path.write_text(text, encoding="utf-8")


def a_removed_environment_is_ended_by_the_command_that_is_told(fleet: Fleet, sandbox: Sandbox) -> None:
    shutil.rmtree(fleet.folder / "more")
    refused = fleet.tune("destroy", "more", "--every-model", "--all", "--yes")
    assert refused.code == 2
    assert says(refused.output, "python -m tune destroy more --every-model --all", "--region")
    found = fleet.document("plan")["unasked"]
    (command,) = {its["command"] for its in found if its["environment"] == "more"}
    gone = fleet.literally(command)
    assert gone.code == 0, gone.output
    assert standing(sandbox, "more") == dict.fromkeys(MODELS, 0)
    assert stacks(sandbox, "more") == {}
    assert stacks(sandbox, "many") != {}


def an_environment_whose_prefix_was_changed_is_found_by_its_tags(fleet: Fleet, sandbox: Sandbox) -> None:
    path = fleet.folder / "many" / "environment.toml"
    path.write_text(f'stack_prefix = "new-"\n{path.read_text(encoding="utf-8")}', encoding="utf-8")
    before = {*stacks(sandbox, "many")}
    refused = fleet.deploy("many")
    assert refused.code == NameTaken.code
    assert says(refused.output, stack_of("many", "Foundation"), "new-many-Foundation", "stack_prefix")
    assert {*stacks(sandbox, "many")} == before
    gone = fleet.tune("destroy", "many", "--every-model", "--all", "--yes")
    assert gone.code == 0, gone.output
    assert stacks(sandbox, "many") == {}
    assert standing(sandbox, "many") == dict.fromkeys(MODELS, 0)


def test_a_stack_of_another_app_is_refused_before_anything_is_made(project: Project, sandbox: Sandbox) -> None:
    cloudformation = sandbox.client("cloudformation")
    name = stack_of("taken", "Foundation")
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "theirs"}}
    template = json.dumps({"Resources": {"Theirs": topic}})
    tags = [{"Key": contract.TAG_APP, "Value": "another"}, {"Key": contract.TAG_ENVIRONMENT, "Value": "taken"}]
    cloudformation.create_stack(StackName=name, TemplateBody=template, Tags=tags)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    folder = project.write(Settings("taken", model_units=None))
    command = (sys.executable, "-m", "tune")
    options = ("taken", "--environments", str(folder))

    run = project.start(*command, "deploy", *options, "--", "--require-approval", "never").wait()

    assert run.code == NameTaken.code
    assert says(run.output, name, "another", "stack_prefix", "app.toml")
    assert cloudformation.list_change_sets(StackName=name)["Summaries"] == []
    destroyed = project.start(*command, "destroy", *options, "--all", "--yes").wait()
    assert says(destroyed.output, name) or destroyed.code == 0
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    topics = sandbox.client("sns").list_topics()["Topics"]
    assert f"arn:aws:sns:{REGION}:{ACCOUNT}:theirs" in {each["TopicArn"] for each in topics}
