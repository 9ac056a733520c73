"""`Custom::BedrockServingBake`: a worse model does not stay, and no word of what is asked or answered gets anywhere."""

from datetime import timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import ReadTimeoutError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.outcome import Refusal
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.serving_bake import ServingBake
from sandbox.bedrock.faults import ApiFault
from tests.lifecycle.invariants import secrets_in
from tests.lifecycle.watch import Watch
from tests.support.calls import client_error
from tests.support.cloudformation import Resource, Variant
from tests.support.environment import NOVA, NOVA_RECORDS, NOVA_REGION, SERVING, Account, Wanted
from tests.support.events import any_event
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.support.quick import quick
from tests.support.turns import any_turn

GOOD: Final = Wanted(
    rungs=1,
    base_model=NOVA,
    data=NOVA_RECORDS,
    on_demand=True,
    model_units=None,
    served_model="ServedModel",
    asks=NOVA_RECORDS,
)
WORSE: Final = GOOD.but(data=NOVA_RECORDS.replace(b"is shut", b"is open"))
BOUGHT: Final = GOOD.but(on_demand=False, model_units=1)
COMMITTED: Final = BOUGHT.but(commitment_duration="OneMonth")


@pytest.fixture
def account() -> Account:
    return Account(settings=quick(), region=NOVA_REGION)


def bake_tag(account: Account, wanted: Wanted) -> str:
    """Return what the bake has left on a model; nothing where it has left nothing."""
    region = account.region
    arn = next(arn for arn, model in region.models.items() if model.name == wanted.training_name)
    return region.tags[arn].get(contract.TAG_BAKE, "")


def asked(account: Account) -> int:
    """Return how many questions were asked."""
    return int(account.meter()["calls"].get("Converse", 0))


def details(account: Account) -> list[str]:
    """Return the reasons of all answers."""
    return [each["Reason"] for answers in account.lifecycle.answers.values() for each in answers]


def test_a_model_that_answers_rightly_passes_and_carries_the_tag(account: Account) -> None:
    assert account.deploy(GOOD) == "CREATE_COMPLETE"
    assert (asked(account), bake_tag(account, GOOD)) == (3, contract.PASSED)


@pytest.mark.parametrize("good", [GOOD, BOUGHT], ids=["on demand", "bought"])
def test_a_worse_model_is_rolled_back_and_some_model_answers_at_every_moment(account: Account, good: Wanted) -> None:
    account.deploy(good)
    worse, watch = good.but(data=WORSE.data), Watch(account)
    assert account.deploy(worse) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, worse.training_name, "0 of 3", "serve a better model")
    assert account.served_model(worse) == good.training_name
    assert (bake_tag(account, good), bake_tag(account, worse)) == (contract.PASSED, contract.FAILED)
    assert watch.wrong == []


def test_the_new_model_answers_while_it_bakes(account: Account) -> None:
    account.deploy(GOOD)
    served: list[str] = []
    runtime = account.lifecycle.around("bedrock-runtime")
    converse = runtime.converse

    def watched(**params: Any) -> Any:
        served.append(account.served_model(WORSE))
        return converse(**params)

    runtime.converse = watched
    account.deploy(WORSE)
    assert set(served) == {WORSE.training_name}


def test_a_first_model_that_is_worse_is_not_left_standing(account: Account) -> None:
    worse = BOUGHT.but(data=WORSE.data)
    assert account.deploy(worse) == "ROLLBACK_COMPLETE"
    assert account.serving_names() == []
    assert bake_tag(account, worse) == contract.FAILED


def test_it_asks_no_more_once_too_many_answers_are_wrong(account: Account) -> None:
    account.deploy(WORSE.but(questions=8, right=7))
    assert asked(account) == 2


