"""What served was deleted by hand: a rollback buys nothing, and says what is lost."""

from typing import Any

import pytest

from bedrock_lifecycle import contract
from tests.support.cloudformation import Resource, Template
from tests.support.environment import NOVA_REGION, SERVING, Wanted
from tests.support.messages import says
from tests.support.wired import QUICK, WiredAccount
from tests.unit.resources.test_switching_serving import BOUGHT, ON_DEMAND

EITHER_WAY = pytest.mark.parametrize("wanted", [BOUGHT, ON_DEMAND], ids=["throughput", "deployment"])
LATER = Resource(contract.CUSTOM_MODEL_DEPLOYMENT, {"Name": "refused at the door"})


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK, NOVA_REGION)


def delete_by_hand(account: WiredAccount, wanted: Wanted) -> None:
    if wanted.on_demand:
        account.bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=wanted.serving_name)
    else:
        account.bedrock.delete_provisioned_model_throughput(provisionedModelId=wanted.serving_name)
    assert account.serving_names() == []


def parameter(account: WiredAccount) -> str:
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    return str(stack.resources["ModelId"].properties["Value"])


def last_answer(account: WiredAccount, request_type: str) -> dict[str, Any]:
    event = next(one for one in reversed(account.cloudformation.events) if one["RequestType"] == request_type)
    return account.lifecycle.answers[event["RequestId"]][0]


def reconciled(wanted: Wanted) -> Template:
    """Return the template with `reconcile` counted up."""
    template = wanted.serving()
    (logical_id,) = template.keys() - {"ModelId"}
    counted = Resource(template[logical_id].type, {**template[logical_id].properties, "Reconcile": "1"})
    return {**template, logical_id: counted}


@EITHER_WAY
def test_a_rollback_makes_nothing_and_answers_with_what_was_there(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    created = last_answer(account, "Create")
    delete_by_hand(account, wanted)
    since = len(account.changes())
    assert account.serve(wanted.but(attempt=7)) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.changes()[since:] == []
    assert account.serving_names() == []
    answer = last_answer(account, "Update")
    assert (answer["PhysicalResourceId"], answer["Data"]) == (created["PhysicalResourceId"], created["Data"])
    assert says(answer["Reason"], wanted.serving_name, "reconcile", "deploy")


@EITHER_WAY
def test_a_rollback_goes_through_when_the_model_is_lost_too(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    delete_by_hand(account, wanted)
    account.bedrock.delete_custom_model(modelIdentifier=wanted.training_name)
    assert account.serve(wanted.but(attempt=7)) == "UPDATE_ROLLBACK_COMPLETE"


@EITHER_WAY
def test_what_was_lost_is_made_anew_by_counting_reconcile_up(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    lost = parameter(account)
    delete_by_hand(account, wanted)
    account.serve(wanted.but(attempt=7))
    assert parameter(account) == lost
    assert account.cloudformation.deploy(SERVING, reconciled(wanted)) == "UPDATE_COMPLETE"
    assert account.serving_names() == [wanted.serving_name]
    assert parameter(account) == next(iter(one.arn for one in account.region.serving()))
    assert parameter(account) != lost


def test_a_replacement_of_what_was_lost_is_taken_back_and_nothing_else_is_bought(account: WiredAccount) -> None:
    account.deploy(BOUGHT)
    created = last_answer(account, "Create")
    delete_by_hand(account, BOUGHT)
    since = len(account.changes())
    serving = {**BOUGHT.but(model_units=2).serving(), "Later": LATER}
    assert account.cloudformation.deploy(SERVING, serving) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.changes()[since:] == ["CreateProvisionedModelThroughput", "DeleteProvisionedModelThroughput"]
    assert account.serving_names() == []
    assert last_answer(account, "Update")["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert last_answer(account, "Update")["Data"] == created["Data"]


def test_what_the_ledger_never_knew_is_named_by_its_name(account: WiredAccount) -> None:
    account.deploy(BOUGHT)
    delete_by_hand(account, BOUGHT)
    account.lifecycle.lose_the_ledger()
    account.serve(BOUGHT.but(attempt=7))
    assert last_answer(account, "Update")["Data"]["ProvisionedModelArn"] == BOUGHT.serving_name
