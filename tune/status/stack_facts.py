"""A stack and the phases of a training_progress, read from what AWS answers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.clock import service_time
from tune.account import denied, operations, stack_states, training_progress
from tune.status.facts import PhaseFacts, StackFacts

Resources = Sequence[Mapping[str, Any]]


def stack_facts(cloudformation: Any, name: str, resources: Resources) -> StackFacts:
    """Return where a stack stands; ages are reckoned by CloudFormation's own clock."""
    try:
        answer = cloudformation.describe_stacks(StackName=name)
    except ClientError as error:
        if stack_states.is_missing(error):
            return StackFacts(name)
        raise
    [found] = answer["Stacks"]
    status, since = found["StackStatus"], found.get("LastUpdatedTime") or found["CreationTime"]
    if not stack_states.exists(status):
        return StackFacts(name, status if status == stack_states.NEVER_EXECUTED else None)
    failures, commit = _of_events(cloudformation, name, has_failed="FAILED" in status or "ROLLBACK" in status)
    return StackFacts(
        name=name,
        status=status,
        since=since,
        age=max(service_time(answer) - since, timedelta()),
        works_on=tuple(its["LogicalResourceId"] for its in resources if its["ResourceStatus"].endswith("_IN_PROGRESS")),
        failures=tuple(failures),
        commit=commit,
        is_busy=stack_states.is_in_progress(status),
    )


def _of_events(cloudformation: Any, name: str, *, has_failed: bool) -> tuple[Sequence[str], str]:
    """Return why the last operation failed, and the commit from which it was begun."""
    try:
        failures = stack_states.latest_failures(cloudformation, name) if has_failed else []
        return failures, operations.latest(cloudformation, name).commit
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        # Who may not read the events is told everything else.
        return [f"the reason cannot be read: {denied.told(error)}"] if has_failed else [], ""


def phase_facts(job: Mapping[str, Any]) -> Iterator[PhaseFacts]:
    """Yield the phases of a job, as far as Bedrock tells them, from the answer of GetModelCustomizationJob."""
    details = job.get("statusDetails", {})
    for key, name in training_progress.PHASES.items():
        if key in details:
            its = details[key]
            status, began = its.get("status", ""), its.get("creationTime")
            until = service_time(job) if status == "InProgress" else its.get("lastModifiedTime")
            told = began and until and status != "NotStarted"
            yield PhaseFacts(name, status, max(until - began, timedelta()) if told else None)