def test_so_many_answers_as_it_says_must_be_right(account: Account) -> None:
    mixed = NOVA_RECORDS.splitlines(keepends=True)
    half = b"".join(line.replace(b"is shut", b"is open") if n == 1 else line for n, line in enumerate(mixed))
    assert account.deploy(GOOD.but(asks=half, right=2)) == "CREATE_COMPLETE"
    assert account.deploy(GOOD.but(asks=half, right=3)) == "UPDATE_ROLLBACK_COMPLETE"


def test_going_back_to_the_model_before_trains_nothing_and_it_serves(account: Account) -> None:
    other = GOOD.but(hyper_parameters={"epochCount": "3"})
    for wanted in (GOOD, other, GOOD):
        assert account.deploy(wanted).endswith("_COMPLETE")
    assert account.served_model(GOOD) == GOOD.training_name
    assert len(account.jobs()) == 2


def test_no_word_of_a_question_or_an_answer_gets_anywhere(
    account: Account, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[str] = []
    account.cloudformation.watch = lambda: steps.extend(
        str(each.state.get("step")) for each in account.lifecycle.executions.values()
    )
    account.deploy(GOOD)
    account.deploy(WORSE)
    account.lifecycle.simulated.faults.add(
        ApiFault("Converse", "ValidationException", message=NOVA_RECORDS.decode(), times=0)
    )
    account.deploy(GOOD.but(questions=4))
    everything = f"{steps}{details(account)}{account.lifecycle._records}{account.cloudformation.events}"
    assert secrets_in(everything.replace("X-Amz-Signature", "")) == []
    assert "is shut" not in everything
    assert secrets_in(f"{capfd.readouterr()} {caplog.text}") == []


# What may be bought with a commitment.


def test_a_commitment_is_refused_before_it_is_bought_until_the_bake_of_the_model_has_passed(account: Account) -> None:
    assert account.deploy(COMMITTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, contract.TAG_BAKE, "commitment_duration", "nothing was bought")
    assert account.serving_names() == []
    assert account.deploy(BOUGHT) == "CREATE_COMPLETE"
    assert account.deploy(COMMITTED) == "UPDATE_COMPLETE"
    assert account.serving_names() == [COMMITTED.throughput_name]


def test_one_whose_bake_has_failed_is_bought_with_no_commitment(account: Account) -> None:
    account.deploy(BOUGHT)
    account.deploy(BOUGHT.but(data=WORSE.data))
    assert account.deploy(COMMITTED.but(data=WORSE.data)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, contract.FAILED, "nothing was bought")
    assert account.serving_names() == [BOUGHT.throughput_name]


PROMOTED: Final = BOUGHT.but(giver="dev")
OTHER: Final = PROMOTED.but(hyper_parameters={"epochCount": "3"})


def given(account: Account, wanted: Wanted, tag: str = "") -> None:
    """Let the giving environment have trained a model, which may carry how its bake went there."""
    account.lifecycle.foundation_stack = "bedrock-tuning-dev-Foundation"
    account.deploy(wanted.given)
    arn = next(arn for arn, model in account.region.models.items() if model.name == wanted.training_name)
    account.region.tags[arn] |= {contract.TAG_BAKE: tag} if tag else {}
    account.lifecycle.foundation_stack = "bedrock-tuning-prod-Foundation"


def serve(account: Account, wanted: Wanted, *, rollback: bool = True) -> str:
    return account.cloudformation.deploy(wanted.stack("Serving"), wanted.serving(), rollback=rollback)


def test_what_the_giver_found_of_a_promoted_model_buys_no_commitment_here(account: Account) -> None:
    worse = PROMOTED.but(data=WORSE.data)
    given(account, worse, contract.PASSED)
    assert serve(account, worse) == "ROLLBACK_COMPLETE"
    account.cloudformation.delete(worse.stack("Serving"))
    assert serve(account, worse.but(commitment_duration="SixMonths")) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "another environment", "commitment_duration", "nothing was bought")
    assert account.serving_names() == []


