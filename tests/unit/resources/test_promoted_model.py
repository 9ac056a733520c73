"""`Custom::BedrockPromotedModel`: what is promoted is what was meant, and is held as long as it may be needed."""

from datetime import timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import hold_tag
from bedrock_lifecycle.engine.outcome import Refusal
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.promoted_model import PromotedModel
from sandbox.bedrock.faults import ApiFault
from sandbox.bedrock.lasting_faults import LegacyFault, UnseenFault
from tests.support.environment import NOVA, NOVA_RECORDS, Wanted
from tests.support.events import any_event
from tests.support.messages import says
from tests.support.turns import any_turn
from tests.support.wired import QUICK, WANTED, WiredAccount

PROMOTED: Final = WANTED.but(base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None, giver="dev")
HOLD: Final = hold_tag("prod")


def trained(number: int) -> Wanted:
    """Return one model of a row of them."""
    return PROMOTED.but(hyper_parameters={"epochCount": str(number)})


@pytest.fixture
def account() -> WiredAccount:
    made = WiredAccount(QUICK, PROMOTED.region)
    made.deploy(PROMOTED.given)
    made.asked.clear()
    return made


def promote(account: WiredAccount, wanted: Wanted = PROMOTED, **properties: Any) -> str:
    template = wanted.promotion()
    if properties:
        (resource,) = template.values()
        template = {"Model": type(resource)(resource.type, {**resource.properties, **properties})}
    return account.cloudformation.deploy(wanted.stack("Promotion"), template)


def arn(account: WiredAccount, wanted: Wanted = PROMOTED) -> str:
    return str(account.bedrock.get_custom_model(modelIdentifier=wanted.training_name)["modelArn"])


def held(account: WiredAccount) -> list[str]:
    """Return the names of the models that prod holds."""
    summaries = account.bedrock.list_custom_models()["modelSummaries"]
    return sorted(each["modelName"] for each in summaries if HOLD in account.tags(each["modelArn"]))


def test_a_promotion_holds_the_model_and_changes_nothing_else(account: WiredAccount) -> None:
    before = account.tags(arn(account))
    assert promote(account) == "CREATE_COMPLETE"
    after = account.tags(arn(account))
    assert after.keys() - before.keys() == {HOLD}
    assert before.items() <= after.items()
    assert account.changes() == ["TagResource"]


def test_it_answers_with_the_model(account: WiredAccount) -> None:
    promote(account)
    stack = account.cloudformation.stack(PROMOTED.stack("Promotion"))
    assert stack is not None
    assert stack.resources["Model"].attributes == {"ModelArn": arn(account), "ModelName": PROMOTED.training_name}


def test_the_very_model_is_served_and_nothing_is_trained_again(account: WiredAccount) -> None:
    assert account.deploy(PROMOTED) == "CREATE_COMPLETE"
    assert account.served_model(PROMOTED) == PROMOTED.given.training_name
    assert len(account.jobs()) == 1


def test_looking_again_changes_nothing(account: WiredAccount) -> None:
    promote(account)
    account.asked.clear()
    assert promote(account, Reconcile="1") == "UPDATE_COMPLETE"
    assert account.changes() == []


def test_the_two_before_it_stay_held_and_those_before_them_do_not(account: WiredAccount) -> None:
    each = [trained(number) for number in (1, 3, 4, 5)]
    for wanted in each:
        account.deploy(wanted.given)
        assert promote(account, wanted) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    assert held(account) == sorted(wanted.training_name for wanted in each[1:])


def test_a_model_to_which_a_revert_goes_back_counts_as_the_newest(account: WiredAccount) -> None:
    first, second, third, fourth = (trained(number) for number in (1, 3, 4, 5))
    for wanted in (first, second, third, first, fourth):
        account.deploy(wanted.given)
        promote(account, wanted)
    assert held(account) == sorted(wanted.training_name for wanted in (first, third, fourth))


def test_what_is_served_stays_held_however_many_were_promoted_since(account: WiredAccount) -> None:
    account.deploy(PROMOTED)
    for number in (3, 4, 5):
        account.deploy(trained(number).given)
        promote(account, trained(number))
    assert PROMOTED.training_name in held(account)


