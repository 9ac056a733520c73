"""One turn of the lifecycle: take the lease, look, act once, say whether it is settled."""

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, Unpack, assert_never

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.engine import aws_errors, clock, stacks
from bedrock_lifecycle.engine.ledger import Granted, Ledger
from bedrock_lifecycle.engine.outcome import Again, Failed, Outcome, Refusal, Settled, Superseded, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.record import Busy, Entry, Notes, Overtaken
from bedrock_lifecycle.engine.request import Request

_UNDO_AT_ONCE_SECONDS = 1


class StackView(Protocol):
    """What CloudFormation says of stacks, see `stacks.Stacks`."""

    def status(self, stack_id: str) -> str: ...

    def was_complete_once(self, stack_id: str) -> bool: ...

    def resources(self, stack_id: str) -> Sequence[Mapping[str, Any]]: ...


class Turn:
    """What a resource may know and write down while it acts under the lease."""

    def __init__(self, request: Request, lease: Granted, *, ledger: Ledger, stacks: StackView, holder: str) -> None:
        self.request = request
        self.known = lease.record
        self.now = lease.now
        self._ledger = ledger
        self._stacks = stacks
        self._holder = holder

    @property
    def entry(self) -> Entry:
        """What is known of this very request."""
        return self.known.requests[self.request.request_id]

    @property
    def waited(self) -> timedelta:
        return self.now - self.entry.began

    @property
    def is_fresh(self) -> bool:
        """Whether the request is so young that a permission which is missing may be on its way."""
        return self.waited < aws_errors.PROPAGATION

    @property
    def overdue(self) -> bool:
        return self.waited >= clock.DEADLINE

    @functools.cached_property
    def stack_status(self) -> str:
        """The status of the request's stack, as CloudFormation tells it in this turn."""
        return self._stacks.status(self.request.stack_id)

    @property
    def is_rollback(self) -> bool:
        """Whether this update takes back an update: then no gate is run."""
        return stacks.is_rollback(self.request, self.stack_status)

    @property
    def is_awaited(self) -> bool:
        """Whether CloudFormation can still be waiting for this request."""
        return stacks.is_awaited(self.request, self.stack_status)

    @property
    def stack_is_new(self) -> bool:
        """Whether the whole stack is being created."""
        return self.stack_status == "CREATE_IN_PROGRESS"

    @property
    def stack_goes(self) -> bool:
        """Whether the whole stack is being deleted, by a person or because its first create failed."""
        return self.stack_status in stacks.GOING

    def stack_goes_for_good(self) -> bool:
        """Whether this delete is part of deleting a whole stack that had been complete."""
        return self.stack_status == "DELETE_IN_PROGRESS" and self._stacks.was_complete_once(self.request.stack_id)

    def stack_resources(self) -> Sequence[Mapping[str, Any]]:
        """Return the resources of the request's stack, as CloudFormation lists them (`ListStackResources`)."""
        return self._stacks.resources(self.request.stack_id)

    def about_to_create(self, name: str, *, undoes: bool = True) -> None:
        """Write down what is about to be created: it may be there unseen, and a failure of this request `undoes` it."""
        self._note(created=name if undoes else "", set_out={name: self.now})

    def finds(self, what: str) -> None:
        """Write down what may have been there before this request, or that it was taken up."""
        self._note(found=what)

    def expects(self, name: str) -> datetime:
        """Write down what must be there, now or soon, though it may not be seen; return when that was first so."""
        if name not in self.known.set_out:
            self._note(set_out={name: self.now})
        return self.known.set_out.get(name, self.now)

    def about_to_delete(self, name: str) -> None:
        """Write down what is about to be deleted, so that it is known to go when it is still shown."""
        if not self.known.was_deleted(name):
            self._note(deleted={name: self.now})

    def was_not_deleted(self, name: str) -> None:
        """Write down that AWS refused to delete it."""
        self._note(deleted={name: None})

    def looks(self) -> int:
        """Write down that a preflight, or a question, begins; return how often one did for this request before."""
        before = self.entry.looks
        self._note(looks=before + 1)
        return before

    def looked_at_nothing(self) -> None:
        """Write down that what began last came to nothing, so that it does not count."""
        self._note(looks=self.entry.looks - 1)

    def has_answered(self, rightly: str) -> None:
        """Write down whether one more question was answered rightly, `1` or `0`."""
        self._note(answers=self.entry.answers + rightly)

    def has_asked_for(self, what: str) -> None:
        """Write down what was asked for in place, so that its failure is told from one of an earlier request."""
        if self.entry.asked != what:
            self._note(asked=what)

    def serves(self, name: str, arn: str) -> None:
        """Write down what serves under a name, so that its ARN is still known when somebody has deleted it."""
        if self.known.served.get(name) != arn:
            self._note(served={name: arn})

    def condemn(self, reason: str) -> None:
        """Write down the definite failure, so that undoing goes on after a crash."""
        self._note(verdict=reason)

    def _note(self, **notes: Unpack[Notes]) -> None:
        self.known = self._ledger.note(self.request, self._holder, **notes)


