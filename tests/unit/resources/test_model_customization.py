"""A training through real clients: bought once, adopted when it exists, refused when it is another's."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.outcome import Refusal
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.model_customization import ModelCustomization
from sandbox.bedrock import ApiFault, JobFault, Phase, Role
from sandbox.bedrock.lasting_faults import Kind, OmissionFault, UnseenFault, Where
from tests.support.bedrock_client import ACCOUNT
from tests.support.cloudformation import Resource
from tests.support.environment import TRAINING
from tests.support.events import any_event
from tests.support.lifecycle import BUCKET, FOUNDATION, KEY_ARN, ROLE_ARN
from tests.support.messages import says
from tests.support.quick import quick
from tests.support.turns import Turns, any_turn
from tests.support.wired import QUICK, STACK_ARNS, TRAINING_OWNER, WANTED, WiredAccount, hide_tags, show_tags

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/other"
TAGS = {
    "team": "any",
    contract.TAG_OWNER: TRAINING_OWNER,
    contract.TAG_ENVIRONMENT: "prod",
    contract.TAG_FOUNDATION: STACK_ARNS + FOUNDATION,
    contract.TAG_MODEL: "faq",
    contract.TAG_TRAINING_ID: WANTED.training_id,
}


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK)


def as_pairs(tags: dict[str, str]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]


def test_a_training_is_asked_for_in_exactly_these_words(account: WiredAccount) -> None:
    assert account.train(WANTED) == "CREATE_COMPLETE"
    assert account.requests("CreateModelCustomizationJob") == [
        {
            "jobName": WANTED.training_name,
            "customModelName": WANTED.training_name,
            "roleArn": ROLE_ARN,
            "clientRequestToken": hashlib.sha256(WANTED.training_name.encode()).hexdigest(),
            "baseModelIdentifier": WANTED.base_model,
            "customizationType": "FINE_TUNING",
            "trainingDataConfig": {"s3Uri": f"s3://{BUCKET}/train/{WANTED.sha256}.jsonl"},
            "outputDataConfig": {"s3Uri": f"s3://{BUCKET}/output/"},
            "hyperParameters": {"epochCount": "2"},
            "customModelKmsKeyId": KEY_ARN,
            "jobTags": as_pairs(TAGS),
            "customModelTags": as_pairs(TAGS),
        }
    ]


def test_a_training_is_customized_as_its_property_says(account: WiredAccount) -> None:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    job = WANTED.training()["Job"]
    template = {"Job": Resource(job.type, {**job.properties, "CustomizationType": "CONTINUED_PRE_TRAINING"})}
    account.cloudformation.deploy(TRAINING, template)
    told = {request["customizationType"] for request in account.requests("CreateModelCustomizationJob")}
    assert told == {"CONTINUED_PRE_TRAINING"}


def test_validation_data_is_asked_for_only_when_there_is_some(account: WiredAccount) -> None:
    uri = account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    job = WANTED.training()["Job"]
    template = {"Job": Resource(job.type, {**job.properties, "ValidationDataUri": uri})}
    assert account.cloudformation.deploy(TRAINING, template) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateModelCustomizationJob")
    assert request["validationDataConfig"] == {"validators": [{"s3Uri": uri}]}


def test_a_network_is_asked_for_only_when_there_is_one(account: WiredAccount) -> None:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    job = WANTED.training()["Job"]
    subnets, groups = ["subnet-00000001", "subnet-00000002"], ["sg-00000001"]
    network = {
        "ContractVersion": contract.VPC_CONTRACT_VERSION,
        "SubnetIds": subnets,
        "SecurityGroupIds": groups,
    }
    template = {"Job": Resource(job.type, {**job.properties, **network})}
    assert account.cloudformation.deploy(TRAINING, template) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateModelCustomizationJob")
    assert request["vpcConfig"] == {"subnetIds": subnets, "securityGroupIds": groups}


def test_another_network_is_no_other_training(account: WiredAccount) -> None:
    account.train(WANTED)
    job = WANTED.training()["Job"]
    network = {"SubnetIds": ["subnet-00000001"], "SecurityGroupIds": ["sg-00000001"]}
    template = {"Job": Resource(job.type, {**job.properties, **network})}
    assert account.cloudformation.deploy(TRAINING, template) == "UPDATE_COMPLETE"
    assert len(account.requests("CreateModelCustomizationJob")) == 1


def test_job_and_model_carry_the_tags(account: WiredAccount) -> None:
    account.train(WANTED)
    job = account.job(WANTED)
    assert account.tags(job["jobArn"]) == account.tags(job["outputModelArn"]) == TAGS


RAISED = WANTED.but(attempt=2)


def test_inputs_whose_model_exists_are_not_trained_again_by_another_attempt(account: WiredAccount) -> None:
    account.train(WANTED)
    assert account.train(RAISED) == "UPDATE_ROLLBACK_COMPLETE"
    for word in (RAISED.training_name, WANTED.training_name, "`training.attempt` to 1"):
        assert word in account.reason
    assert account.changes().count("CreateModelCustomizationJob") == 1
    account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)
    account.lifecycle.pass_time(timedelta(minutes=10))
    assert account.train(RAISED) == "UPDATE_COMPLETE"


@pytest.mark.parametrize(("first", "then"), [(2, 1), (3, 2), (1, 12), (12, 2)])
def test_a_lower_attempt_finds_a_higher_one_as_a_higher_one_a_lower(
    account: WiredAccount, first: int, then: int
) -> None:
    account.train(WANTED.but(attempt=first))
    assert account.train(WANTED.but(attempt=then)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.but(attempt=first).training_name, f"`training.attempt` to {first}")
    assert len(account.jobs()) == 1


UNSEEN_EVERYWHERE: Final[tuple[Where, ...]] = ("get", "list")
UNSEEN_NOW: Final = ("get", "model"), ("get", "job"), ("list", "job"), ("tags", "job")


@pytest.mark.parametrize(("where", "kind"), UNSEEN_NOW)
@pytest.mark.parametrize("waits", [timedelta(), timedelta(minutes=3)], ids=["at once", "as it completes"])
def test_another_attempt_that_is_not_seen_yet_is_not_taken_for_none(
    account: WiredAccount, where: Where, kind: Kind, waits: timedelta
) -> None:
    account.lifecycle.simulated.faults.add(UnseenFault(where, 120, kind))
    account.train(WANTED.but(rungs=0))
    account.lifecycle.pass_time(waits)
    assert account.train(RAISED.but(rungs=0)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "`training.attempt` to 1")
    assert len(account.jobs()) == 1


def test_another_attempt_that_is_seen_nowhere_yet_is_remembered(account: WiredAccount) -> None:
    for where in UNSEEN_EVERYWHERE:
        account.lifecycle.simulated.faults.add(UnseenFault(where, 120, "job"))
    account.train(WANTED.but(rungs=0))
    assert account.train(RAISED.but(rungs=0)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "not seen yet", "`training.attempt` to 1")
    assert len(account.jobs()) == 1


def test_another_attempt_that_was_refused_before_and_is_made_now_is_remembered_from_now_on(
    account: WiredAccount,
) -> None:
    account.train(WANTED)
    first, faults = WANTED.but(hyper_parameters={"epochCount": "3"}, rungs=0), account.lifecycle.simulated.faults
    faults.add(ApiFault("CreateModelCustomizationJob", "ServiceQuotaExceededException"))
    assert account.train(first) == "UPDATE_ROLLBACK_COMPLETE"
    account.lifecycle.pass_time(timedelta(minutes=10))
    for where in UNSEEN_EVERYWHERE:
        faults.add(UnseenFault(where, 120, "job"))
    assert account.train(first) == "UPDATE_COMPLETE"
    assert account.train(first.but(attempt=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, first.training_name, "not seen yet", "`training.attempt` to 1")
    assert [job["jobName"] for job in account.jobs()] == [WANTED.training_name, first.training_name]


def test_another_attempt_whose_model_is_gone_is_told_from_one_not_seen_yet_without_the_end_of_its_job(
    account: WiredAccount,
) -> None:
    account.lifecycle.simulated.faults.add(OmissionFault("GetModelCustomizationJob", members=("endTime",)))
    account.train(WANTED)
    account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)
    assert account.train(RAISED) == "UPDATE_ROLLBACK_COMPLETE"
    account.lifecycle.pass_time(timedelta(minutes=10))
    assert account.train(RAISED) == "UPDATE_COMPLETE"


def test_inputs_that_are_being_trained_are_not_trained_again_by_another_attempt(account: WiredAccount) -> None:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    account.make_job(WANTED, {})
    assert account.train(RAISED) == "ROLLBACK_COMPLETE"
    assert WANTED.training_name in account.reason
    assert account.changes() == []


def test_an_attempt_after_one_without_a_model_is_made_and_is_one_job(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING))
    account.train(WANTED)
    third = WANTED.but(attempt=3)
    assert account.train(third) == "CREATE_COMPLETE"
    assert account.models() == [third.training_name]


def test_the_idempotency_token_is_that_of_the_name_and_of_no_other(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING))
    account.train(WANTED)
    account.train(WANTED.but(attempt=2))
    tokens = [request["clientRequestToken"] for request in account.requests("CreateModelCustomizationJob")]
    names = [request["jobName"] for request in account.requests("CreateModelCustomizationJob")]
    assert tokens == [hashlib.sha256(name.encode()).hexdigest() for name in names]
    assert len(set(tokens)) == 2


def test_the_attributes_name_training_and_job(account: WiredAccount) -> None:
    account.train(WANTED)
    stack = account.cloudformation.stack(TRAINING)
    assert stack is not None
    assert stack.resources["Job"].attributes == {
        "TrainingId": WANTED.training_id,
        "TrainingName": WANTED.training_name,
        "JobArn": account.job(WANTED)["jobArn"],
    }


def test_a_stack_that_is_deployed_again_adopts_its_own_training(account: WiredAccount) -> None:
    account.train(WANTED)
    account.destroy()
    assert account.train(WANTED) == "CREATE_COMPLETE"
    assert [job["jobName"] for job in account.jobs()] == [WANTED.training_name]
    assert account.changes() == ["CreateModelCustomizationJob"]


def test_its_own_training_is_adopted_unjudged_when_role_and_key_have_changed_since(account: WiredAccount) -> None:
    account.train(WANTED)
    account.destroy()
    assert account.train(WANTED.but(role_arn=OTHER_ROLE)) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_job_that_somebody_made_by_hand_is_refused_and_left_as_it_is(account: WiredAccount) -> None:
    account.make_job(WANTED, {"team": "theirs"})
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "name", "attempt")
    assert account.changes() == []
    assert account.tags(account.job(WANTED)["jobArn"]) == {"team": "theirs"}


def test_another_stack_s_job_from_the_same_inputs_is_adopted_and_keeps_its_tags(account: WiredAccount) -> None:
    theirs = {contract.TAG_OWNER: f"{STACK_ARNS}other"}
    account.make_job(WANTED, theirs, customModelKmsKeyId=KEY_ARN)
    account.lifecycle.clock.advance(timedelta(minutes=1))
    assert account.train(WANTED) == "CREATE_COMPLETE"
    assert account.changes() == []
    assert account.tags(account.job(WANTED)["jobArn"]) == theirs


def test_another_stack_s_job_with_another_role_is_refused_naming_both(account: WiredAccount) -> None:
    account.lifecycle.world.roles[OTHER_ROLE] = Role()
    account.make_job(WANTED, {contract.TAG_OWNER: f"{STACK_ARNS}other"}, roleArn=OTHER_ROLE)
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, f"{STACK_ARNS}other", OTHER_ROLE, ROLE_ARN, "name")
    assert account.changes() == []


def test_another_stack_s_job_without_our_key_is_refused_naming_both(account: WiredAccount) -> None:
    account.make_job(WANTED, {contract.TAG_OWNER: f"{STACK_ARNS}other"})
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "None", KEY_ARN, "name")


def advance_to(account: WiredAccount, date: datetime) -> None:
    account.lifecycle.clock.advance(date - account.lifecycle.now)


@pytest.mark.parametrize(
    ("date", "named"),
    [(datetime(2026, 3, 11, tzinfo=UTC), [HAIKU, "LEGACY"]), (datetime(2026, 9, 11, tzinfo=UTC), [HAIKU])],
)
def test_a_base_model_that_is_retired_is_refused_naming_those_that_are_active(date: datetime, named: list[str]) -> None:
    account = WiredAccount(region="us-east-1")
    advance_to(account, date)
    assert account.train(WANTED.but(base_model=HAIKU)) == "ROLLBACK_COMPLETE"
    active = account.reason.rpartition(": ")[2]
    assert says(account.reason, *named, "base model")
    assert "amazon.nova-micro-v1:0:128k" in active.split(", ")
    assert "haiku" not in active
    assert account.jobs() == []


def test_a_region_in_which_no_base_model_is_active_any_more_is_told_as_such(account: WiredAccount) -> None:
    advance_to(account, datetime(2026, 11, 23, tzinfo=UTC))
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.base_model, "base model")
    assert "amazon." not in account.reason


def test_what_exists_is_adopted_though_its_base_model_has_been_retired_since(account: WiredAccount) -> None:
    account.train(WANTED)
    account.destroy()
    advance_to(account, datetime(2026, 3, 11, tzinfo=UTC))
    assert account.train(WANTED) == "CREATE_COMPLETE"


def test_a_base_model_that_cannot_be_tuned_is_refused_naming_those_that_can() -> None:
    account = WiredAccount(region="us-east-1")
    assert account.train(WANTED.but(base_model=HAIKU)) == "ROLLBACK_COMPLETE"
    assert says(account.reason, HAIKU, "base model")


def test_a_base_model_that_the_region_never_had_is_refused_naming_those_it_has(account: WiredAccount) -> None:
    assert account.train(WANTED.but(base_model="any.model-v1:0")) == "ROLLBACK_COMPLETE"
    _, _, active = account.reason.rpartition(": ")
    assert says(account.reason, "any.model-v1:0", "base model")
    assert WANTED.base_model in active.split(", ")


def test_what_the_service_does_not_accept_is_told_in_its_words(account: WiredAccount) -> None:
    assert account.train(WANTED.but(hyper_parameters={"epochCount": "11"})) == "ROLLBACK_COMPLETE"
    assert account.reason.startswith("ValidationException: ")
    assert "epochCount" in account.reason


def test_tags_that_change_later_reach_job_and_model_and_train_nothing(account: WiredAccount) -> None:
    account.train(WANTED)
    assert account.train(WANTED.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"
    job = account.job(WANTED)
    expected = {**TAGS, "cost-center": "4711"}
    del expected["team"]
    assert account.tags(job["jobArn"]) == account.tags(job["outputModelArn"]) == expected
    assert account.changes().count("CreateModelCustomizationJob") == 1


def test_a_training_that_failed_is_told_with_bedrock_s_reason_and_never_repeated_in_silence(
    account: WiredAccount,
) -> None:
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING, "out of accelerators"))
    for _ in range(2):
        assert account.train(WANTED) == "ROLLBACK_COMPLETE"
        assert "out of accelerators" in account.reason
        assert says(account.reason, WANTED.training_name, "attempt")
    assert account.train(WANTED.but(attempt=2)) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 2


def test_a_training_whose_model_was_deleted_asks_for_another_attempt(account: WiredAccount) -> None:
    account.train(WANTED)
    account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)
    account.destroy()
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "attempt")


@pytest.mark.parametrize(("stop_on_delete", "status"), [(True, "Stopped"), (False, "Completed")])
def test_destroying_a_complete_stack_stops_its_running_job_unless_it_shall_run_on(
    account: WiredAccount, stop_on_delete: bool, status: str
) -> None:
    account.train(WANTED.but(rungs=0, stop_on_delete=stop_on_delete))
    account.destroy()
    account.lifecycle.clock.advance(timedelta(hours=1))
    assert account.job(WANTED)["status"] == status


def test_a_job_without_the_tag_that_the_policies_name_gets_it_back_before_it_is_stopped(account: WiredAccount) -> None:
    account.train(WANTED.but(rungs=0))
    arn = account.job(WANTED)["jobArn"]
    account.bedrock.untag_resource(resourceARN=arn, tagKeys=[contract.TAG_FOUNDATION])
    account.asked.clear()
    account.destroy()
    assert account.changes() == ["TagResource", "StopModelCustomizationJob"]
    assert account.requests("TagResource")[0]["tags"] == as_pairs({contract.TAG_FOUNDATION: STACK_ARNS + FOUNDATION})
    assert account.requests("StopModelCustomizationJob") == [{"jobIdentifier": arn}]
    assert account.job(WANTED)["status"] == "Stopped"


def test_the_rollback_of_a_first_create_leaves_the_running_job_to_be_adopted(account: WiredAccount) -> None:
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=30)
    template: dict[str, Any] = dict(WANTED.training())
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    assert account.cloudformation.deploy(TRAINING, template) == "ROLLBACK_COMPLETE"
    assert account.job(WANTED)["status"] == "InProgress"
    account.cloudformation.cancel_at = None
    assert account.train(WANTED) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_role_that_is_still_on_its_way_is_waited_for(account: WiredAccount) -> None:
    world, ready = account.lifecycle.world, account.lifecycle.now + timedelta(seconds=60)
    role = world.roles.pop(ROLE_ARN)

    def arrive() -> None:
        if account.lifecycle.now >= ready:
            world.roles[ROLE_ARN] = role

    account.cloudformation.watch = arrive
    assert account.train(WANTED) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_role_that_never_comes_is_told_after_two_minutes(account: WiredAccount) -> None:
    del account.lifecycle.world.roles[ROLE_ARN]
    began = account.lifecycle.now
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ROLE_ARN, "role")
    assert account.lifecycle.now - began < timedelta(minutes=5)


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException", "ThrottlingException"])
def test_a_job_that_cannot_be_stopped_just_now_is_looked_at_again(account: WiredAccount, code: str) -> None:
    account.train(WANTED.but(rungs=0))
    account.lifecycle.simulated.faults.add(ApiFault("StopModelCustomizationJob", code))
    assert account.destroy() == ["DELETE_COMPLETE"]
    assert account.job(WANTED)["status"] == "Stopped"


def test_a_job_that_may_not_be_stopped_fails_the_delete_in_the_service_s_words() -> None:
    account = WiredAccount(quick(phase=timedelta(hours=1)))
    account.train(WANTED.but(rungs=0))
    account.lifecycle.simulated.faults.add(ApiFault("StopModelCustomizationJob", "AccessDeniedException", times=100))
    assert account.destroy() == ["DELETE_FAILED"]
    assert account.cloudformation.reasons[-1].startswith("AccessDeniedException: ")


def turns_of(account: WiredAccount) -> Turns:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    turns = Turns(
        ModelCustomization(
            Bedrock(account.lifecycle.client, account.lifecycle.foundation), Preflight(account.lifecycle.aws)
        ),
        contract.MODEL_CUSTOMIZATION,
    )
    turns.table.now = account.lifecycle.now
    return turns


def pass_time(account: WiredAccount, turns: Turns, span: timedelta) -> None:
    account.lifecycle.clock.advance(span)
    turns.pass_time(span)


def training_event(**changes: Any) -> dict[str, Any]:
    properties = WANTED.training()["Job"].properties
    sent = {name: value if isinstance(value, dict) else str(value) for name, value in properties.items()}
    return any_event(
        ResourceType=contract.MODEL_CUSTOMIZATION, LogicalResourceId="Job", ResourceProperties=sent, **changes
    )


def test_nothing_is_created_for_a_stack_that_no_longer_waits(account: WiredAccount) -> None:
    turns = turns_of(account)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(training_event())
    assert turns.turn(state)["next"] == "wait"
    pass_time(account, turns, timedelta(minutes=2))
    assert says(turns.turn(state)["reason"], "ROLLBACK_IN_PROGRESS")
    assert account.changes() == []


def test_a_job_that_was_made_in_the_meantime_is_looked_at_again_and_adopted(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("CreateModelCustomizationJob", "ConflictException", when="after"))
    assert account.train(WANTED) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_name_that_is_taken_though_no_job_has_it_is_told_in_the_service_s_words(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(
        ApiFault("CreateModelCustomizationJob", "ConflictException", message="the name is taken", times=100)
    )
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "52 min", "ConflictException: the name is taken")


def test_the_tags_of_a_job_of_minutes_are_waited_for(account: WiredAccount) -> None:
    turns = turns_of(account)
    turns.turn(turns.taken_up(training_event(RequestId="makes the job")))
    hide_tags(account)
    state = turns.taken_up(training_event(RequestId="finds the job"))
    step = turns.turn(state)
    assert (step["next"], step["seconds"], says(step["detail"], "tags", WANTED.training_name)) == ("wait", 10, True)
    show_tags(account)
    assert turns.turn(state)["status"] == "SUCCESS"
    assert account.changes() == ["CreateModelCustomizationJob"]


def test_a_job_whose_tags_are_never_seen_is_not_ours(account: WiredAccount) -> None:
    turns = turns_of(account)
    account.make_job(WANTED, {})
    state = turns.taken_up(training_event())
    pass_time(account, turns, timedelta(minutes=5) - timedelta(seconds=1))
    assert turns.turn(state)["next"] == "wait"
    pass_time(account, turns, timedelta(seconds=1))
    assert says(turns.turn(state)["reason"], "attempt")
    assert account.changes() == []


def test_a_base_model_that_cannot_be_looked_up_just_now_is_looked_up_again(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("GetFoundationModel", "ThrottlingException", times=3))
    assert account.train(WANTED) == "CREATE_COMPLETE"


def test_tags_that_are_only_added_take_none_away(account: WiredAccount) -> None:
    account.train(WANTED)
    account.train(WANTED.but(tags={"team": "any", "cost-center": "4711"}))
    assert account.changes()[1:] == ["TagResource", "TagResource"]


def test_of_tags_that_are_dropped_just_those_are_taken_away(account: WiredAccount) -> None:
    account.train(WANTED)
    account.train(WANTED.but(tags={}))
    assert account.changes()[1:] == ["TagResource", "UntagResource"] * 2
    assert [request["tagKeys"] for request in account.requests("UntagResource")] == [["team"]] * 2


def test_tags_that_somebody_else_added_stay_and_are_no_reason_to_tag(account: WiredAccount) -> None:
    account.train(WANTED)
    arns = [account.job(WANTED)[name] for name in ("jobArn", "outputModelArn")]
    for arn in arns:
        account.bedrock.tag_resource(resourceARN=arn, tags=as_pairs({"theirs": "any"}))
    account.train(WANTED.but(stop_on_delete=False))
    assert account.changes() == ["CreateModelCustomizationJob"]
    account.train(WANTED.but(tags={"cost-center": "4711"}))
    expected = {**TAGS, "cost-center": "4711", "theirs": "any"}
    del expected["team"]
    assert [account.tags(arn) for arn in arns] == [expected, expected]


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource"])
@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyTagsException"])
def test_tags_that_are_refused_fail_nothing(account: WiredAccount, operation: str, code: str) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault(operation, code, times=100))
    assert account.train(WANTED.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"


def test_a_model_that_was_left_without_a_tag_gets_it_with_the_next_update(account: WiredAccount) -> None:
    account.train(WANTED)
    model = account.job(WANTED)["outputModelArn"]
    account.bedrock.untag_resource(resourceARN=model, tagKeys=["team"])
    account.train(WANTED.but(stop_on_delete=False))
    assert account.tags(model) == TAGS


def test_a_thing_that_vanishes_while_it_is_looked_at_has_no_tags(account: WiredAccount) -> None:
    gone = "arn:aws:bedrock:us-west-2:111122223333:provisioned-model/000000000000"
    assert Bedrock(account.lifecycle.client).tags(gone) == {}


def test_without_a_key_of_its_own_a_model_is_encrypted_with_that_of_bedrock(account: WiredAccount) -> None:
    assert account.train(WANTED.but(key_arn="")) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateModelCustomizationJob")
    assert "customModelKmsKeyId" not in request


def test_a_training_that_is_paid_is_never_undone(account: WiredAccount) -> None:
    account.train(WANTED)
    before = account.changes()
    resource = ModelCustomization(Bedrock(account.lifecycle.client), Preflight(account.lifecycle.aws))
    with pytest.raises(Refusal, match="adopted"):
        resource.undo(any_turn(training_event()))
    assert account.changes() == before
