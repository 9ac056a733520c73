"""What a plan says of a bake is what the lifecycle then does."""

from typing import Final

import pytest

from bedrock_lifecycle import contract
from settings.app import DEFAULT_APP
from tests.support.environment import NOVA_RECORDS, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.unit.tune.planning import PROD, Aws, line, place_of, plan_of, templates
from tests.unit.tune.test_plan_on_demand import FIRST, QUICK
from tune.account.templates import TemplateResource
from tune.plan.environment import Planner

KIND: Final = "bake"
WORSE: Final = NOVA_RECORDS.replace(b"is shut", b"is open")
BAKED: Final = FIRST.but(data=NOVA_RECORDS, asks=NOVA_RECORDS)
BOUGHT: Final = BAKED.but(on_demand=False, model_units=1)
COMMITTED: Final = BOUGHT.but(commitment_duration="OneMonth")


def account_of(*each: Wanted) -> Account:
    account = Account(settings=QUICK, region=NOVA_REGION)
    for wanted in each:
        account.deploy(wanted)
    return account


def rows(account: Account, wanted: Wanted) -> list[str]:
    return [step.row for step in line(plan_of(account, wanted), KIND).steps]


def test_a_first_deployment_asks_and_passes() -> None:
    account = account_of()
    account.put_questions(BAKED)
    found = line(plan_of(account, BAKED), KIND)
    assert [step.row for step in found.steps] == ["bake-ask", "bake-passed"]
    assert (found.name, found.observed) == (BAKED.training_name, "none")
    assert says(found.desired, "3 of 3")


def test_what_is_deployed_is_asked_nothing_and_shows_how_its_bake_went() -> None:
    found = line(plan_of(account_of(BAKED), BAKED), KIND)
    assert (found.event, found.steps, found.drift, found.observed) == (None, (), (), contract.PASSED)


def test_questions_that_are_not_in_the_bucket_fail_the_deploy_as_the_plan_says() -> None:
    account, wanted = account_of(), BAKED.but(push="tune push")
    account.deploy(BAKED.but(asks=None))
    (step,) = line(plan_of(account, wanted), KIND).steps
    assert (step.row, says(step.reason, "question 1", "does not exist", "(tune push)")) == ("bake-failed", True)
    assert account.cloudformation.deploy(wanted.stack("Serving"), wanted.serving()) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "question 1", "(tune push)")


def test_questions_that_the_training_stack_puts_into_the_bucket_are_asked() -> None:
    account, wished = account_of(), templates(BAKED)
    copy = {"DestinationBucket": BUCKET, "DestinationKey": f"test/{BAKED.sha256}.jsonl", "SourceBucket": "assets"}
    training = BAKED.stack("Training")
    wished[training] = {"Data": TemplateResource(contract.DATASET, copy), **wished[training]}
    found = Planner(Aws(account), place_of(account), DEFAULT_APP).environment(PROD, wished)
    assert [step.row for step in line(found, KIND).steps] == ["bake-ask", "bake-passed"]


def test_another_model_is_asked() -> None:
    account, other = account_of(BAKED), BAKED.but(hyper_parameters={"epochCount": "3"})
    assert rows(account, other) == ["bake-ask", "bake-passed"]


def test_alarms_are_watched_after_the_questions() -> None:
    account, watched = account_of(BAKED), BAKED.but(alarms=("errors",), minutes=30)
    assert rows(account, watched) == ["bake-ask", "bake-watch", "bake-passed"]
    assert says(line(plan_of(account, watched), KIND).desired, "errors", "30 min")


def test_a_worse_model_shows_how_its_bake_went() -> None:
    worse = BAKED.but(data=WORSE)
    account = account_of(BAKED, worse)
    assert line(plan_of(account, worse), KIND).observed == contract.FAILED