class Resource(Protocol):
    """One kind of thing in Bedrock, driven towards what a request asks for."""

    def reconcile(self, turn: Turn) -> Outcome:
        """Look, decide one action, do it, and say whether the resource is settled. Safe to repeat at any time."""

    def undo(self, turn: Turn) -> Outcome:
        """Take back what `turn.entry.created` names; `Settled` when it is gone."""


class Engine:
    """Runs turns for the resource types it is given."""

    def __init__(self, ledger: Ledger, stacks: StackView, resources: Mapping[str, Resource]) -> None:
        self._ledger = ledger
        self._stacks = stacks
        self._resources = resources

    def turn(self, state: Mapping[str, Any], holder: str) -> dict[str, Any]:
        """Serve one turn of the workflow; returns the `step` that the state machine acts on."""
        request = Request.parse(state["event"])
        lease = self._ledger.take_lease(request, int(state["generation"]), holder)
        if isinstance(lease, Overtaken):
            return _step(Superseded(), request, state, timedelta())
        if isinstance(lease, Busy):
            return _step(Waiting("another run holds the lease", lease.seconds), request, state, timedelta())
        turn = Turn(request, lease, ledger=self._ledger, stacks=self._stacks, holder=holder)
        try:
            outcome = self._act(turn)
        finally:
            self._ledger.release(request, holder)
        return _step(outcome, request, state, turn.waited)

    def _act(self, turn: Turn) -> Outcome:
        resource = self._resources[turn.request.resource_type]
        if turn.entry.verdict:
            return _undo(resource, turn)
        outcome = _guarded(lambda: _unawaited(turn) or resource.reconcile(turn), turn)
        if isinstance(outcome, Waiting) and turn.overdue:
            outcome = Failed(f"not finished within {clock.in_words(clock.DEADLINE)}: {outcome.detail}")
        if isinstance(outcome, Failed) and turn.entry.created:
            turn.condemn(outcome.reason)
            return Waiting("undoing what this request created", _UNDO_AT_ONCE_SECONDS)
        return outcome


def _unawaited(turn: Turn) -> Outcome | None:
    """Return what to do about a request that its stack does not wait for (any more), or None."""
    if turn.is_awaited:
        return None
    status = f"its stack is {turn.stack_status}"
    if turn.is_fresh:
        # What CloudFormation says of itself may be a moment old.
        return Waiting(f"CloudFormation does not seem to wait for this request: {status}")
    return Failed(f"CloudFormation no longer waits for this request: {status}")


def _undo(resource: Resource, turn: Turn) -> Outcome:
    outcome = _guarded(lambda: resource.undo(turn), turn)
    if isinstance(outcome, Settled):
        return Failed(turn.entry.verdict)
    if isinstance(outcome, Failed) or turn.waited >= clock.UNDONE_BY:
        left = outcome.reason if isinstance(outcome, Failed) else getattr(outcome, "detail", "")
        return Failed(f"{turn.entry.verdict}; {turn.entry.created} may still exist and be billed: {left}")
    return outcome


def _guarded(action: Callable[[], Outcome], turn: Turn) -> Outcome:
    """Return what an action leads to; what it raises for a reason is an outcome too."""
    try:
        return action()
    except Refusal as refusal:
        return Failed(str(refusal))
    except BadProperty as problem:
        if turn.request.request_type == "Delete" and PhysicalId.parse(turn.request.physical_id) is None:
            # The create with these properties was refused for them, so it made nothing.
            return Settled(detail=f"nothing was created: {problem}")
        return Failed(str(problem))
    except Again as again:
        return Waiting(str(again))
    except (ClientError, BotoCoreError) as error:
        return aws_errors.interpret(error, waited=turn.waited)


def _step(outcome: Outcome, request: Request, state: Mapping[str, Any], waited: timedelta) -> dict[str, Any]:
    match outcome:
        case Superseded():
            return {"next": "end"}
        case Waiting(detail, seconds):
            return {"next": "wait", "seconds": seconds or clock.usual_wait_seconds(waited), "detail": detail}
        case Settled(attributes, detail):
            return _answer("SUCCESS", state["physicalId"], detail, attributes)
        case Failed(reason):
            # A failed update keeps the id that CloudFormation knows: the rollback is about that one.
            return _answer("FAILED", request.physical_id or state["physicalId"], reason, {})
    assert_never(outcome)


def _answer(status: str, physical_id: str, reason: str, attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "next": "answer",
        "status": status,
        "physicalId": physical_id,
        "reason": reason,
        "attributes": dict(attributes),
    }
