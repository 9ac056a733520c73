"""The preflight inside the lifecycle: before what bills and never in a rollback, all problems at once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

import pytest

from bedrock_lifecycle.engine import aws_errors
from sandbox.bedrock import Role
from tests.support.calls import Call, Calls, Fault, client_error
from tests.support.environment import NOVA, NOVA_RECORDS, SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import BUCKET, KEY_ARN, ROLE_ARN
from tests.support.messages import says
from tests.support.quick import quick
from tests.support.wired import WANTED

T = TypeVar("T")
CREATES: Final = ("CreateModelCustomizationJob", "CreateProvisionedModelThroughput")
# What only a preflight asks for.
READS: Final = frozenset(
    {
        "DescribeKey",
        "GetFoundationModel",
        "GetFoundationModelAvailability",
        "GetRole",
        "GetServiceQuota",
        "ListFoundationModels",
        "ListModelCustomizationJobs",
        "ListObjectsV2",
        "SimulatePrincipalPolicy",
    }
)
MORE_UNITS: Final = WANTED.but(model_units=2)


@pytest.fixture
def account() -> Account:
    return Account(settings=quick())


def creates(account: Account) -> int:
    """Return how often something that bills was asked for, as the simulated Bedrock counted."""
    calls = account.meter()["calls"]
    return sum(calls.get(operation, 0) for operation in CREATES)


def preflight_reads(account: Account, since: int = 0) -> Counter[str]:
    return Counter(call.operation for call in account.lifecycle.calls.made[since:] if call.operation in READS)


def break_everything(account: Account) -> None:
    """Let every check of a training find a problem, apart from the base model's own."""
    world = account.lifecycle.world
    world.roles[ROLE_ARN] = Role(trusts_bedrock=False, may_read=False, may_write=False, may_use_keys=False)
    world.disabled_keys.add(KEY_ARN)
    control = account.lifecycle.simulated.handle_control
    units = {"L-BE77399C": 0, "L-EF415EF6": 0}
    control("quotas", {"set": {"L-0406044C": 0, "L-CB5B847D": 0, **units}})
    control("access", {"deny": [WANTED.base_model.rpartition(":")[0]]})


def test_everything_that_fails_is_told_together_and_nothing_is_created(account: Account) -> None:
    break_everything(account)
    status = account.cloudformation.deploy(TRAINING, WANTED.training())
    assert status == "ROLLBACK_COMPLETE"
    assert says(account.reason, "11 problems", "(1)", "(11)", WANTED.base_model)
    for named in (
        "L-0406044C",
        "L-CB5B847D",
        "L-EF415EF6",
        "L-BE77399C",
        "bedrock.amazonaws.com",
        "s3:GetObject",
        "s3:PutObject",
        "kms:CreateGrant",
        f"s3://{BUCKET}/train/{WANTED.sha256}.jsonl",
        KEY_ARN,
    ):
        assert says(account.reason, named)
    assert creates(account) == 0


def test_a_refusal_is_answered_in_its_first_turn(account: Account) -> None:
    account.lifecycle.world.disabled_keys.add(KEY_ARN)
    began = account.lifecycle.now
    account.deploy(WANTED)
    (sent,) = (each for each in account.cloudformation.events if each["RequestType"] == "Create")
    assert account.lifecycle.answered_at[sent["RequestId"]] - began < timedelta(seconds=10)


def test_a_deployment_that_nothing_stands_in_the_way_of_is_looked_at_once_for_each_thing_that_bills(
    account: Account,
) -> None:
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    reads = preflight_reads(account)
    assert reads["GetFoundationModel"] == creates(account) == 2
    assert reads["GetRole"] == reads["GetFoundationModelAvailability"] == 1
    assert sum(reads.values()) < 25


def test_all_of_it_was_checked_and_the_answer_has_nothing_to_add(account: Account) -> None:
    account.deploy(WANTED)
    answers = [answer["Reason"] for each in account.lifecycle.answers.values() for answer in each]
    assert answers
    assert not [reason for reason in answers if "not checked" in reason]


def test_what_exists_is_adopted_without_a_look(account: Account) -> None:
    account.deploy(WANTED.but(model_units=None))
    account.destroy()
    since = len(account.lifecycle.calls.made)
    break_everything(account)
    assert account.deploy(WANTED.but(model_units=None)) == "CREATE_COMPLETE"
    assert preflight_reads(account, since) == {}


