"""CloudFormation's side of the custom-resource protocol, as it is documented, on the lifecycle in one process.

It sends what MiniStack cannot: the delete after a failed create, a cancel with a physical id that CloudFormation made
up, duplicate deliveries. Where the real behaviour is not established, `Variant` has both.
"""

import dataclasses
import itertools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bedrock_lifecycle.contract import RequestType
from tests.support.bedrock_client import ACCOUNT
from tests.support.lifecycle import Lifecycle

_HOUR: Final = timedelta(hours=1)
_DELETION: Final = "DeletionPolicy"
_REPLACEMENT: Final = "UpdateReplacePolicy"
RETAINED: Final = frozenset({_DELETION, _REPLACEMENT})
_BETWEEN_REQUESTS: Final = timedelta(seconds=2)
Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Ref:
    """`Fn::GetAtt` of another resource of the template."""

    logical_id: str
    attribute: str


@dataclass(frozen=True)
class Resource:
    """A resource of a template: a custom resource, or one of AWS's own that nothing goes wrong with."""

    type: str
    properties: Properties
    kept: frozenset[str] = frozenset()
    """The policies that say Retain."""


Template = Mapping[str, Resource]


@dataclass(frozen=True)
class Variant:
    """What CloudFormation's documentation leaves open."""

    rollback_carries_new_id: bool = True
    """After a replacement, the update that rolls back has the new physical id; else the old one."""
    failed_update_draws_delete: bool = False
    """A FAILED answer to an update with a new physical id is followed by a delete of that id."""
    rollback_goes_backwards: bool = True
    """A rollback takes back first what was changed last; else in the order of the template."""
    keeps_what_was_asked_for: bool = False
    """The properties before of what has failed and was left so are those that it failed with; else the ones before."""


@dataclass
class Live:
    """A resource as the stack has it."""

    type: str
    physical_id: str
    properties: Properties
    attributes: Mapping[str, str]
    kept: frozenset[str] = frozenset()
    status: str = "CREATE_COMPLETE"
    """Whether it is complete, or has failed and was left so, without a rollback."""


@dataclass
class Stack:
    """A stack; `statuses` are all that it ever had."""

    stack_id: str
    resources: dict[str, Live] = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    unfinished: "list[_Change]" = field(default_factory=list)
    """What a failed rollback could not take back."""
    first: frozenset[str] = frozenset()
    """The resource types of the template that it was created from."""

    @property
    def status(self) -> str:
        return self.statuses[-1]


class Stacks:
    """What `DescribeStacks`, `DescribeStackEvents` and `ListStackResources` would say."""

    def __init__(self) -> None:
        self.all: dict[str, Stack] = {}

    def status(self, stack_id: str) -> str:
        return self.all[stack_id].status

    def was_complete_once(self, stack_id: str) -> bool:
        complete = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
        return bool(complete & set(self.all[stack_id].statuses))

    def resources(self, stack_id: str) -> list[dict[str, str]]:
        """See `StackView`."""
        return [
            {"LogicalResourceId": logical_id, "PhysicalResourceId": live.physical_id, "ResourceStatus": live.status}
            for logical_id, live in self.all[stack_id].resources.items()
        ]


@dataclass(frozen=True)
class Answer:
    """How a request went: with CloudFormation's own failure when nobody answered or somebody cancelled."""

    succeeded: bool
    physical_id: str
    reason: str
    attributes: Mapping[str, str]


@dataclass
class _Change:
    """A resource that an update changed, and how it was before."""

    logical_id: str
    before: Live
    after: Live
    failed: bool


