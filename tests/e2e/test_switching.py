"""The example environment from one way of serving to the other and back: an application never notices."""

from collections.abc import Iterator
from typing import Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.account import Request
from tests.e2e.dev_example import DEPLOYMENT, MAY_BUY, PURCHASE, TO_THROUGHPUT, answers_as_taught, deployment, purchase
from tests.e2e.environment_example import EnvironmentExample
from tests.e2e.example_life import Life, Line, Version, lines
from tests.e2e.local_aws import MINUTES, RATE, bootstrapped
from tests.e2e.parameter_watch import ParameterWatch, always_answering
from tests.e2e.project import Project

pytestmark = pytest.mark.sandbox

EXAMPLE: Final = EnvironmentExample("dev", MAY_BUY)
REGION: Final = EXAMPLE.settings()["region"]
MESSAGE: Final = "No capacity for this deployment"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in the Region of the example, without any model units; time stands still unless a test lets it pass."""
    options = Options(rate=RATE, minutes=MINUTES, quotas={"custom_model_units": 0})
    with bootstrapped(options, REGION) as sandbox:
        sandbox.control("clock", {"rate": 0})
        yield sandbox


def test_one_deploy_switches_to_a_throughput_and_one_back_and_what_the_parameter_names_serves_all_the_while(
    project: Project, sandbox: Sandbox
) -> None:
    """One step after the other, each beginning where the one before has ended."""
    life = Life(EXAMPLE, project, sandbox)
    on_demand, throughput = life.version(), life.version(TO_THROUGHPUT)
    assert on_demand.training == throughput.training
    life.deployed(on_demand)
    first = life.account.deployment()["customModelDeploymentArn"]
    trained = life.meter()["trainedTokens"]

    watch = ParameterWatch(life.account, REGION, answers_as_taught)
    with always_answering(watch) as seen:
        without_a_quota_nothing_is_bought_and_the_deployment_goes_on(life, throughput)
        assert life.account.deployment()["customModelDeploymentArn"] == watch.model_id() == first
        a_purchase_that_fails_is_undone_and_the_deployment_goes_on(life, throughput)
        assert life.account.deployment()["customModelDeploymentArn"] == watch.model_id() == first
        one_deploy_puts_a_throughput_in_the_place_of_the_deployment(life, throughput)
        bought = life.account.throughput()["provisionedModelArn"]
        assert watch.model_id() == bought
        a_deployment_that_fails_is_undone_and_the_throughput_goes_on(life, on_demand)
        assert life.account.throughput()["provisionedModelArn"] == watch.model_id() == bought
        one_deploy_puts_a_deployment_in_the_place_of_the_throughput(life, on_demand)
        last = life.account.deployment()["customModelDeploymentArn"]
        assert watch.model_id() == last

    model = life.model_of(on_demand)
    assert [(look.model_id, look.status, look.model_arn) for look in seen] == [
        (first, "Active", model),
        (bought, "InService", model),
        (last, "Active", model),
    ]
    assert life.job_statuses() == ["Completed"]
    assert life.meter()["trainedTokens"] == trained


def without_a_quota_nothing_is_bought_and_the_deployment_goes_on(life: Life, throughput: Version) -> None:
    run = life.deploy(throughput)

    assert run.code != 0
    assert "quota L-BE77399C" in run.output
    assert life.account.stack_status("Serving") == "UPDATE_ROLLBACK_COMPLETE"
    assert outcomes(life) == [("Create", PURCHASE, "FAILED")]
    assert "CreateProvisionedModelThroughput" not in life.meter()["calls"]


def a_purchase_that_fails_is_undone_and_the_deployment_goes_on(life: Life, throughput: Version) -> None:
    life.account.sandbox.control("quotas", {"set": {"custom_model_units": 1}})
    life.account.sandbox.control("faults", {"add": [{"type": "throughput", "outcome": "failed", "message": MESSAGE}]})

    run = life.deploy(throughput)

    assert run.code != 0
    assert MESSAGE in run.output
    assert life.account.stack_status("Serving") == "UPDATE_ROLLBACK_COMPLETE"
    assert outcomes(life) == [("Create", PURCHASE, "FAILED")]
    assert [each["deleted"] for each in life.account.throughputs()] == [True]
    assert life.hourly_bill() == 0


def one_deploy_puts_a_throughput_in_the_place_of_the_deployment(life: Life, throughput: Version) -> None:
    replaced = deployment(life)

    requests = life.deployed(throughput)

    assert of_serving(requests) == [
        Line("Create", PURCHASE, None, "SUCCESS", purchase(life)),
        Line("Delete", DEPLOYMENT, replaced, "SUCCESS", replaced),
    ]
    assert [each["deleted"] for each in life.account.deployments()] == [True]
    life.assert_serves(throughput)
    assert life.hourly_bill() == 1


def a_deployment_that_fails_is_undone_and_the_throughput_goes_on(life: Life, on_demand: Version) -> None:
    life.account.sandbox.control("faults", {"add": [{"type": "deployment", "outcome": "failed", "message": MESSAGE}]})

    run = life.deploy(on_demand)

    assert run.code != 0
    assert MESSAGE in run.output
    assert life.account.stack_status("Serving") == "UPDATE_ROLLBACK_COMPLETE"
    assert outcomes(life) == [("Create", DEPLOYMENT, "FAILED")]
    assert [each["deleted"] for each in life.account.deployments()] == [True, True]
    life.assert_serves(on_demand)


def one_deploy_puts_a_deployment_in_the_place_of_the_throughput(life: Life, on_demand: Version) -> None:
    replaced = purchase(life)

    requests = life.deployed(on_demand)

    assert of_serving(requests) == [
        Line("Create", DEPLOYMENT, None, "SUCCESS", deployment(life)),
        Line("Delete", PURCHASE, replaced, "SUCCESS", replaced),
    ]
    assert life.throughputs() == []
    assert life.hourly_bill() == 0
    serving = life.account.deployment()
    assert (serving["status"], serving["modelArn"]) == ("Active", life.model_of(on_demand))


def outcomes(life: Life) -> list[tuple[str, str, str | None]]:
    """Return the new requests of the Serving stack, without the id of what was not made.

    The emulator's rollback asks for no delete of it; whoever failed to make it has undone it before answering.
    """
    return [(line.type, line.resource, line.status) for line in of_serving(life.new_requests())]


def of_serving(requests: list[Request]) -> list[Line]:
    return [line for line in lines(requests) if line.resource in {PURCHASE, DEPLOYMENT}]
