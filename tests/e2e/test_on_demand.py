"""The example environment as it is, served on demand: nothing is ever bought, and another model takes over in place."""

import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.accesses import MADE_ELSEWHERE, made, unlisted
from tests.e2e.dev_example import (
    CUSTOMIZATION,
    DEPLOYMENT,
    EPOCHS,
    TRAINING_MINUTES,
    answers_as_taught,
    customization,
    deleted_rungs,
    deployment,
    moved,
    rungs,
    states,
    two_rungs_waited,
)
from tests.e2e.environment_example import EnvironmentExample
from tests.e2e.example_life import Life, Line, Version, lines
from tests.e2e.local_aws import MINUTES, RATE, bootstrapped
from tests.e2e.parameter_watch import ParameterWatch, always_answering
from tests.e2e.project import Project

pytestmark = pytest.mark.sandbox

EXAMPLE: Final = EnvironmentExample("dev")
REGION: Final = EXAMPLE.settings()["region"]
BASE_MODEL: Final = EXAMPLE.settings()["training"]["base_model"].rpartition(":")[0]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in the Region of the example, without any model units; time stands still unless a test lets it pass."""
    minutes = {**MINUTES, "training": TRAINING_MINUTES}
    options = Options(rate=RATE, minutes=minutes, quotas={"custom_model_units": 0})
    with bootstrapped(options, REGION) as sandbox:
        sandbox.control("clock", {"rate": 0})
        yield sandbox


def test_the_settings_are_those_of_the_example_but_for_the_account() -> None:
    EXAMPLE.assert_only_the_account_differs()
    assert EXAMPLE.settings()["serving"] == {"on_demand": {}}


def test_the_example_buys_nothing_and_another_training_and_back_take_over_in_place_until_it_is_destroyed(
    project: Project, sandbox: Sandbox
) -> None:
    """One step after the other, each beginning where the one before has ended."""
    life = Life(EXAMPLE, project, sandbox)
    first = life.version()
    second = life.version((EPOCHS, "epochCount = 3"))

    one_deploy_goes_from_the_data_to_a_model_that_answers(life, first)
    deployed = life.account.deployment()["customModelDeploymentArn"]
    watch = ParameterWatch(life.account, REGION, answers_as_taught)
    with always_answering(watch) as seen:
        another_training_takes_over_in_place(life, first, second)
        going_back_trains_nothing_and_takes_over_in_place(life, second, first)
    assert {look.model_id for look in seen} == {deployed} == {watch.model_id()}
    assert [look.model_arn for look in seen] == [life.model_of(version) for version in (first, second, first)]
    destroying_it_leaves_no_deployment_and_keeps_both_models(life, first, second)

    meter = life.meter()
    assert meter["calls"]["CreateCustomModelDeployment"] == 1
    assert meter["calls"]["UpdateCustomModelDeployment"] == 2
    assert "CreateProvisionedModelThroughput" not in meter["calls"]
    assert meter["modelUnitSeconds"] == 0
    assert unlisted(sandbox, "dev") == []
    assert {each for each in MADE_ELSEWHERE if "Deployment" in each} <= made(sandbox, "dev")


def one_deploy_goes_from_the_data_to_a_model_that_answers(life: Life, first: Version) -> None:
    requests = life.deployed(first)

    assert lines(requests) == [
        Line("Create", CUSTOMIZATION, None, "SUCCESS", customization(first)),
        *rungs("Create"),
        Line("Create", DEPLOYMENT, None, "SUCCESS", deployment(life)),
    ]
    assert states(requests) == two_rungs_waited()
    assert life.job_statuses() == ["Completed"]
    assert_serves(life, first)
    runtime = life.account.sandbox.client("bedrock-runtime", REGION)
    assert answers_as_taught(runtime, parameter(life))
    assert not answers_as_taught(runtime, BASE_MODEL)


def another_training_takes_over_in_place(life: Life, first: Version, second: Version) -> None:
    requests = life.deployed(second)

    assert lines(requests) == [
        *moved(first, second),
        Line("Update", DEPLOYMENT, deployment(life), "SUCCESS", deployment(life)),
    ]
    assert states(requests) == two_rungs_waited()
    assert life.job_statuses() == ["Completed"] * 2
    assert_serves(life, second)


def going_back_trains_nothing_and_takes_over_in_place(life: Life, second: Version, first: Version) -> None:
    trained = life.meter()["trainedTokens"]

    requests = life.deployed(first)

    assert lines(requests) == [
        *moved(second, first),
        Line("Update", DEPLOYMENT, deployment(life), "SUCCESS", deployment(life)),
    ]
    assert states(requests) == ["ready"] * len(rungs("Update"))
    assert life.job_statuses() == ["Completed"] * 2
    assert life.meter()["trainedTokens"] == trained
    assert_serves(life, first)


def destroying_it_leaves_no_deployment_and_keeps_both_models(life: Life, first: Version, second: Version) -> None:
    deployed, name = deployment(life), parameter_name(life)

    run = life.run(sys.executable, "-m", "tune", "destroy", "dev", "--environments", str(first.settings), "--yes")

    assert run.code == 0, run.output
    assert lines(life.new_requests()) == [
        Line("Delete", DEPLOYMENT, deployed, "SUCCESS", deployed),
        *deleted_rungs(),
        Line("Delete", CUSTOMIZATION, customization(first), "SUCCESS", customization(first)),
    ]
    stacks = [life.account.stack_status(stack) for stack in ("Serving", "Training", "Foundation")]
    assert stacks == [None, None, "CREATE_COMPLETE"]
    assert life.account.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"] == []
    assert [each["deleted"] for each in life.account.deployments()] == [True]
    assert ssm(life).get_parameters(Names=[name])["InvalidParameters"] == [name]
    assert life.models() == {first.training, second.training}


def assert_serves(life: Life, version: Version) -> None:
    """One deployment was ever made, the parameter names it, and it serves the model of a version."""
    serving = life.account.deployment()
    assert len(life.account.deployments()) == 1
    assert (serving["status"], serving["modelArn"]) == ("Active", life.model_of(version))
    assert parameter(life) == serving["customModelDeploymentArn"]


def parameter(life: Life) -> str:
    return str(ssm(life).get_parameter(Name=parameter_name(life))["Parameter"]["Value"])


def parameter_name(life: Life) -> str:
    return life.account.outputs("Serving")["ModelIdParameter"]


def ssm(life: Life) -> Any:
    return life.account.sandbox.client("ssm", REGION)