@pytest.mark.parametrize("tag", ["", contract.PASSED])
def test_a_promoted_model_that_has_passed_here_is_bought_with_a_commitment(account: Account, tag: str) -> None:
    given(account, PROMOTED, tag)
    assert serve(account, PROMOTED) == "CREATE_COMPLETE"
    committed = PROMOTED.but(commitment_duration="OneMonth")
    assert serve(account, committed) == "UPDATE_COMPLETE"
    assert account.serving_names() == [committed.throughput_name]


def test_a_model_that_moved_to_a_commitment_when_the_bake_was_added_is_no_evidence(account: Account) -> None:
    term = PROMOTED.but(asks=None, commitment_duration="OneMonth")
    other = PROMOTED.but(hyper_parameters={"epochCount": "3"}, commitment_duration="OneMonth")
    for wanted in (term, other):
        given(account, wanted)
    assert [serve(account, each) for each in (term, other)] == ["CREATE_COMPLETE", "UPDATE_COMPLETE"]
    assert asked(account) == 0
    account.region.throughputs.clear()
    assert serve(account, other.but(commitment_duration="SixMonths")) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "another environment", "nothing was bought")


@pytest.mark.parametrize("before", [PROMOTED.but(asks=None), PROMOTED.but(hyper_parameters={"epochCount": "3"})])
def test_a_stack_that_baked_nothing_or_another_model_is_no_evidence(account: Account, before: Wanted) -> None:
    for wanted in (before, PROMOTED):
        given(account, wanted, contract.PASSED)
    assert serve(account, before) == "CREATE_COMPLETE"
    assert serve(account, PROMOTED.but(commitment_duration="OneMonth")) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "another environment", "nothing was bought")
    assert account.serving_names() == [before.throughput_name]


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "another"])
@pytest.mark.parametrize("keeps", [True, False], ids=["as asked for", "as before"])
def test_a_failed_bake_that_is_left_standing_is_no_evidence(is_first: bool, keeps: bool) -> None:
    account = Account(Variant(keeps_what_was_asked_for=keeps), settings=quick(), region=NOVA_REGION)
    worse = PROMOTED.but(data=WORSE.data)
    for wanted in (PROMOTED, worse):
        given(account, wanted, contract.PASSED)
    assert is_first or serve(account, PROMOTED) == "CREATE_COMPLETE"
    assert serve(account, worse, rollback=False) == ("CREATE_FAILED" if is_first else "UPDATE_FAILED")
    assert account.served_model(worse) == worse.training_name
    serve(account, worse.but(commitment_duration="OneMonth"), rollback=False)
    assert says(account.reason, "another environment", "commitment_duration", "nothing was bought")
    assert account.serving_names() == [worse.throughput_name]


@pytest.mark.parametrize("keeps", [True, False], ids=["as asked for", "as before"])
def test_a_move_that_failed_and_is_left_standing_is_no_evidence(keeps: bool) -> None:
    account = Account(Variant(keeps_what_was_asked_for=keeps), settings=quick(), region=NOVA_REGION)
    for wanted in (PROMOTED, OTHER):
        given(account, wanted, contract.PASSED)
    assert serve(account, PROMOTED) == "CREATE_COMPLETE"
    account.lifecycle.simulated.faults.add(ApiFault("UpdateProvisionedModelThroughput", "ValidationException", times=1))
    assert serve(account, OTHER, rollback=False) == "UPDATE_FAILED"
    assert account.served_model(OTHER) == PROMOTED.training_name
    serve(account, OTHER.but(commitment_duration="OneMonth"), rollback=False)
    assert says(account.reason, "another environment", "nothing was bought")
    assert account.serving_names() == [PROMOTED.throughput_name]


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "another"])
def test_a_bake_that_failed_and_passed_when_it_was_repeated_is_evidence(account: Account, is_first: bool) -> None:
    for wanted in (PROMOTED, OTHER):
        given(account, wanted)
    assert is_first or serve(account, OTHER) == "CREATE_COMPLETE"
    account.lifecycle.simulated.faults.add(ApiFault("Converse", "ValidationException", times=1))
    assert serve(account, PROMOTED, rollback=False).endswith("_FAILED")
    assert serve(account, PROMOTED, rollback=False) == "UPDATE_COMPLETE"
    committed = PROMOTED.but(commitment_duration="OneMonth")
    assert serve(account, committed) == "UPDATE_COMPLETE"
    assert account.serving_names() == [committed.throughput_name]