def test_a_commitment_for_a_model_that_has_not_passed_fails_the_deploy_and_the_bake_is_not_reached() -> None:
    plan = plan_of(account_of(), COMMITTED)
    assert says(line(plan, "provisioned throughput").steps[-1].reason, contract.TAG_BAKE)
    found = line(plan, KIND)
    assert (found.event, found.steps) == (None, ())


def test_a_commitment_for_a_promoted_model_needs_a_bake_here_whatever_its_giver_found() -> None:
    promoted = BOUGHT.but(giver="dev")
    committed = promoted.but(commitment_duration="OneMonth")
    account = account_of(promoted.given)
    account.cloudformation.deploy(promoted.stack("Promotion"), promoted.promotion())
    arn = next(arn for arn, model in account.region.models.items() if model.name == promoted.training_name)
    account.region.tags[arn] |= {contract.TAG_FOUNDATION: "another-foundation", contract.TAG_BAKE: contract.PASSED}
    refused = line(plan_of(account, committed), "provisioned throughput").steps[-1]
    assert (refused.row, says(refused.reason, "another environment")) == ("throughput-not-baked", True)
    del account.region.tags[arn][contract.TAG_BAKE]
    assert account.cloudformation.deploy(promoted.stack("Serving"), promoted.serving()) == "CREATE_COMPLETE"
    assert "throughput-create" in [
        step.row for step in line(plan_of(account, committed), "provisioned throughput").steps
    ]
    assert account.cloudformation.deploy(promoted.stack("Serving"), committed.serving()) == "UPDATE_COMPLETE"


@pytest.mark.parametrize("passes", [True, False])
def test_of_a_promoted_model_the_bake_here_is_shown_and_not_its_givers(passes: bool) -> None:
    promoted = BAKED.but(giver="dev", data=NOVA_RECORDS if passes else WORSE)
    account = account_of(promoted.given)
    account.cloudformation.deploy(promoted.stack("Promotion"), promoted.promotion())
    arn = next(arn for arn, model in account.region.models.items() if model.name == promoted.training_name)
    account.region.tags[arn] |= {contract.TAG_FOUNDATION: "another-foundation", contract.TAG_BAKE: contract.PASSED}
    assert line(plan_of(account, promoted), KIND).observed == "none"
    account.cloudformation.deploy(promoted.stack("Serving"), promoted.serving(), rollback=False)
    assert line(plan_of(account, promoted), KIND).observed == (contract.PASSED if passes else "none")


def test_a_failed_bake_of_a_promoted_model_that_is_left_standing_buys_no_commitment() -> None:
    promoted = BOUGHT.but(giver="dev", data=WORSE)
    account = account_of(promoted.given)
    account.cloudformation.deploy(promoted.stack("Promotion"), promoted.promotion())
    arn = next(arn for arn, model in account.region.models.items() if model.name == promoted.training_name)
    account.region.tags[arn] |= {contract.TAG_FOUNDATION: "another-foundation"}
    serving, committed = promoted.stack("Serving"), promoted.but(commitment_duration="OneMonth")
    assert account.cloudformation.deploy(serving, promoted.serving(), rollback=False) == "CREATE_FAILED"
    planned = line(plan_of(account, committed), "provisioned throughput").steps
    assert [step.row for step in planned] == ["throughput-not-baked"]
    account.cloudformation.deploy(serving, committed.serving(), rollback=False)
    assert account.reason == planned[0].reason


def test_what_is_bought_for_a_term_is_not_baked_and_what_moves_on_it_is() -> None:
    account = account_of(BOUGHT)
    assert rows(account, COMMITTED) == ["bake-bought-for-a-term"]
    account.deploy(COMMITTED)
    assert rows(account, COMMITTED.but(hyper_parameters={"epochCount": "3"})) == ["bake-ask", "bake-passed"]


def test_a_stack_that_is_made_anew_with_a_commitment_is_not_baked() -> None:
    account = account_of(BOUGHT)
    account.cloudformation.delete(BOUGHT.stack("Serving"))
    assert rows(account, COMMITTED) == ["bake-bought-for-a-term"]