def test_a_swap_and_a_deletion_are_not_looked_at(account: Account) -> None:
    account.deploy(WANTED)
    other = WANTED.but(hyper_parameters={"epochCount": "3"})
    account.lifecycle.put(f"train/{other.sha256}.jsonl", other.data)
    account.cloudformation.deploy(TRAINING, other.training())
    since = len(account.lifecycle.calls.made)
    assert account.cloudformation.deploy(SERVING, other.serving()) == "UPDATE_COMPLETE"
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert preflight_reads(account, since) == {}


def test_another_way_of_serving_is_no_other_training(account: Account) -> None:
    account.deploy(WANTED.but(model_units=None))
    for wanted in (WANTED, MORE_UNITS, WANTED.but(commitment_duration="OneMonth")):
        since = len(account.lifecycle.calls.made)
        status = account.cloudformation.deploy(TRAINING, wanted.training())
        assert status == "UPDATE_COMPLETE"
        assert account.cloudformation.events[-1]["ResourceProperties"]["Serving"]
        assert preflight_reads(account, since) == {}
    assert len(account.jobs()) == creates(account) == 1


# --- the model's key ---------------------------------------------------------------------------------------------

OTHER_KEY: Final = KEY_ARN.replace("5a0c1e37", "ffffffff")
ON_DEMAND: Final = Wanted(rungs=1, base_model=NOVA, data=NOVA_RECORDS, on_demand=True, model_units=None)


def with_a_model_under_another_key(wanted: Wanted) -> Account:
    """Return an account in which the environment was destroyed, with Foundation, after its training."""
    account = Account(settings=quick(), region=wanted.region)
    account.deploy(wanted.but(model_units=None, on_demand=False, key_arn=OTHER_KEY))
    account.destroy()
    return account


@pytest.mark.parametrize("wanted", [WANTED, ON_DEMAND], ids=["bought", "deployed"])
def test_a_model_under_a_key_that_the_environment_does_not_know_is_refused_and_nothing_is_made(wanted: Wanted) -> None:
    account = with_a_model_under_another_key(wanted)
    before = account.meter()["calls"]
    assert account.deploy(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, OTHER_KEY, KEY_ARN, "model_key_arns")
    assert not {each for each in account.meter()["calls"].keys() - before.keys() if each.startswith("Create")}


@pytest.mark.parametrize("wanted", [WANTED, ON_DEMAND], ids=["bought", "deployed"])
def test_a_model_under_a_further_key_is_served_without_training(wanted: Wanted) -> None:
    account = with_a_model_under_another_key(wanted)
    assert account.deploy(wanted.but(model_key_arns=(OTHER_KEY,))) == "CREATE_COMPLETE"
    assert account.meter()["calls"]["CreateModelCustomizationJob"] == 1


def test_the_key_that_is_looked_at_is_the_one_that_the_model_is_under() -> None:
    account = with_a_model_under_another_key(WANTED)
    account.lifecycle.world.disabled_keys.add(OTHER_KEY)
    assert account.deploy(WANTED.but(model_key_arns=(OTHER_KEY,))) == "ROLLBACK_COMPLETE"
    assert account.reason.startswith(f"key {OTHER_KEY} is Disabled")


# --- how old the model is, and what is not looked at ------------------------------------------------------------------


def test_a_model_that_is_too_old_is_not_deployed_and_one_of_the_day_is() -> None:
    account = Account(settings=quick(), region=ON_DEMAND.region)
    account.deploy(ON_DEMAND.but(on_demand=False))
    assert account.deploy(ON_DEMAND.but(customized_from="2099-07-16")) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "custom-model/", "2099-07-16", "Provisioned Throughput")
    assert "CreateCustomModelDeployment" not in account.meter()["calls"]
    assert account.deploy(ON_DEMAND.but(customized_from="2024-01-01")) == "CREATE_COMPLETE"


# --- rollbacks ---------------------------------------------------------------------------------------------------


