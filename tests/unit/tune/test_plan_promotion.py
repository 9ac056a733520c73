"""What a plan says of a promoted model is what the lifecycle then does; what is gone where it comes from is told."""

from datetime import timedelta
from typing import Final

from bedrock_lifecycle.contract import hold_tag
from tests.support.environment import NOVA_REGION, SERVING, Account, Wanted
from tests.support.messages import says
from tests.unit.tune.planning import line, plan_of
from tests.unit.tune.test_plan import agrees
from tests.unit.tune.test_plan_on_demand import FIRST, QUICK

KIND: Final = "promoted model"
FIRST_GIVEN: Final = FIRST.but(giver="dev")


def epochs(count: int) -> Wanted:
    return FIRST_GIVEN.but(hyper_parameters={"epochCount": str(count)})


def account_of(*each: Wanted) -> Account:
    """Return an account in which `dev` has trained each, and `prod` has deployed all but the last."""
    account = Account(settings=QUICK, region=NOVA_REGION)
    for wanted in each:
        account.deploy(wanted.given)
    for wanted in each[:-1]:
        account.deploy(wanted)
    return account


def test_a_first_promotion_holds_and_serves_and_trains_nothing() -> None:
    account = account_of(FIRST_GIVEN)
    found = line(plan_of(account, FIRST_GIVEN), KIND)
    assert (found.name, [step.row for step in found.steps]) == (FIRST_GIVEN.training_name, ["promoted-hold"])
    assert agrees(account, FIRST_GIVEN) == ["CreateCustomModelDeployment", "Tag"]


def test_of_the_stacks_that_do_not_exist_it_names_the_one_that_is_to_be_deployed() -> None:
    plan = plan_of(account_of(FIRST_GIVEN), FIRST_GIVEN)
    assert plan.stacks is not None
    assert [name.rpartition("-")[2] for name in plan.stacks] == ["Foundation", "Promotion", "Serving"]


def test_what_is_deployed_needs_no_event_and_has_no_drift() -> None:
    account = account_of(FIRST_GIVEN, FIRST_GIVEN)
    found = line(plan_of(account, FIRST_GIVEN), KIND)
    assert (found.event, found.steps, found.drift) == (None, (), ())


def test_another_model_is_held_and_moved_to() -> None:
    assert agrees(account_of(epochs(1), epochs(2)), epochs(2)) == ["Tag", "UpdateCustomModelDeployment"]


def test_what_is_no_longer_needed_is_released() -> None:
    account = account_of(*map(epochs, (1, 2, 3, 4)))
    found = line(plan_of(account, epochs(4)), KIND)
    assert [step.row for step in found.steps] == ["promoted-hold", "promoted-release"]


def test_a_model_that_was_deleted_where_it_was_trained_is_drift() -> None:
    account = account_of(FIRST_GIVEN, FIRST_GIVEN)
    account.cloudformation.delete(SERVING)  # as long as it is served, the simulated Bedrock keeps it
    account.lifecycle.client.delete_custom_model(modelIdentifier=FIRST_GIVEN.training_name)
    account.lifecycle.pass_time(timedelta(hours=1))
    found = line(plan_of(account, FIRST_GIVEN), KIND)
    assert says(found.drift[0].reason, FIRST_GIVEN.training_name, "tune promote dev")
    assert (found.observed, found.event) == ("none", None)


def test_a_hold_that_somebody_took_away_is_drift() -> None:
    account = account_of(FIRST_GIVEN, FIRST_GIVEN)
    model = account.lifecycle.client.get_custom_model(modelIdentifier=FIRST_GIVEN.training_name)
    account.lifecycle.client.untag_resource(resourceARN=model["modelArn"], tagKeys=[hold_tag("prod")])
    found = line(plan_of(account, FIRST_GIVEN), KIND)
    assert [step.row for step in found.drift] == ["promoted-hold"]
    assert "reconcile" in found.remedy


def test_a_model_that_is_still_trained_fails_the_deploy_and_what_serves_is_not_reached() -> None:
    account = Account(settings=QUICK, region=NOVA_REGION)
    given = FIRST_GIVEN.given
    account.lifecycle.put(f"train/{given.sha256}.jsonl", given.data)
    account.cloudformation.deploy(given.stack("Training"), {"Job": given.training()["Job"]})
    plan = plan_of(account, FIRST_GIVEN)
    assert line(plan, KIND).fails
    assert line(plan, "custom model deployment").steps == ()
