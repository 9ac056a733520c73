"""Drives what serves a model, however it is served: observes, asks the decision tables, acts once."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import ServedModelProperties
from bedrock_lifecycle.decisions import retained
from bedrock_lifecycle.decisions.actions import Adopt, Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.observed import Model, Served
from bedrock_lifecycle.decisions.serving import Absent, Action, Kind, Present, Retained, region_option
from bedrock_lifecycle.decisions.table import Row, decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.facts import Location
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.preflight.report import Report
from bedrock_lifecycle.resources.attempts import elapsed, model_may_appear
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list, tags_gone
from bedrock_lifecycle.resources.gate_reading import gate_verdict
from bedrock_lifecycle.resources.retirement import Retirement
from bedrock_lifecycle.resources.serving_request import ServingRequest

_NO_SUCH_API: Final = "UnknownOperationException"
_NOT_NOW: Final = frozenset({"ConflictException", "ValidationException"})


@dataclass(frozen=True)
class Standing:
    """What carries the tags of a resource and is not what the resource is now.

    `unread` are the names of what may carry them: its tags may not be read. `marks` are those of what a policy of the
    template keeps, by its name.
    """

    found: Sequence[tuple["Serving[Any, Any]", str, str]] = ()
    unread: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        """What could not be told, in words; nothing when everything could."""
        return f"not checked, because its tags cannot be read: {', '.join(self.unread)}" if self.unread else ""


class Serving(ABC, Generic[Present, Absent]):
    """One kind of thing that serves a custom model. `others` are the other kinds, which may have come before it.

    `store` has the numbers of evaluations; None in a Foundation without any.
    """

    id_kind: str
    """The kind in its physical ids."""

    record: type[ServedModelProperties]
    """How its properties are read."""

    bills_unused: bool
    """Whether it costs something while nobody asks it: then one that cannot be looked for is not passed over."""

    def __init__(
        self,
        bedrock: Bedrock,
        preflight: Preflight,
        kind: Kind,
        presence: Sequence[Row[Present, Action]],
        absence: Sequence[Row[Absent, Action]],
        store: Store | None = None,
    ) -> None:
        self._store = store
        self._bedrock = bedrock
        self._preflight = preflight
        self._kind = kind
        self._presence = presence
        self._absence = absence
        self._retirement = Retirement(bedrock)
        self.others: Sequence[Serving[Any, Any]] = ()

    @abstractmethod
    def presence(self, asked: ServingRequest) -> Present:
        """Return the facts about what shall exist."""

    @abstractmethod
    def absence(self, asked: ServingRequest, name: str, *, detach: bool) -> Absent:
        """Return the facts about what shall not exist."""

    @abstractmethod
    def _find(self, name: str) -> Served | None: ...

    @abstractmethod
    def _listed(self) -> Iterator[tuple[str, str]]:
        """Yield name and ARN of everything of this kind in the account and Region."""

    @abstractmethod
    def _look(self, turn: Turn, model_arn: str, place: Location, patience: Patience) -> Report:
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

    def leftovers(self, asked: ServingRequest) -> Standing:
        """Return what this very resource made and nobody holds any more.

        CloudFormation forgets what a failed or cancelled update made, and does not repeat a clean-up delete that
        failed. What carries this stack's owner tag and this resource's name serves nobody then, unless an earlier stack
        of this name left it (see `retained`), or a policy of the template kept it. What the resource was of another
        kind, CloudFormation itself deletes when it is created; later that holds for it too.

        Raises:
            ClientError: When a kind cannot be listed that costs something while it stands, or the resource's own.
        """
        standing = self._standing(asked, () if asked.event == "Create" else self.others)
        found = [
            its
            for its in standing.found
            if (asked.is_settled or its[1] in asked.made)
            and not retained.stays(standing.marks.get(its[1], ""), asked.event)
        ]
        names = {self._held(asked), self._wanted(asked), *(name for _kind, name, _arn in found)}
        # What is not seen yet is in no list, and waited for by its name.
        found += [(self, name, "") for name in sorted(asked.unseen - names) if not self._stays(asked, name)]
        return dataclasses.replace(standing, found=found)

    def _stays(self, asked: ServingRequest, name: str) -> bool:
        found = self._find(name)
        return found is not None and retained.stays(_mark(found.tags), asked.event)

    def retained(self, asked: ServingRequest) -> Standing:
        """Return what an earlier stack of this name left when it was deleted; nobody asked to have it deleted."""
        if asked.event != "Create":
            return Standing()
        standing = self._standing(asked, self.others if asked.stack_is_new else ())
        return dataclasses.replace(standing, found=[its for its in standing.found if its[1] not in asked.made])

    def _standing(self, asked: ServingRequest, others: Sequence["Serving[Any, Any]"]) -> Standing:
        held = {self._held(asked), self._wanted(asked)}
        found: list[tuple[Serving[Any, Any], str, str]] = []
        unread: list[str] = []
        marks: dict[str, str] = {}
        for kind in (self, *others):
            for name, arn in kind._listed() if kind is self else kind._listed_if_it_matters():
                if (kind is self and name in held) or not asked.may_have_made(name):
                    continue
                tags = self._tags(asked, arn)
                if tags is None:
                    unread.append(name)
                elif asked.holder_tags.items() <= tags.items():
                    found.append((kind, name, arn))
                    marks[name] = _mark(tags)
        return Standing(found, unread, marks)

    def _tags(self, asked: ServingRequest, arn: str) -> dict[str, str] | None:
        """Return the tags of a thing; None when they may not be read, which is usual for another team's."""
        try:
            return self._bedrock.tags(arn)
        except ClientError as error:
            if asked.fresh or not aws_errors.is_denied(error):
                raise
            return None

    def _listed_if_it_matters(self) -> Iterator[tuple[str, str]]:
        try:
            yield from self._listed()
        except ClientError as error:
            # An account that does not serve this way need not allow, or have, the API for it.
            if self.bills_unused or not (aws_errors.is_denied(error) or aws_errors.code(error) == _NO_SUCH_API):
                raise

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

    def _wanted(self, asked: ServingRequest) -> str:
        """Return the name of what shall be; nothing for a delete."""
        return "" if asked.event == "Delete" else asked.properties.serving_name

    def _held(self, asked: ServingRequest) -> str:
        """Return the name of what the resource is; an id that CloudFormation made up names nothing, as does none."""
        return PhysicalId.named(asked.physical_id, self.id_kind) or asked.properties.serving_name

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
            self._keep(found.arn, _mark(found.tags))

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
        if found and _mark(found.tags) == retained.IF_COMPLETE:
            self._bedrock.retag(found.arn, {}, [contract.TAG_RETAINED])

    def _replaced_one(self, asked: ServingRequest) -> Served | None:
        """Return what a request names as replaced, as far as it is this resource's."""
        found = self._find(self._held(asked)) if self._replaces(asked) else None
        return found if found and asked.holder_tags.items() <= found.tags.items() else None

    def _replaces(self, asked: ServingRequest) -> bool:
        return asked.event == "Update" and self._held(asked) != self._wanted(asked)

    def _make(self, turn: Turn, facts: Present, model_arn: str) -> Outcome:
        patience = Patience(fresh=turn.is_fresh, again=turn.looks() == 0)
        looked = self._look(turn, model_arn, Location.of(turn.request.stack_id), patience)
        if looked.problems:
            return Failed(f"{looked.refusal()}; {self._kind.nothing_made}")
        turn.about_to_create(facts.name)
        self._create(turn, facts, model_arn)
        return Waiting(f"{self._kind.noun} {facts.name} is being created {looked.remark()}".rstrip())

    def _swap(self, turn: Turn, facts: Present, model_arn: str) -> Waiting:
        if facts.found and self._bedrock.gives_back(facts.arn, facts.found.tags):
            return Waiting(f"{self._kind.noun} {facts.name} is tagged as this Foundation's again, and then updated")
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

    def _presence_facts(self, asked: ServingRequest) -> dict[str, Any]:
        """Return the facts that every kind has about what shall exist."""
        name, properties = asked.properties.serving_name, asked.properties
        given = properties.model_arn or ""
        training = "" if given else properties.training_name
        model = self._bedrock.model(given or training)
        job = self._bedrock.job(training) if training and model is None else None
        left = self.retained(asked)
        replaces = self._replaces(asked)
        its = self._facts(asked, name)
        mark = retained.mark(_mark(its["found"].tags) if its["found"] else "", replaces=replaces)
        return {
            **its,
            "gate": self._gate(asked, model, its["found"]),
            "rolling_back": asked.rolling_back,
            "retained": tuple(kind._described(name, arn) for kind, name, arn in left.found),
            "is_pending": name in asked.unseen and name != asked.created,
            "is_going": name in asked.going,
            "model_may_appear": job is not None and model_may_appear(job, asked.now, asked.began),
            "arn_before": asked.served.get(name, ""),
            "training_name": training,
            "given_model": given,
            "giver": properties.model_environment or "",
            "base_model": properties.base_model,
            "model": model,
            "job": job,
            "job_ran": elapsed(job, asked.now) if job else "",
            "job_is_late": job is not None and job.is_late(asked.now),
            "tags": asked.tags | ({contract.TAG_RETAINED: mark} if properties.is_retained else {}),
            "tags_gone": tags_gone(asked.before.tags, properties.tags)
            | ({contract.TAG_RETAINED} if not (replaces or properties.is_retained) else set()),
        }

    def _gate(self, asked: ServingRequest, model: Model | None, found: Served | None) -> GateVerdict | None:
        """Return what the gate says where something may be made or moved; for anything else nobody asks it."""
        its = asked.properties
        if its.gate_evaluation_id is None or asked.rolling_back or model is None:
            return None
        if found is not None and not found.shall_move_to(model.arn):
            return None
        return gate_verdict(self._store, its, its.model, asked.now)

    def _absence_facts(self, asked: ServingRequest, name: str) -> dict[str, Any]:
        """Return the facts that every kind has about what shall not exist."""
        return {**self._facts(asked, name), "may_appear": name in asked.unseen}

    def _facts(self, asked: ServingRequest, name: str) -> dict[str, Any]:
        found = self._find(name)
        return {
            "name": name,
            "owner": asked.owner,
            "resource": asked.resource,
            "made_here": name in asked.made,
            "found": found,
            "held_by": self._holder(asked, found) if found else "",
        }

    def _holder(self, asked: ServingRequest, found: Served) -> str:
        """Return the other resource of the stack that holds what carries this one's tags.

        With another logical ID and the same construct the tags are the same, so they do not tell the two apart.
        """
        is_updated = asked.event == "Update" and found.name == self._held(asked)
        if is_updated or not asked.holder_tags.items() <= found.tags.items():
            return ""
        return asked.holder(PhysicalId(self.id_kind, found.name))

    def _described(self, name: str, arn: str) -> Retained:
        return Retained(f"{self._kind.noun} {name}", arn, f"{self._kind.delete_command} {name}{region_option(arn)}")


def _mark(tags: Mapping[str, str]) -> str:
    return tags.get(contract.TAG_RETAINED, "")


def _with_remark(outcome: Outcome, remark: str) -> Outcome:
    """Return an outcome whose detail says what could not be looked at."""
    if not remark or not isinstance(outcome, Settled):
        return outcome
    return dataclasses.replace(outcome, detail="; ".join(filter(None, (outcome.detail, remark))))