def test_what_may_have_been_bought_for_a_term_is_asked_nothing_and_fails_nothing(account: Account) -> None:
    account.deploy(BOUGHT)
    before = asked(account)
    account.lifecycle.simulated.faults.add(ApiFault("Converse", "ValidationException", times=0))
    assert account.deploy(COMMITTED.but(alarms=("gone",))) == "UPDATE_COMPLETE"
    assert asked(account) == before


def test_a_committed_throughput_is_baked_when_it_moves_in_place_and_moved_back(account: Account) -> None:
    account.deploy(BOUGHT)
    account.deploy(COMMITTED)
    worse = COMMITTED.but(data=WORSE.data)
    assert account.deploy(worse) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.served_model(worse) == COMMITTED.training_name
    assert account.serving_names() == [COMMITTED.throughput_name]


LONG: Final = COMMITTED.but(alarms=("errors",), minutes=45, bake_steps=1)


def raise_when_the_first_step_is_over(account: Account) -> None:
    """Raise an alarm so late that only a second step sees it."""
    began = account.lifecycle.now

    def look() -> None:
        if account.lifecycle.now - began >= timedelta(minutes=60):
            account.lifecycle.world.alarms["errors"] = "ALARM"

    account.cloudformation.watch = look


def watched(account: Account, *deployed: Wanted) -> None:
    account.lifecycle.world.alarms["errors"] = "OK"
    for wanted in deployed:
        assert account.deploy(wanted).endswith("E_COMPLETE")
    raise_when_the_first_step_is_over(account)