class CloudFormation:
    """Drives stacks. `before_request` is called before each request is sent, `watch` after everything that happens."""

    def __init__(self, lifecycle: Lifecycle, stacks: Stacks, variant: Variant | None = None) -> None:
        self.lifecycle = lifecycle
        self.stacks = stacks
        self.variant = variant or Variant()
        self.events: list[dict[str, Any]] = []
        self.reasons: list[str] = []
        self.sent_at: dict[str, datetime] = {}
        self.redeliver: Callable[[Mapping[str, Any]], list[timedelta]] = lambda _event: []
        self.cancel_at: datetime | None = None
        self.watch: Callable[[], None] = lambda: None
        self.kept: set[str] = set()
        """The physical IDs of what a policy kept, and no resource holds."""
        self.keeps_creates = True
        """Whether what a failed deployment created is kept too; not so with `RetainExceptOnCreate`."""
        self._by_name: dict[str, Stack] = {}
        self._requests = itertools.count(1)

    def stack(self, name: str) -> Stack | None:
        """Return the live stack of a name."""
        return self._by_name.get(name)

    def names(self) -> list[str]:
        """Return the names of the live stacks."""
        return list(self._by_name)

    def deploy(self, name: str, template: Template, *, rollback: bool = True) -> str:
        """Create or update a stack, as the CDK CLI does, perhaps with `--no-rollback`; return its status."""
        self.reasons = []
        present = self._by_name.get(name)
        if present and present.status in ("ROLLBACK_COMPLETE", "DELETE_FAILED"):
            if self.delete(name) != "DELETE_COMPLETE":
                return present.status
            present = None
        if present and present.status == "UPDATE_ROLLBACK_FAILED" and not self._continue_rollback(present):
            return present.status
        if present:
            return self._update(present, template, rollback=rollback)
        return self._create(name, template, rollback=rollback)

    def forget(self, name: str) -> None:
        """Let a stack be gone with everything left that it made."""
        self._by_name.pop(name).statuses.append("DELETE_COMPLETE")

    def delete(self, name: str) -> str:
        """Delete a stack; return its status."""
        stack = self._by_name[name]
        stack.statuses.append("DELETE_IN_PROGRESS")
        kept = {
            logical_id: live
            for logical_id, live in reversed(list(stack.resources.items()))
            if not self._keeps(live, _DELETION) and not self._send(stack, "Delete", logical_id, live).succeeded
        }
        stack.resources = kept
        stack.statuses.append("DELETE_FAILED" if kept else "DELETE_COMPLETE")
        if not kept:
            del self._by_name[name]
        return stack.status

    def _create(self, name: str, template: Template, *, rollback: bool) -> str:
        prefix = f"arn:aws:cloudformation:{self.lifecycle.region}:{ACCOUNT}:stack/{name}"
        stack_id = f"{prefix}/{uuid.UUID(int=next(self._requests))}"
        stack = Stack(stack_id, statuses=["CREATE_IN_PROGRESS"], first=frozenset(its.type for its in template.values()))
        self.stacks.all[stack_id] = self._by_name[name] = stack
        for logical_id, resource in template.items():
            if not self._create_resource(stack, logical_id, resource):
                if not rollback:
                    return self._leave(stack, logical_id, "Create")
                stack.statuses.append("ROLLBACK_IN_PROGRESS")
                self._delete_all(stack, list(stack.resources), keeps=self.keeps_creates)
                stack.statuses.append("ROLLBACK_COMPLETE")
                return stack.status
        stack.statuses.append("CREATE_COMPLETE")
        return stack.status

    def _create_resource(self, stack: Stack, logical_id: str, resource: Resource) -> bool:
        live = Live(resource.type, "", _resolved(resource.properties, stack), {}, resource.kept)
        answer = self._send(stack, "Create", logical_id, live)
        live.physical_id, live.attributes = answer.physical_id, answer.attributes
        stack.resources[logical_id] = live
        return answer.succeeded

    def _leave(self, stack: Stack, logical_id: str, failed: RequestType) -> str:
        """Leave what has failed as it is, as without a rollback."""
        status = f"{failed.upper()}_FAILED"
        stack.resources[logical_id].status = status
        stack.statuses.append(status)
        return stack.status

    def _update(self, stack: Stack, template: Template, *, rollback: bool) -> str:
        stack.statuses.append("UPDATE_IN_PROGRESS")
        changes: list[_Change] = []
        created: list[str] = []
        for logical_id, resource in template.items():
            present = stack.resources.get(logical_id)
            if present is None or present.status == "CREATE_FAILED":
                created.append(logical_id)
                succeeded = self._create_resource(stack, logical_id, resource)
            else:
                succeeded = self._update_resource(stack, logical_id, resource, changes)
            if not succeeded and not rollback:
                if logical_id not in created and self.variant.keeps_what_was_asked_for:
                    stack.resources[logical_id].properties = changes[-1].after.properties
                return self._leave(stack, logical_id, "Create" if logical_id in created else "Update")
            if not succeeded or self._cancelled():
                return self._roll_back(stack, changes, created)
        stack.statuses.append("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(stack, changes)
        self._delete_all(stack, [logical_id for logical_id in stack.resources if logical_id not in template])
        stack.statuses.append("UPDATE_COMPLETE")
        return stack.status

    def _clean_up(self, stack: Stack, changes: list[_Change]) -> None:
        for change in changes:
            replaced = dataclasses.replace(change.before, kept=change.after.kept)
            if replaced.physical_id != change.after.physical_id and not self._keeps(replaced, _REPLACEMENT):
                self._send(stack, "Delete", change.logical_id, replaced)

    def _update_resource(self, stack: Stack, logical_id: str, resource: Resource, changes: list[_Change]) -> bool:
        before = stack.resources[logical_id]
        wanted = _resolved(resource.properties, stack)
        if wanted == before.properties and before.status != "UPDATE_FAILED":
            before.kept = resource.kept
            return True
        before.status = "UPDATE_COMPLETE"  # nothing is looked at here while it is in progress
        after = dataclasses.replace(before, properties=wanted, kept=resource.kept)
        answer = self._send(stack, "Update", logical_id, after, old=before.properties)
        changes.append(_Change(logical_id, before, after, failed=not answer.succeeded))
        if answer.succeeded:
            after.physical_id, after.attributes = answer.physical_id, answer.attributes
            stack.resources[logical_id] = after
        elif self.variant.failed_update_draws_delete and answer.physical_id != before.physical_id:
            after.physical_id = answer.physical_id
        return answer.succeeded

    def _roll_back(self, stack: Stack, changes: list[_Change], created: list[str]) -> str:
        self.cancel_at = None
        stack.statuses.append("UPDATE_ROLLBACK_IN_PROGRESS")
        stack.unfinished = [change for change in self._in_order(changes) if not self._take_back(stack, change)]
        if stack.unfinished:
            stack.statuses.append("UPDATE_ROLLBACK_FAILED")
            return stack.status
        stack.statuses.append("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._delete_all(stack, created, keeps=self.keeps_creates)
        for change in changes:
            if change.after.physical_id != change.before.physical_id:
                self._send(stack, "Delete", change.logical_id, change.after)
        stack.statuses.append("UPDATE_ROLLBACK_COMPLETE")
        return stack.status

    def _in_order(self, changes: list[_Change]) -> list[_Change]:
        return changes[::-1] if self.variant.rollback_goes_backwards else changes

    def _continue_rollback(self, stack: Stack) -> bool:
        stack.statuses.append("UPDATE_ROLLBACK_IN_PROGRESS")
        stack.unfinished = [change for change in stack.unfinished if not self._take_back(stack, change)]
        stack.statuses.append("UPDATE_ROLLBACK_FAILED" if stack.unfinished else "UPDATE_ROLLBACK_COMPLETE")
        return not stack.unfinished

    def _take_back(self, stack: Stack, change: _Change) -> bool:
        replaced = change.after.physical_id != change.before.physical_id
        carries_new = replaced and not change.failed and self.variant.rollback_carries_new_id
        physical_id = change.after.physical_id if carries_new else change.before.physical_id
        back = dataclasses.replace(change.before, physical_id=physical_id)
        answer = self._send(stack, "Update", change.logical_id, back, old=change.after.properties)
        stack.resources[change.logical_id] = dataclasses.replace(
            change.before, physical_id=answer.physical_id if answer.succeeded else change.before.physical_id
        )
        return answer.succeeded

    def _delete_all(self, stack: Stack, logical_ids: list[str], *, keeps: bool = True) -> None:
        # AWS's own resources refer to the custom ones, and so go first.
        custom = [its for its in logical_ids if stack.resources[its].type.startswith("Custom::")]
        for logical_id in (*reversed([its for its in logical_ids if its not in custom]), *reversed(custom)):
            if not keeps or not self._keeps(stack.resources[logical_id], _DELETION):
                self._send(stack, "Delete", logical_id, stack.resources[logical_id])
            del stack.resources[logical_id]

    def _keeps(self, live: Live, policy: str) -> bool:
        """Tell whether a policy keeps a resource that is replaced or removed."""
        if policy in live.kept:
            self.kept.add(live.physical_id)
        return policy in live.kept

    def _send(self, stack: Stack, kind: str, logical_id: str, live: Live, old: Properties | None = None) -> Answer:
        # CloudFormation takes its time between two requests; without it, all would be signed in the same second.
        self.lifecycle.pass_time(_BETWEEN_REQUESTS)
        if not live.type.startswith("Custom::"):
            # A resource of AWS's own is as its properties say, at once.
            self.watch()
            return Answer(True, live.properties.get("Name", logical_id), "", {})
        request_id = str(uuid.UUID(int=0x4000_8000_0000_0000_0000 + next(self._requests)))
        event = {
            "RequestType": kind,
            "RequestId": request_id,
            "StackId": stack.stack_id,
            "ResponseURL": f"https://cloudformation-custom-resource-response.example/{request_id}?{_signature(self.lifecycle.now)}",
            "ResourceType": live.type,
            "LogicalResourceId": logical_id,
            "ResourceProperties": {"ServiceToken": "arn:aws:lambda:::function:front-door", **live.properties},
        }
        if kind != "Create":
            event["PhysicalResourceId"] = live.physical_id
        if old is not None:
            event["OldResourceProperties"] = dict(old)
        self.events.append(event)
        self.sent_at[request_id] = self.lifecycle.now
        for delay in (timedelta(), *self.redeliver(event)):
            self.lifecycle.deliver(event, after=delay)
        return self._wait(event, live)

    def _wait(self, event: Mapping[str, Any], live: Live) -> Answer:
        request_id, sent = event["RequestId"], self.lifecycle.now
        while request_id not in self.lifecycle.answers:
            due = self.lifecycle.next_due()
            if self.cancel_at and event["RequestType"] != "Delete" and (due is None or due >= self.cancel_at):
                self.lifecycle.pass_time(max(self.cancel_at - self.lifecycle.now, timedelta()))
                return self._unanswered(event, live, "cancelled")
            if due is None or due - sent >= _HOUR:
                self.lifecycle.pass_time(max(sent + _HOUR - self.lifecycle.now, timedelta()))
                return self._unanswered(event, live, "nobody answered within the hour")
            self.lifecycle.step()
            self.watch()
        answer = self.lifecycle.answers[request_id][0]
        succeeded = answer["Status"] == "SUCCESS"
        if succeeded:
            # Another resource, or the same one again, has it now, or it is gone.
            self.kept.discard(answer["PhysicalResourceId"])
        if not succeeded:
            self.reasons.append(answer["Reason"])
        return Answer(succeeded, answer["PhysicalResourceId"], answer["Reason"], answer.get("Data", {}))

    def _unanswered(self, event: Mapping[str, Any], live: Live, why: str) -> Answer:
        # A create that nobody answered has an id that CloudFormation made up.
        made_up = f"{event['LogicalResourceId']}-{event['RequestId'][-12:]}"
        self.reasons.append(why)
        return Answer(False, live.physical_id or made_up, why, {})

    def _cancelled(self) -> bool:
        return self.cancel_at is not None and self.lifecycle.now >= self.cancel_at


def _signature(now: datetime) -> str:
    return f"X-Amz-Date={now:%Y%m%dT%H%M%SZ}&X-Amz-Signature=secret"


def _resolved(properties: Properties, stack: Stack) -> Properties:
    """Return properties as they go over the wire: references resolved, every primitive a string."""
    return {
        name: on_the_wire(value, lambda ref: stack.resources[ref.logical_id].attributes[ref.attribute])
        for name, value in properties.items()
    }


def on_the_wire(value: Any, resolve: Callable[[Ref], Any]) -> Any:
    """Return a value of a template as CloudFormation sends it: `resolve` gives what a reference stands for."""
    match value:
        case Ref():
            return resolve(value)
        case bool():
            return "true" if value else "false"
        case Mapping():
            return {str(name): on_the_wire(item, resolve) for name, item in value.items()}
        case list():
            return [on_the_wire(item, resolve) for item in value]
        case _:
            return str(value)