def in_rollback(account: Account) -> list[str]:
    """Return what will be read for a preflight while a stack goes back."""
    seen: list[str] = []

    def note(call: Call) -> None:
        statuses = {each.status for each in account.cloudformation.stacks.all.values()}
        if call.operation in READS and statuses & {"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}:
            seen.append(call.operation)

    account.lifecycle.calls.chaos = note
    return seen


def test_the_rollback_of_a_replacement_reads_nothing_for_a_preflight(account: Account) -> None:
    account.deploy(WANTED)
    seen = in_rollback(account)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=25)
    assert account.deploy(MORE_UNITS).startswith("UPDATE_ROLLBACK_COMPLETE")
    assert account.cloudformation.events[-1]["RequestType"] in ("Update", "Delete")
    assert seen == []


def test_a_rollback_looks_at_nothing_and_buys_nothing_in_place_of_what_was_deleted_meanwhile(account: Account) -> None:
    """The throughput to go back to was deleted by hand meanwhile, and the key is off: neither stops the way back."""
    account.deploy(WANTED)
    seen = in_rollback(account)
    before = creates(account)

    def sabotage() -> None:
        stack = account.cloudformation.stack(SERVING)
        goes_back = stack is not None and stack.status == "UPDATE_ROLLBACK_IN_PROGRESS"
        if goes_back and KEY_ARN not in account.lifecycle.world.disabled_keys:
            account.lifecycle.world.disabled_keys.add(KEY_ARN)
            account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=WANTED.throughput_name)

    account.cloudformation.watch = sabotage
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    account.cloudformation.deploy(SERVING, MORE_UNITS.serving())
    assert KEY_ARN in account.lifecycle.world.disabled_keys
    assert seen == []
    assert creates(account) == before + 1


# --- errors while looking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", sorted(READS - {"ListFoundationModels"}))
@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_what_passes_by_itself_is_looked_at_again(operation: str, fault: Fault) -> None:
    failed: list[int] = []

    def once(call: Call) -> Fault | None:
        if call.operation != operation or failed:
            return None
        failed.append(call.number)
        return fault

    account = Account(settings=quick(), calls=Calls(once))
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert failed
    assert creates(account) == 2


class Denying(Calls):
    """Lets one operation be denied for ever."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation = operation

    def make(self, service: str, operation: str, effect: Callable[[], T], *, mutating: bool) -> T:
        if operation == self._operation:
            raise client_error("AccessDeniedException", f"not authorized to perform: {operation}", 403, operation)
        return super().make(service, operation, effect, mutating=mutating)


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        ("GetFoundationModelAvailability", "model access (GetFoundationModelAvailability: AccessDeniedException)"),
        ("GetServiceQuota", "custom models (GetServiceQuota L-CB5B847D: AccessDeniedException)"),
        ("SimulatePrincipalPolicy", "service role, data (SimulatePrincipalPolicy: AccessDeniedException)"),
        ("ListObjectsV2", "data files (ListObjectsV2: AccessDeniedException)"),
        ("DescribeKey", "key (DescribeKey: AccessDeniedException)"),
    ],
)
def test_a_read_that_is_never_allowed_is_waited_for_two_minutes_and_then_not_checked(
    operation: str, named: str
) -> None:
    account = Account(settings=quick(), calls=Denying(operation))
    began = account.lifecycle.now
    wanted = WANTED.but(model_units=None)
    assert account.deploy(wanted) == "CREATE_COMPLETE"
    (created,) = (each for each in account.cloudformation.events if each["LogicalResourceId"] == "Job")
    assert account.lifecycle.answered_at[created["RequestId"]] - began >= aws_errors.PROPAGATION
    (answer,) = account.lifecycle.answers[created["RequestId"]]
    assert answer["Reason"].startswith("not checked: ")
    assert named in answer["Reason"]
    assert creates(account) == 1


def test_a_training_from_an_older_template_is_created_unchecked_where_it_says_nothing(account: Account) -> None:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    template = dict(WANTED.training())
    job = template["Job"]
    older = {
        key: value for key, value in job.properties.items() if key not in ("FoundationModelId", "Quotas", "Serving")
    }
    template["Job"] = type(job)(job.type, older)
    assert account.cloudformation.deploy(TRAINING, template) == "CREATE_COMPLETE"
    (answer,) = account.lifecycle.answers[account.cloudformation.events[0]["RequestId"]]
    assert says(answer["Reason"], "not checked", "model access", "custom models", "quota code")
    assert creates(account) == 1