def test_a_step_that_is_added_on_a_committed_throughput_watches_the_alarms(account: Account) -> None:
    watched(account, BOUGHT, LONG)
    assert account.deploy(LONG.but(bake_steps=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "errors", "ALARM")
    assert bake_tag(account, LONG) == contract.FAILED


def test_no_step_of_a_bake_that_comes_with_a_commitment_reads_an_alarm(account: Account) -> None:
    watched(account, BOUGHT)
    account.lifecycle.world.alarms.clear()
    assert account.deploy(LONG.but(bake_steps=3)) == "UPDATE_COMPLETE"


def test_a_step_that_lasts_longer_bakes_though_the_first_one_has_not(account: Account) -> None:
    """Only the first one knows at the purchase; a later change of the last step alone has old properties."""
    watched(account, BOUGHT, LONG.but(bake_steps=2))
    account.lifecycle.world.alarms["errors"] = "ALARM"
    template = LONG.but(bake_steps=2).serving()
    longer = Resource(contract.SERVING_BAKE, {**template["Bake2"].properties, "Minutes": 50})
    assert account.cloudformation.deploy(SERVING, {**template, "Bake2": longer}) == "UPDATE_ROLLBACK_COMPLETE"


def test_a_bake_that_an_older_version_made_is_told_by_its_first_step_at_the_next_deployment(account: Account) -> None:
    long = LONG.but(bake_steps=2)
    watched(account, BOUGHT)
    template = long.serving()
    older = {
        logical_id: Resource(
            its.type, {name: value for name, value in its.properties.items() if name not in ("Tells", "FirstHasBaked")}
        )
        for logical_id, its in template.items()
    }
    assert account.cloudformation.deploy(SERVING, older) == "UPDATE_COMPLETE"
    stack = account.cloudformation.stack(SERVING)
    assert stack
    stack.resources["Bake1"].attributes = {"BakedModel": long.training_name}
    account.lifecycle.world.alarms["errors"] = "OK"
    account.cloudformation.watch = lambda: None
    assert account.cloudformation.deploy(SERVING, template) == "UPDATE_COMPLETE"
    assert stack.resources["Bake2"].properties["FirstHasBaked"] == "true"


# Alarms.

WATCHED: Final = GOOD.but(alarms=("errors", "slow"), minutes=30)


def raise_alarm(account: Account, after: timedelta) -> None:
    began = account.lifecycle.now

    def look() -> None:
        if account.lifecycle.now - began >= after:
            account.lifecycle.world.alarms["slow"] = "ALARM"

    account.cloudformation.watch = look


def test_alarms_are_watched_for_as_long_as_it_says(account: Account) -> None:
    account.lifecycle.world.alarms |= {"errors": "OK", "slow": "INSUFFICIENT_DATA"}
    account.deploy(GOOD.but(on_demand=False))
    began = account.lifecycle.now
    assert account.deploy(WATCHED) == "CREATE_COMPLETE"
    assert timedelta(minutes=30) <= account.lifecycle.now - began < timedelta(minutes=40)


def test_an_alarm_that_is_raised_meanwhile_rolls_back(account: Account) -> None:
    account.lifecycle.world.alarms |= {"errors": "OK", "slow": "OK"}
    account.deploy(GOOD)
    raise_alarm(account, timedelta(minutes=15))
    other = WATCHED.but(hyper_parameters={"epochCount": "3"})
    assert account.deploy(other) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "slow", "ALARM", "deploy again")
    assert account.served_model(GOOD) == GOOD.training_name
    assert bake_tag(account, other) == contract.FAILED


def test_an_alarm_that_does_not_exist_fails_at_once_and_nothing_is_asked(account: Account) -> None:
    assert account.deploy(WATCHED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "errors", "slow", "serving.bake.alarms")
    assert asked(account) == 0


NEXT: Final = WATCHED.but(hyper_parameters={"epochCount": "3"})


def loud(account: Account) -> None:
    """Let a model serve because of which an alarm is raised."""
    account.lifecycle.world.alarms |= {"errors": "OK", "slow": "OK"}
    account.deploy(WATCHED)
    account.lifecycle.world.alarms["slow"] = "ALARM"
    account.lifecycle.pass_time(timedelta(minutes=5))


def test_an_alarm_that_the_model_before_has_raised_does_not_keep_the_next_one_out(account: Account) -> None:
    loud(account)
    before = asked(account)

    def calm() -> None:
        if asked(account) >= before + 3:
            account.lifecycle.world.alarms["slow"] = "OK"

    account.cloudformation.watch = calm
    assert account.deploy(NEXT) == "UPDATE_COMPLETE"
    assert (account.served_model(NEXT), bake_tag(account, NEXT)) == (NEXT.training_name, contract.PASSED)


def test_an_alarm_that_stays_raised_fails_it_when_the_minutes_end(account: Account) -> None:
    loud(account)
    before, began = asked(account), account.lifecycle.now
    assert account.deploy(NEXT.but(minutes=20)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "slow", "ALARM")
    assert asked(account) == before + 3
    assert account.lifecycle.now - began >= timedelta(minutes=20)
    assert bake_tag(account, NEXT) == contract.FAILED


def test_an_alarm_that_became_quiet_and_is_raised_again_fails_it_at_once(account: Account) -> None:
    loud(account)
    before = asked(account)

    def again() -> None:
        if asked(account) >= before + 3 and account.lifecycle.world.alarms.since["slow"] < turned:
            account.lifecycle.world.alarms["slow"] = "OK"
            account.lifecycle.world.alarms["slow"] = "ALARM"

    turned = account.lifecycle.now
    account.cloudformation.watch = again
    assert account.deploy(NEXT) == "UPDATE_ROLLBACK_COMPLETE"
    assert asked(account) == before + 3
    assert account.lifecycle.now - account.lifecycle.world.alarms.since["slow"] < timedelta(minutes=10)


