"""What AWS does not promise away, as conditions under which a whole operation runs."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, get_args

from sandbox.bedrock.assumed import Assumed
from sandbox.bedrock.faults import ApiFault, Fault, JobFault
from sandbox.bedrock.lasting_faults import (
    AuthorizationFault,
    Kind,
    LegacyFault,
    OmissionFault,
    UnseenFault,
    Where,
)
from sandbox.bedrock.phases import Phase
from tests.lifecycle.another_team import settle_in
from tests.support import calls
from tests.support.calls import Call, Chaos
from tests.support.environment import Account

_JOB: Final = "CreateModelCustomizationJob"
_PURCHASE: Final = "CreateProvisionedModelThroughput"
_DEPLOYMENT: Final = "CreateCustomModelDeployment"
_CREATES: Final = (_JOB, _PURCHASE, _DEPLOYMENT)
_SERVES: Final = (_PURCHASE, _DEPLOYMENT)
_DELETES: Final = ("DeleteProvisionedModelThroughput", "DeleteCustomModelDeployment")

# Longer than anything takes in the crash matrix, and shorter than the minutes that the lifecycle waits.
UNSEEN_SECONDS: Final = 45
# Twenty reads take longer than a preflight reads in one turn.
READ_TAKES: Final = timedelta(seconds=0.6)
AWAY_FOR: Final = timedelta(minutes=5)

# What must be told for an answer to be about anything: the status of a job, the update of a deployment. Not of S3, KMS
# and IAM, where it is documented what it means that a member is not there.
TOLD: Final = ("status", "updateDetails", "modelDetails")
TELLING_LITTLE: Final = (
    "GetModelCustomizationJob",
    "GetCustomModel",
    "GetProvisionedModelThroughput",
    "GetCustomModelDeployment",
    "ListModelCustomizationJobs",
    "ListCustomModels",
    "ListProvisionedModelThroughputs",
    "ListCustomModelDeployments",
    "ListTagsForResource",
    "GetFoundationModel",
    "ListFoundationModels",
    "GetFoundationModelAvailability",
    "GetServiceQuota",
)


@dataclass(frozen=True)
class Condition:
    """Something that holds from the beginning of an operation to its end.

    concerns: operations of Bedrock of which the operation must ask for one, without the condition, to be concerned.
    hinders: whether the operation may end otherwise under it. Else it must end just so: whatever AWS does here, what
      was asked for can be done.
    told: what a reason must hold when it ends otherwise.
    """

    name: str
    begin: Callable[[Account], object]
    concerns: tuple[str, ...] = ()
    hinders: bool = False
    told: str = ""

    def is_felt(self, made: tuple[Call, ...]) -> bool:
        """Tell whether an operation with these calls is concerned."""
        return not self.concerns or any(call.operation in self.concerns for call in made)

    def end(self, account: Account) -> None:
        """Let it be over. A job that does not start is stopped, as a person would do."""
        account.lifecycle.calls.lasting = calls.no_chaos
        account.lifecycle.calls.latency = calls.no_latency
        account.lifecycle.simulated.faults.clear()
        for job in account.region.jobs.values():
            if job.is_stuck and job.status == "InProgress":
                account.lifecycle.client.stop_model_customization_job(jobIdentifier=job.name)


def faults(*made: Callable[[], Fault]) -> Callable[[Account], None]:
    """Return what lets faults of the simulated Bedrock hold."""

    def begin(account: Account) -> None:
        for make in made:
            account.lifecycle.simulated.faults.add(make())

    return begin


def unseen(where: Where, *kinds: Kind) -> Callable[[Account], None]:
    """Return what hides all that is created from now on, for a while."""

    def begin(account: Account) -> None:
        # What is there already has been seen, and stays so.
        account.lifecycle.pass_time(timedelta(seconds=UNSEEN_SECONDS))
        for kind in kinds or get_args(Kind):
            account.lifecycle.simulated.faults.add(UnseenFault(where, UNSEEN_SECONDS, kind))

    return begin


def calls_fail(chaos: Chaos) -> Callable[[Account], None]:
    """Return what lets calls fail for as long as it lasts."""

    def begin(account: Account) -> None:
        account.lifecycle.calls.lasting = chaos

    return begin


def out_of_reach(service: str) -> Callable[[Account], None]:
    """Return what puts a service out of reach: no connection to it comes about."""
    return calls_fail(lambda call: calls.Fault.TIMED_OUT if call.service == service else None)


def away(service: str) -> Callable[[Account], None]:
    """Return what puts a service out of reach for minutes: one without which nothing can be done is waited for."""

    def begin(account: Account) -> None:
        back = account.lifecycle.now + AWAY_FOR

        def chaos(call: Call) -> calls.Fault | None:
            return calls.Fault.TIMED_OUT if call.service == service and account.lifecycle.now < back else None

        account.lifecycle.calls.lasting = chaos

    return begin


def broken(operation: str) -> Callable[[Account], None]:
    """Return what lets an operation answer with a 5xx each time."""
    return calls_fail(lambda call: calls.Fault.SERVER_ERROR if call.operation == operation else None)


def reads_are_slow(account: Account) -> None:
    """Let each read take its time, and a preflight longer than a turn reads."""
    aws = ("bedrock", "iam", "kms", "s3", "service-quotas")
    account.lifecycle.calls.latency = lambda call: (
        READ_TAKES if call.service in aws and not call.mutating else timedelta()
    )


def answered(**answers: str) -> Callable[[Account], None]:
    """Return what lets the account do as these answers to the register say, which are those of another account."""
    lasting = Assumed({name.replace("_", "-"): answer for name, answer in answers.items()}).lasting
    assert lasting
    return faults(*(partial(dataclasses.replace, fault) for fault in lasting))


_INVALID: Final = "ValidationException"
_INTERNAL: Final = "Encountered an internal error when processing the request."

_LITTLE_IS_TOLD: Final = faults(*(partial(OmissionFault, name, keep=TOLD) for name in TELLING_LITTLE))
_EVERY_ABSENCE_INVALID: Final = answered(
    unknown_job=_INVALID, unknown_model=_INVALID, unknown_throughput=_INVALID, unknown_deployment=_INVALID
)

CONDITIONS: Final = (
    Condition("jobs not seen by name", unseen("get", "job"), (_JOB,)),
    Condition("models not seen by name", unseen("get", "model"), (_JOB,)),
    Condition("what serves not seen by name", unseen("get", "throughput", "deployment"), _SERVES),
    Condition(
        "what serves not seen, its name taken",
        lambda account: (
            unseen("get", "throughput", "deployment")(account),
            # A token that is not honoured either: the second create of what is there is a definite refusal.
            faults(*(_second_is_refused(operation) for operation in _SERVES))(account),
        ),
        _SERVES,
        hinders=True,
    ),
    Condition(
        "what serves not seen by name, told as invalid",
        lambda account: (
            unseen("get", "throughput", "deployment")(account),
            answered(unknown_throughput=_INVALID, unknown_deployment=_INVALID)(account),
        ),
        _SERVES,
    ),
    Condition("nothing new seen in lists", unseen("list"), _CREATES),
    Condition("nothing new seen with its tags", unseen("tags"), _CREATES),
    Condition("no job told as invalid", answered(unknown_job=_INVALID, unknown_model=_INVALID)),
    Condition("no throughput told as invalid", answered(unknown_throughput=_INVALID)),
    Condition("no deployment told as invalid", answered(unknown_deployment=_INVALID)),
    Condition("no member that is not promised", _LITTLE_IS_TOLD),
    Condition(
        "nothing that is not promised",
        lambda account: (
            *(unseen(where)(account) for where in get_args(Where)),
            _LITTLE_IS_TOLD(account),
            _EVERY_ABSENCE_INVALID(account),
            answered(deletion_shown="Deleting", second_delete=_INVALID)(account),
        ),
    ),
    Condition("reads are slow", reads_are_slow),
    Condition("IAM out of reach", out_of_reach("iam"), (_JOB,)),
    Condition("Service Quotas out of reach", out_of_reach("service-quotas"), _CREATES),
    Condition("S3 away for minutes", away("s3"), (_JOB,)),
    Condition("KMS out of reach", out_of_reach("kms"), _CREATES),
    Condition("Bedrock away for minutes", away("bedrock")),
    Condition("the policy simulator broken", broken("SimulatePrincipalPolicy"), (_JOB,)),
    Condition(
        "a deletion shows, refused as invalid",
        answered(deletion_shown="as-before", second_delete=_INVALID),
        _DELETES,
    ),
    Condition("a deletion shows as Deleting", answered(deletion_shown="Deleting"), _DELETES),
    Condition(
        "a deletion shows as Deleting, invalid",
        answered(deletion_shown="Deleting", second_delete=_INVALID),
        _DELETES,
    ),
    Condition("Legacy between look and create", faults(LegacyFault), (_JOB,), hinders=True, told="LEGACY"),
    Condition(
        "Legacy between look and purchase",
        faults(lambda: LegacyFault(operation="CreateProvisionedModelThroughput")),
        (_PURCHASE,),
        hinders=True,
        told="LEGACY",
    ),
    Condition(
        "a job never starts",
        faults(lambda: JobFault(Phase.VALIDATION, outcome="stuck")),
        (_JOB,),
        hinders=True,
    ),
    Condition(
        "a job fails in its first minute",
        faults(lambda: JobFault(Phase.VALIDATION, _INTERNAL, seconds=10)),
        (_JOB,),
        hinders=True,
        told=_INTERNAL,
    ),
    Condition("an authorization that means nothing", answered(authorization="not-authorized"), (_JOB,)),
    Condition(
        "an authorization that is meant",
        faults(lambda: AuthorizationFault(enforced=True)),
        (_JOB,),
        hinders=True,
        told="don't have access",
    ),
    Condition("another team's tags denied", settle_in),
)


def _second_is_refused(operation: str) -> Callable[[], Fault]:
    message = "the name is already in use"
    return lambda: ApiFault(operation, "ValidationException", message=message, skip=1, times=0)
