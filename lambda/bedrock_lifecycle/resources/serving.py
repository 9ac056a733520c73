"""Drives what serves a model, however it is served: asks the decision tables about what is there, acts once."""

import dataclasses
from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import retained
from bedrock_lifecycle.decisions.actions import Adopt, Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.serving import Absent, Action, Kind, Present
from bedrock_lifecycle.decisions.table import DecisionRow, decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Settled, Waiting
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.facts import TargetLocation
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.preflight.report import PreflightReport
from bedrock_lifecycle.resources import found_serving
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list
from bedrock_lifecycle.resources.observed_serving import ObservedServing, mark_of
from bedrock_lifecycle.resources.retirement import Retirement
from bedrock_lifecycle.resources.serving_request import ServingRequest

_NOT_NOW: Final = frozenset({"ConflictException", "ValidationException"})


class Serving(ObservedServing[Present, Absent]):
    """One kind of thing that serves a custom model, with what is done about it."""

    def __init__(
        self,
        bedrock: Bedrock,
        preflight: Preflight,
        kind: Kind,
        presence: Sequence[DecisionRow[Present, Action]],
        absence: Sequence[DecisionRow[Absent, Action]],
        store: Store | None = None,
    ) -> None:
        super().__init__(bedrock, kind, store)
        self._preflight = preflight
        self._presence = presence
        self._absence = absence
        self._retirement = Retirement(bedrock)

    @abstractmethod
    def _look(self, turn: Turn, model_arn: str, place: TargetLocation, patience: Patience) -> PreflightReport:
        """Return what a preflight finds before it is made."""

    @abstractmethod
    def _create(self, turn: Turn, facts: Present, model_arn: str) -> None: ...

    @abstractmethod
    def _move(self, turn: Turn, facts: Present, model_arn: str) -> None: ...

    @abstractmethod
    def _delete(self, arn: str) -> None: ...

    @abstractmethod
    def _attributes(self, facts: Present) -> dict[str, str]: ...

    def _let_go(self, arn: str, owner: str) -> None:
        """Take from its stack what is left though it should be deleted."""

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        asked = self._asked(turn)
        if asked.event == "Delete":
            return self._delete_all(turn, asked)
        if asked.event == "Create":
            found_serving.begin(turn, asked.properties.serving_name)
        self._unmark_taken_back(asked)
        left = self.leftovers(asked)
        for kind, name, _arn in left.found:
            outcome = kind._remove(turn, asked, name)
            if isinstance(outcome, Waiting):
                return outcome
        return _with_remark(self._provide(turn, asked), left.remark)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        return self._remove(turn, self._asked(turn), turn.entry.created)

    def _asked(self, turn: Turn) -> ServingRequest:
        return ServingRequest.by(turn, self.record, self._bedrock.foundation)

    def _delete_all(self, turn: Turn, asked: ServingRequest) -> Outcome:
        """Delete the one that the request names, and with the whole stack also what an interrupted update left."""
        detach = asked.properties.is_let_go_when_committed
        # First of all: what is known to bill must not wait for a look at what might.
        outcomes = [self._remove(turn, asked, self._held(asked), detach=detach)]
        remark = ""
        if turn.stack_goes:
            try:
                left = self.leftovers(asked)
            except ClientError:
                if isinstance(outcomes[0], Waiting):
                    return outcomes[0]
                raise
            outcomes += [kind._remove(turn, asked, name, detach=detach) for kind, name, _arn in left.found]
            remark = left.remark
        unsettled = [outcome for outcome in outcomes if not isinstance(outcome, Settled)]
        waiting = next((outcome for outcome in unsettled if isinstance(outcome, Waiting)), None)
        return waiting or _with_remark([*unsettled, *outcomes][0], remark)

    def _provide(self, turn: Turn, asked: ServingRequest) -> Outcome:
        facts = self.presence(asked)
        model_arn = facts.model.arn if facts.model else ""
        match decide(self._presence, facts):
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Create():
                return self._make(turn, facts, model_arn)
            case Adopt():
                found_serving.take_up(turn, facts.name)
                self._bedrock.client.tag_resource(resourceARN=facts.arn, tags=as_list(facts.tags))
                return Waiting(f"{self._kind.noun} {facts.name} is adopted again")
            case Swap():
                return self._swap(turn, facts, model_arn)
            case Retag():
                self._bedrock.retag(facts.arn, facts.tags, facts.tags_gone)
            case Done(detail) if facts.found is None:
                return Settled(self._attributes(facts), detail)
        return self._settled(turn, asked, facts)

    def _settled(self, turn: Turn, asked: ServingRequest, facts: Present) -> Settled:
        found_serving.take_up(turn, facts.name)
        turn.serves(facts.name, facts.arn)
        self._keep_replaced(asked)
        self._keep_removed(asked)
        if facts.model:
            self._retirement.retire(turn.request)
        return Settled(self._attributes(facts))

    def _keep_replaced(self, asked: ServingRequest) -> None:
        """Mark what was replaced and a policy keeps. Whose policy counts, the old template's or the new one's, is open.

        Only what a request names as replaced: what it has made itself may still be taken back.
        """
        is_kept = asked.properties.is_retained or asked.before.is_retained
        if is_kept and not asked.rolling_back and (found := self._replaced_one(asked)):
            self._keep(found.arn, mark_of(found.tags))

    def _keep_removed(self, asked: ServingRequest) -> None:
        """Mark for good what a policy kept when it was removed: later requests take no mark on a condition for one."""
        # Beside what an earlier stack of this name has left, a new one is refused.
        if asked.event != "Create" or asked.stack_is_new:
            return
        standing = self._standing(asked, self.others)
        for _kind, name, arn in standing.found:
            if retained.stays(standing.marks[name], asked.event):
                self._keep(arn, standing.marks[name])

    def _keep(self, arn: str, mark: str) -> None:
        if mark != retained.FOR_GOOD:
            foundation = {contract.TAG_FOUNDATION: self._bedrock.foundation} if self._bedrock.foundation else {}
            tags = {contract.TAG_RETAINED: retained.FOR_GOOD, **foundation}
            self._bedrock.client.tag_resource(resourceARN=arn, tags=as_list(tags))

    def _unmark_taken_back(self, asked: ServingRequest) -> None:
        """Take the mark from what a rollback takes back, also if its delete gets lost."""
        found = self._replaced_one(asked) if asked.rolling_back else None
        if found and mark_of(found.tags) == retained.IF_COMPLETE:
            self._bedrock.retag(found.arn, {}, [contract.TAG_RETAINED])

    def _make(self, turn: Turn, facts: Present, model_arn: str) -> Outcome:
        patience = Patience(fresh=turn.is_fresh, again=turn.looks() == 0)
        looked = self._look(turn, model_arn, TargetLocation.of(turn.request.stack_id), patience)
        if looked.problems:
            return Failed(f"{looked.refusal()}; {self._kind.nothing_made}")
        turn.about_to_create(facts.name)
        self._create(turn, facts, model_arn)
        return Waiting(f"{self._kind.noun} {facts.name} is being created {looked.remark()}".rstrip())

    def _swap(self, turn: Turn, facts: Present, model_arn: str) -> Waiting:
        if facts.found and self._bedrock.gives_back(facts.arn, facts.found.tags):
            return Waiting(f"{self._kind.noun} {facts.name} is tagged as this Foundation's again, and then updated")
        found_serving.take_up(turn, facts.name)
        try:
            self._move(turn, facts, model_arn)
        except ClientError as error:
            # A swap whose answer was lost is met again as "cannot be updated now": what it is doing decides.
            found = self._find(facts.name)
            under_way = found and (found.state == "Updating" or found.desired_arn == model_arn)
            if aws_errors.code(error) not in _NOT_NOW or not under_way:
                raise
        return Waiting(f"{self._kind.noun} {facts.name} is being updated to the new model")

    def _remove(self, turn: Turn, asked: ServingRequest, name: str, *, detach: bool = False) -> Outcome:
        facts = self.absence(asked, name, detach=detach)
        decision = decide(self._absence, facts)
        if isinstance(decision, Delete) and facts.found:
            if self._bedrock.gives_back(facts.found.arn, facts.found.tags):
                return Waiting(f"{self._kind.noun} {name} is tagged as this Foundation's again, and then deleted")
            # Also if the delete fails no policy keeps it any more.
            self._bedrock.retag(facts.found.arn, {}, facts.found.tags.keys() & {contract.TAG_RETAINED})
            refusal = self._delete_now(turn, facts, facts.found.arn)
            if not refusal:
                return Waiting(f"{self._kind.noun} {name} is being deleted")
            facts = dataclasses.replace(facts, refused=True, refusal=refusal)
            decision = decide(self._absence, facts)
        match decision:
            case Wait(detail):
                return Waiting(detail)
            case Refuse(reason):
                return Failed(reason)
            case Done(detail):
                if facts.refused and facts.found:
                    self._let_go(facts.found.arn, facts.owner)
                return Settled(detail=detail)
        raise AssertionError("an absence deletes, waits, refuses or is done")

    def _delete_now(self, turn: Turn, facts: Absent, arn: str) -> str:
        """Delete it; return in Bedrock's words why it does not allow it at present, nothing when it does.

        The API reference gives ConflictException for a commitment. With what Bedrock refuses what is still Creating, or
        is being deleted already and still shown, is not established, so a validation error counts as "not now" too.
        """
        was_asked = turn.known.was_deleted(facts.name)
        turn.about_to_delete(facts.name)
        try:
            self._delete(arn)
        except ClientError as error:
            if aws_errors.is_not_found(error):
                return ""
            if aws_errors.passes(error):
                raise
            if not was_asked:
                turn.was_not_deleted(facts.name)
            if aws_errors.code(error) not in _NOT_NOW:
                raise
            return aws_errors.sentence(error)
        return ""


def _with_remark(outcome: Outcome, remark: str) -> Outcome:
    """Return an outcome whose detail says what could not be looked at."""
    if not remark or not isinstance(outcome, Settled):
        return outcome
    return dataclasses.replace(outcome, detail="; ".join(filter(None, (outcome.detail, remark))))