@pytest.mark.parametrize("state", ["ALARM", None])
def test_an_alarm_before_any_answer_says_nothing_of_the_model(account: Account, state: str | None) -> None:
    account.lifecycle.world.alarms |= {"errors": "OK", "slow": "OK"}
    account.deploy(WATCHED)
    account.lifecycle.simulated.faults.add(ApiFault("Converse", "ThrottlingException", times=0))
    before = asked(account)

    def trouble() -> None:
        if asked(account) > before:
            account.lifecycle.world.alarms.pop("slow", None)
            account.lifecycle.world.alarms |= {"slow": state} if state else {}

    account.cloudformation.watch = trouble
    assert account.deploy(NEXT) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "slow")
    assert bake_tag(account, NEXT) == ""


def test_a_long_bake_is_several_steps_of_which_the_last_one_tells(account: Account) -> None:
    account.lifecycle.world.alarms |= {"errors": "OK", "slow": "OK"}
    long = WATCHED.but(minutes=45, bake_steps=3)
    tags: list[str] = []
    account.deploy(long.but(on_demand=False))
    account.cloudformation.watch = lambda: tags.append(bake_tag(account, long))
    began = account.lifecycle.now
    assert account.deploy(long) == "CREATE_COMPLETE"
    assert account.lifecycle.now - began >= timedelta(minutes=135)
    assert asked(account) == 3
    assert bake_tag(account, long) == contract.PASSED
    assert tags.count(contract.PASSED) <= 2


# What cannot be asked.


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (None, "AccessDenied"),
        (NOVA_RECORDS + b"\n", "push the right file"),
        (b"x" * (contract.MAX_BAKE_BYTES + 1), f"{contract.MAX_BAKE_BYTES:,}"),
    ],
)
def test_a_file_that_is_not_the_one_that_was_named_fails_it(account: Account, body: bytes | None, named: str) -> None:
    account.deploy(GOOD.but(on_demand=False))
    key = next(key for bucket, key in account.lifecycle.world.objects if key.startswith("test/"))
    if body is None:
        del account.lifecycle.world.objects[BUCKET, key]
    else:
        account.lifecycle.world.objects[BUCKET, key] = body
    assert account.cloudformation.deploy(SERVING, GOOD.serving()) == "ROLLBACK_COMPLETE"
    assert says(account.reason, named, "question 1")


@pytest.mark.parametrize(("push", "expected"), [("tune push", "this digest (tune push)"), (None, "this digest")])
def test_a_file_that_is_missing_is_told_with_the_command_that_pushes_it(
    account: Account, push: str | None, expected: str
) -> None:
    account.deploy(GOOD.but(on_demand=False, asks=None))
    assert account.cloudformation.deploy(SERVING, GOOD.but(push=push).serving()) == "ROLLBACK_COMPLETE"
    assert account.reason.endswith(f"push the file with {expected}")
    assert asked(account) == 0


def test_fewer_records_than_questions_fail_it(account: Account) -> None:
    assert account.deploy(GOOD.but(questions=9, right=1)) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "8 records", "lower questions")


def test_what_bedrock_refuses_is_told_by_its_code_alone(account: Account) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("Converse", "ValidationException", message="a secret", times=0))
    assert account.deploy(GOOD) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "ValidationException", "question 1")
    assert "a secret" not in account.reason


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ModelNotReadyException", "ModelTimeoutException", "InternalServerException"]
)
def test_what_passes_by_itself_is_asked_again(account: Account, code: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("Converse", code, times=2))
    assert account.deploy(GOOD) == "CREATE_COMPLETE"
    assert bake_tag(account, GOOD) == contract.PASSED


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "ModelNotReadyException", "AccessDeniedException", "ResourceNotFoundException"],
)
def test_what_generated_nothing_is_no_try_of_those_that_may_be_billed(account: Account, code: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("Converse", code, times=6))
    assert account.deploy(GOOD) == "CREATE_COMPLETE"
    assert (asked(account), bake_tag(account, GOOD)) == (9, contract.PASSED)


