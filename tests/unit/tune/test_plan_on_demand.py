"""What `tune plan` says of serving by the token, and of switching to it and back, is what the lifecycle then does."""

from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle.decisions import custom_model_deployment
from sandbox.bedrock import Durations, Quotas, Settings
from sandbox.bedrock.faults import DeploymentFault
from tests.support.environment import NOVA, NOVA_RECORDS, NOVA_REGION, SERVING, TRAINING, Account, Wanted
from tests.support.messages import says
from tests.unit.tune.planning import line, plan_of
from tests.unit.tune.test_plan import RETRAINED, agrees

_SHORT = timedelta(seconds=30)
QUICK = Settings(
    durations=Durations(
        validation=_SHORT,
        data_processing=_SHORT,
        training=_SHORT,
        throughput_creation=_SHORT,
        deployment_creation=_SHORT,
        deployment_update=_SHORT,
    ),
    quotas=Quotas(custom_model_units=20),
)
FIRST = Wanted(
    rungs=2, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None, served_model="ServedModel"
)
BOUGHT = FIRST.but(on_demand=False, model_units=1)
KIND = "custom model deployment"
TRAINED_AND_MOVED = ["CreateModelCustomizationJob", "UpdateCustomModelDeployment"]
TO_THROUGHPUT = ["CreateProvisionedModelThroughput", "DeleteCustomModelDeployment"]
TO_ON_DEMAND = ["CreateCustomModelDeployment", "DeleteProvisionedModelThroughput"]


def account_of(wanted: Wanted | None = None) -> Account:
    account = Account(settings=QUICK, region=NOVA_REGION)
    if wanted:
        assert account.deploy(wanted) == "CREATE_COMPLETE"
    return account


def test_a_first_deploy_trains_and_deploys_and_buys_nothing() -> None:
    account = account_of()
    (step,) = line(plan_of(account, FIRST), KIND).steps
    (row,) = (row for row in custom_model_deployment.PRESENCE if row.id == "deployment-create")
    assert (step.row, step.pays) == (row.id, row.pays)
    assert says(line(plan_of(account, FIRST), KIND).desired, FIRST.training_name)
    assert agrees(account, FIRST) == ["CreateCustomModelDeployment", "CreateModelCustomizationJob"]


def test_what_is_deployed_needs_no_event_and_has_no_drift() -> None:
    account = account_of(FIRST)
    found = line(plan_of(account, FIRST), KIND)
    assert (found.event, found.steps, found.drift) == (None, (), ())
    assert says(found.observed, "Active")
    assert agrees(account, FIRST) == []