def test_with_the_stack_every_hold_goes(account: WiredAccount) -> None:
    account.deploy(PROMOTED)
    account.deploy(trained(3).given)
    account.deploy(trained(3))
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert held(account) == []


def test_what_is_still_served_stays_held_when_the_stack_goes(account: WiredAccount) -> None:
    account.deploy(PROMOTED)
    assert account.cloudformation.delete(PROMOTED.stack("Promotion")) == "DELETE_COMPLETE"
    assert held(account) == [PROMOTED.training_name]


@pytest.mark.parametrize("others", [("dev",), ("qa",), ("dev", "qa")], ids=" and ".join)
def test_what_other_environments_serve_is_theirs_and_keeps_no_hold(
    account: WiredAccount, others: tuple[str, ...]
) -> None:
    account.deploy(PROMOTED)
    for name in others:
        its = PROMOTED.but(environment=name, giver=None if name == "dev" else "dev")
        account.cloudformation.deploy(its.stack("Serving"), its.serving())
    account.destroy()
    assert held(account) == []


def test_what_somebody_serves_by_hand_stays_held(account: WiredAccount) -> None:
    account.deploy(PROMOTED)
    account.bedrock.create_custom_model_deployment(modelDeploymentName="by-hand", modelArn=arn(account))
    account.destroy()
    assert held(account) == [PROMOTED.training_name]


def test_a_failed_update_leaves_the_model_before_it_held(account: WiredAccount) -> None:
    promote(account)
    account.deploy(trained(3).given)
    assert promote(account, trained(3), BaseModel="amazon.nova-lite-v1:0:300k") == "UPDATE_ROLLBACK_COMPLETE"
    assert held(account) == [PROMOTED.training_name]


def test_what_another_environment_gave_before_is_released_as_well(account: WiredAccount) -> None:
    promote(account)
    others = [trained(number).but(giver="qa") for number in (3, 4)]
    for wanted in others:
        account.deploy(wanted.given)
        promote(account, wanted)
    assert held(account) == sorted(each.training_name for each in (PROMOTED, *others))
    assert account.cloudformation.delete(PROMOTED.stack("Promotion")) == "DELETE_COMPLETE"
    assert held(account) == []


def test_the_hold_of_another_model_whose_name_begins_alike_is_let_be(account: WiredAccount) -> None:
    other = PROMOTED.but(name="faq-bot")
    account.deploy(other.given)
    promote(account, other)
    promote(account)
    account.cloudformation.delete(PROMOTED.stack("Promotion"))
    assert held(account) == [other.training_name]


def test_the_hold_of_another_environment_is_let_be(account: WiredAccount) -> None:
    staging = PROMOTED.but(environment="staging")
    promote(account, staging)
    promote(account)
    assert account.cloudformation.delete(PROMOTED.stack("Promotion")) == "DELETE_COMPLETE"
    assert contract.holders(account.tags(arn(account))) == ["staging"]


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"BaseModel": "amazon.nova-lite-v1:0:300k"}, ("nova-micro", "nova-lite")),
        ({"TrainSha256": "c" * 64}, ("c" * 64,)),
        ({"CustomModelKmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/other"}, ("key/other",)),
        (
            {"GiverFoundation": "arn:aws:cloudformation:us-east-1:111122223333:stack/other"},
            ("stack/other", "deploy dev"),
        ),
        ({"TrainingId": "0123456789ab"}, ("0123456789ab", "tune promote dev")),
        ({"Attempt": "2"}, ("tune promote dev",)),
        ({"ModelEnvironment": "qa"}, ("tune promote qa",)),
    ],
)
def test_what_is_not_the_promoted_model_is_refused_and_not_held(
    account: WiredAccount, properties: dict[str, Any], named: tuple[str, ...]
) -> None:
    assert promote(account, **properties) == "ROLLBACK_COMPLETE"
    assert says(account.reason, *named)
    assert account.changes() == []
    assert held(account) == []


