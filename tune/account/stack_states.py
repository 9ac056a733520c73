"""What CloudFormation says about stacks: their states, resources and failures."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

WAIT_SECONDS: Final = 5.0
NEVER_EXECUTED: Final = "REVIEW_IN_PROGRESS"
_BEGINNINGS: Final = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
_ONLY_FOLLOWS: Final = ("cancelled", "canceled")


@dataclass(frozen=True)
class StackState:
    """A stack as it is now; `status` is None when there is none of this name."""

    name: str
    status: str | None = None
    protected: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def whose(self) -> dict[str, str]:
        """The tags that say whose it is."""
        return whose(self.tags)

    @property
    def exists(self) -> bool:
        """See `exists`."""
        return exists(self.status)

    @property
    def was_never_executed(self) -> bool:
        """Whether there is only a change set, which nobody has agreed to: it holds nothing, and takes the name."""
        return self.status == NEVER_EXECUTED

    @property
    def is_there(self) -> bool:
        """Whether CloudFormation has a stack of this name, with or without resources."""
        return self.exists or self.was_never_executed

    @property
    def has_failed(self) -> bool:
        """Whether its last operation did not end as it was to, or is being taken back."""
        return bool(self.status and ("FAILED" in self.status or "ROLLBACK" in self.status))

    @property
    def is_in_progress(self) -> bool:
        """See `is_in_progress`."""
        return is_in_progress(self.status)


def whose(tags: Mapping[str, str]) -> dict[str, str]:
    """Return those of a stack's tags that say whose it is."""
    return {key: tags[key] for key in (contract.TAG_APP, contract.TAG_ENVIRONMENT, contract.TAG_MODEL) if key in tags}


def exists(status: str | None) -> bool:
    """Tell whether there is something to delete: a stack of which only a change set exists has no resources."""
    return status not in (None, "DELETE_COMPLETE", NEVER_EXECUTED)


def is_in_progress(status: str | None) -> bool:
    """Tell whether CloudFormation is at work on a stack. A change set that awaits its execution is not work."""
    return bool(status and status.endswith("_IN_PROGRESS") and status != NEVER_EXECUTED)


def read(cloudformation: "CloudFormationClient", name: str) -> StackState:
    """Return the state of one stack."""
    try:
        [found] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if is_missing(error):
            return StackState(name)
        raise
    return state_of(found)


def state_of(described: Mapping[str, Any]) -> StackState:
    """Return a stack's state from what DescribeStacks says of it."""
    tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", ())}
    protected = described.get("EnableTerminationProtection", False)
    return StackState(described["StackName"], described["StackStatus"], protected, tags)


def resources(cloudformation: "CloudFormationClient", name: str) -> list[Mapping[str, Any]]:
    """Return the resources of a stack; none when there is no such stack."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    try:
        return [resource for page in pages for resource in page["StackResourceSummaries"]]
    except ClientError as error:
        if is_missing(error):
            return []
        raise


def is_missing(error: ClientError) -> bool:
    """Tell whether an error of CloudFormation means that there is no such stack."""
    details = error.response.get("Error", {})
    return details.get("Code") == "ValidationError" and "does not exist" in details.get("Message", "")


def wait_while_in_progress(
    read_all: Callable[[], Iterable[StackState]],
    announce: Callable[[StackState], None],
    sleep: Callable[[float], None],
) -> None:
    """Return when CloudFormation is at work on none of the stacks; `announce` is told of each one before each wait."""
    while busy := [state for state in read_all() if state.is_in_progress]:
        for state in busy:
            announce(state)
        sleep(WAIT_SECONDS)


def newest_event_id(cloudformation: "CloudFormationClient", stack: str) -> str | None:
    """Return the id of the last thing that happened to a stack, None when there is no such stack."""
    return next((str(event["EventId"]) for event in _events(cloudformation, stack)), None)


def newest_token(cloudformation: "CloudFormationClient", stack: str) -> str:
    """Return the token of the request that the last thing that happened to a stack belongs to; empty without one."""
    return next((str(event.get("ClientRequestToken", "")) for event in _events(cloudformation, stack)), "")


def failures_since(cloudformation: "CloudFormationClient", stack: str, event_id: str | None) -> list[str]:
    """Return why resources of a stack failed after an event, oldest first."""
    return failure_reasons(_until(event_id, _events(cloudformation, stack)))


def latest_failures(cloudformation: "CloudFormationClient", stack: str) -> list[str]:
    """Return why resources failed in the last thing that somebody asked of a stack, oldest first."""
    return failure_reasons(_of_latest_operation(_events(cloudformation, stack)))


def failure_reasons(newest_first: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the reasons of events that are failures by themselves, not the consequence of another one."""
    reasons = [
        str(event.get("ResourceStatusReason", ""))
        for event in newest_first
        if str(event.get("ResourceStatus", "")).endswith("_FAILED")
        and event.get("ResourceType") != "AWS::CloudFormation::Stack"
    ]
    own = [reason for reason in reasons if reason and not any(word in reason for word in _ONLY_FOLLOWS)]
    return list(dict.fromkeys(reversed(own)))


def _events(cloudformation: "CloudFormationClient", stack: str) -> Iterator[Mapping[str, Any]]:
    try:
        for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
            yield from page["StackEvents"]
    except ClientError as error:
        if not is_missing(error):
            raise


def _of_latest_operation(newest_first: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for event in newest_first:
        yield event
        if event["ResourceType"] == "AWS::CloudFormation::Stack" and event["ResourceStatus"] in _BEGINNINGS:
            return


def _until(event_id: str | None, events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for event in events:
        if event["EventId"] == event_id:
            return
        yield event