@pytest.mark.parametrize(
    ("changes", "planned"),
    [
        ({"hyper_parameters": {"epochCount": "3"}}, TRAINED_AND_MOVED),
        ({"tags": {"CostCentre": "42"}}, ["Tag", "Tag"]),
        ({"keep_models": 1}, []),
        ({"on_demand": False, "model_units": 1}, TO_THROUGHPUT),
        ({**RETRAINED, "rungs": 0}, ["CreateModelCustomizationJob", "refuse"]),
        (
            {"base_model": "amazon.nova-lite-v1:0:300k"},
            ["CreateCustomModelDeployment", "CreateModelCustomizationJob", "DeleteCustomModelDeployment"],
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_a_change_does_what_was_planned(changes: dict[str, Any], planned: list[str]) -> None:
    assert agrees(account_of(FIRST), FIRST.but(**changes)) == planned


def test_going_back_moves_the_deployment_and_trains_nothing() -> None:
    account = account_of(FIRST)
    account.deploy(FIRST.but(**RETRAINED))
    assert agrees(account, FIRST) == ["UpdateCustomModelDeployment"]


def test_a_switch_to_on_demand_and_back_is_planned_with_what_it_takes_the_place_of() -> None:
    account = account_of(BOUGHT)
    plan = plan_of(account, FIRST)
    removed = line(plan, "provisioned throughput")
    assert (removed.event, removed.name) == ("Delete", BOUGHT.throughput_name)
    assert says(removed.desired, "none")
    assert [step.row for step in removed.steps] == ["throughput-delete"]
    assert line(plan, KIND).event == "Create"
    assert agrees(account, FIRST) == TO_ON_DEMAND
    assert agrees(account, BOUGHT) == TO_THROUGHPUT


def test_a_switch_away_from_a_commitment_is_planned_as_the_refusal_that_it_is() -> None:
    committed = BOUGHT.but(commitment_duration="OneMonth")
    account = account_of(committed)
    removed = line(plan_of(account, FIRST), "provisioned throughput")
    assert (removed.event, removed.steps) == (None, ())
    assert agrees(account, FIRST) == ["refuse"]
    account.deploy(committed.but(detach_when_committed=True))
    assert [step.row for step in line(plan_of(account, FIRST), "provisioned throughput").steps] == ["throughput-detach"]
    account.lifecycle.pass_time(timedelta(days=46))
    # Whether a renewed term forbids a delete is Bedrock's to say, so a plan shows one.
    assert [step.row for step in line(plan_of(account, FIRST), "provisioned throughput").steps] == ["throughput-delete"]


def test_what_a_failed_clean_up_left_is_deleted_by_the_next_event() -> None:
    account = account_of(BOUGHT)
    account.deploy(FIRST)
    region = next(iter(account.lifecycle.simulated._simulation.regions.values()))
    (deployment,) = region.deployments.values()
    account.lifecycle.client.create_provisioned_model_throughput(
        provisionedModelName="faq-prod-left-over",
        modelId=FIRST.training_name,
        modelUnits=1,
        tags=[{"key": key, "value": value} for key, value in region.tags[deployment.arn].items()],
    )
    changed = FIRST.but(keep_models=100)
    (step,) = line(plan_of(account, changed), KIND).steps
    assert (step.row, step.reason) == ("throughput-delete", "faq-prod-left-over")
    account.deploy(changed)
    assert account.throughputs() == []


def test_an_update_that_failed_before_is_planned_again() -> None:
    account = account_of(FIRST)
    account.lifecycle.simulated.faults.add(DeploymentFault("failed", on="update"))
    account.deploy(FIRST.but(**RETRAINED))
    assert says(line(plan_of(account, FIRST.but(**RETRAINED)), KIND).observed, "Active")
    assert line(plan_of(account, FIRST.but(**RETRAINED)), KIND).observed != line(plan_of(account, FIRST), KIND).observed
    assert agrees(account, FIRST.but(**RETRAINED)) == ["UpdateCustomModelDeployment"]


def test_a_deployment_that_is_gone_is_drift() -> None:
    account = account_of(FIRST)
    account.lifecycle.client.delete_custom_model_deployment(customModelDeploymentIdentifier=FIRST.deployment_name)
    found = line(plan_of(account, FIRST), KIND)
    assert [step.row for step in found.drift] == ["deployment-create"]
    assert says(found.remedy, "reconcile", "prod/faq.toml", "deploy")


def test_a_stack_that_the_settings_no_longer_ask_for_is_told_with_the_command_that_removes_it() -> None:
    account = account_of(FIRST)
    found = line(plan_of(account, FIRST.but(on_demand=False)), KIND)
    assert found.name == FIRST.deployment_name
    assert says(found.observed, SERVING)
    assert says(found.remedy, "python -m tune destroy prod faq --serving-only")


def test_models_beyond_those_to_keep_are_retired_after_the_swap() -> None:
    first = FIRST.but(keep_models=1)
    account = account_of(first)
    account.deploy(first.but(**RETRAINED))
    (_, retired) = line(plan_of(account, first.but(hyper_parameters={"epochCount": "4"})), KIND).steps
    assert (retired.row, retired.action, retired.reason) == ("deployment-done", "retire", first.training_name)


def test_a_given_model_is_planned_without_a_training() -> None:
    account = account_of(FIRST.but(on_demand=False))
    region = next(iter(account.lifecycle.simulated._simulation.regions.values()))
    (arn,) = region.models
    given = FIRST.but(given_model=arn)
    plan = plan_of(account, given, trained=False)
    (only,) = plan.resources
    assert (only.kind, says(only.desired, arn)) == (KIND, True)
    assert [step.row for step in only.steps] == ["deployment-create"]
    assert account.cloudformation.deploy(SERVING, given.serving()) == "CREATE_COMPLETE"
    assert says(plan_of(account, given, trained=False).resources[0].observed, "Active")
    assert TRAINING in (plan.stacks or {})


def test_of_two_resources_that_hold_one_thing_and_go_together_neither_is_said_to_leave_it_to_the_other() -> None:
    account = account_of(BOUGHT)
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    stack.resources["PurchaseRenamed"] = stack.resources["Purchase"]
    removed = [its for its in plan_of(account, FIRST).resources if its.event == "Delete"]
    assert [[step.row for step in its.steps] for its in removed] == [["throughput-delete"], ["throughput-delete"]]
    account.deploy(FIRST)
    assert account.serving_names() == [FIRST.serving_name]