@pytest.mark.parametrize("key", [contract.TAG_BAKE, contract.TAG_VERDICT])
@pytest.mark.parametrize(("value", "status"), [("passed", "CREATE_COMPLETE"), ("failed", "ROLLBACK_COMPLETE")])
def test_what_did_not_pass_where_it_comes_from_is_refused(
    account: WiredAccount, key: str, value: str, status: str
) -> None:
    account.bedrock.tag_resource(resourceARN=arn(account), tags=[{"key": key, "value": value}])
    assert promote(account) == status
    assert (held(account) == [PROMOTED.training_name]) is (value == "passed")


def test_a_training_that_is_running_is_refused_and_promoted_once_it_has_ended(account: WiredAccount) -> None:
    wanted = trained(3)
    account.cloudformation.deploy(wanted.given.stack("Training"), {"Job": wanted.given.training()["Job"]})
    assert promote(account, wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.training_name, "running", "deploy again")
    account.lifecycle.pass_time(timedelta(hours=3))
    account.cloudformation.delete(wanted.stack("Promotion"))
    assert promote(account, wanted) == "CREATE_COMPLETE"


def test_a_deleted_model_is_refused(account: WiredAccount) -> None:
    account.bedrock.delete_custom_model(modelIdentifier=PROMOTED.training_name)
    account.lifecycle.pass_time(timedelta(hours=1))
    assert promote(account) == "ROLLBACK_COMPLETE"
    assert says(account.reason, PROMOTED.training_name, "tune promote dev")


def test_a_model_deleted_since_is_not_served_and_the_message_says_to_promote(account: WiredAccount) -> None:
    promote(account)
    account.bedrock.delete_custom_model(modelIdentifier=PROMOTED.training_name)
    account.lifecycle.pass_time(timedelta(hours=1))
    assert account.serve(PROMOTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, PROMOTED.training_name, "tune promote dev")


@pytest.mark.parametrize(("units", "status"), [(None, "CREATE_COMPLETE"), (1, "ROLLBACK_COMPLETE")])
def test_a_base_model_that_is_legacy_stops_only_what_would_be_bought(
    account: WiredAccount, units: int | None, status: str
) -> None:
    account.lifecycle.simulated.faults.add(LegacyFault(model=NOVA, has_turned=True))
    wanted = PROMOTED.but(model_units=units, on_demand=units is None)
    assert promote(account, wanted) == status
    assert (held(account) == []) is (units is not None)


def test_a_key_that_may_not_be_used_is_refused(account: WiredAccount) -> None:
    account.lifecycle.world.disabled_keys.add(PROMOTED.key_arn)
    assert promote(account) == "ROLLBACK_COMPLETE"
    assert held(account) == []


def test_nothing_of_it_is_ever_undone() -> None:
    with pytest.raises(Refusal):
        PromotedModel(Bedrock(None), Preflight(lambda _service: None)).undo(  # type: ignore[arg-type]
            any_turn(any_event(ResourceType=contract.PROMOTED_MODEL))
        )


def test_another_teams_model_whose_tags_are_denied_is_passed_over(account: WiredAccount) -> None:
    other = PROMOTED.but(name="faq-theirs")
    account.deploy(other.given)
    account.lifecycle.simulated.faults.add(
        ApiFault("ListTagsForResource", "AccessDeniedException", times=0, resource=arn(account, other))
    )
    assert promote(account) == "CREATE_COMPLETE"
    assert account.cloudformation.delete(PROMOTED.stack("Promotion")) == "DELETE_COMPLETE"


def test_tags_that_cannot_be_read_for_a_moment_are_waited_for(account: WiredAccount) -> None:
    other = PROMOTED.but(name="faq-theirs")
    account.deploy(other.given)
    account.lifecycle.simulated.faults.add(
        ApiFault("ListTagsForResource", "InternalServerException", times=9, resource=arn(account, other))
    )
    assert promote(account) == "CREATE_COMPLETE"


def test_tags_that_are_not_seen_at_once_are_waited_for(account: WiredAccount) -> None:
    wanted = trained(3)
    account.lifecycle.simulated.faults.add(UnseenFault("tags", 240, "model"))
    account.deploy(wanted.given)
    began = account.lifecycle.now
    assert promote(account, wanted) == "CREATE_COMPLETE"
    assert account.lifecycle.now - began >= timedelta(minutes=2)