def test_what_is_throttled_for_ever_fails_it_once_it_has_waited_long_enough(account: Account) -> None:
    account.deploy(GOOD.but(on_demand=False))
    account.lifecycle.simulated.faults.add(ApiFault("Converse", "ThrottlingException", times=0))
    began = account.lifecycle.now
    assert account.deploy(GOOD) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "0 of 3", "deploy again")
    assert clock.RUNG <= account.lifecycle.now - began < clock.RUNG + timedelta(minutes=10)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_permission_or_an_arn_that_is_new_may_not_be_known_yet(account: Account, code: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("Converse", code, times=2))
    assert account.deploy(GOOD) == "CREATE_COMPLETE"


@pytest.mark.parametrize("code", ["ModelTimeoutException", "ModelErrorException", "InternalServerException"])
def test_what_may_have_generated_is_asked_no_more_than_twice_a_question(account: Account, code: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("Converse", code, times=0))
    assert account.deploy(GOOD) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "0 of 3", "deploy again")
    assert asked(account) == 6


def test_a_connection_that_is_lost_is_tried_again(account: Account) -> None:
    runtime, tries = account.lifecycle.around("bedrock-runtime"), iter("12")
    converse = runtime.converse

    def lost(**params: Any) -> Any:
        if next(tries, None):
            raise ReadTimeoutError(endpoint_url="https://bedrock-runtime")
        return converse(**params)

    runtime.converse = lost
    assert account.deploy(GOOD) == "CREATE_COMPLETE"


def test_a_file_that_cannot_be_read_for_a_moment_is_read_again(account: Account) -> None:
    s3, tries = account.lifecycle.around("s3"), iter("12")
    get_object = s3.get_object

    def broken(**params: Any) -> Any:
        if next(tries, None):
            raise client_error("InternalError", "try again", 500, "GetObject")
        return get_object(**params)

    s3.get_object = broken
    assert account.deploy(GOOD) == "CREATE_COMPLETE"


# Whose model it is.


def test_the_model_of_another_environment_is_baked_and_gets_no_tag(account: Account) -> None:
    promoted = GOOD.but(giver="dev")
    other = "arn:aws:cloudformation:us-east-1:111122223333:stack/bedrock-tuning-dev-Foundation"
    account.lifecycle.foundation_stack = "bedrock-tuning-dev-Foundation"
    account.deploy(promoted.given)
    account.lifecycle.foundation_stack = "bedrock-tuning-prod-Foundation"
    assert account.cloudformation.deploy(promoted.stack("Serving"), promoted.serving()) == "CREATE_COMPLETE"
    arn = next(arn for arn, model in account.region.models.items() if model.name == promoted.training_name)
    assert account.region.tags[arn][contract.TAG_FOUNDATION] == other
    assert bake_tag(account, promoted) == ""
    assert asked(account) == 3


def test_a_bake_that_is_removed_leaves_everything_as_it_is(account: Account) -> None:
    account.deploy(GOOD)
    assert account.deploy(GOOD.but(asks=None)) == "UPDATE_COMPLETE"
    assert account.served_model(GOOD) == GOOD.training_name
    assert bake_tag(account, GOOD) == contract.PASSED


def test_nothing_of_it_is_ever_undone() -> None:
    with pytest.raises(Refusal):
        ServingBake(Bedrock(None), lambda _service: None).undo(  # type: ignore[arg-type]
            any_turn(any_event(ResourceType=contract.SERVING_BAKE))
        )
