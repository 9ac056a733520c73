"""Drives what serves a model, however it is served: observes, asks the decision tables, acts once."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.actions import Adopt, Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.observed import Served
from bedrock_lifecycle.decisions.serving import Absent, Action, Kind, Present
from bedrock_lifecycle.decisions.table import Row, decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.engine.request import RequestType
from bedrock_lifecycle.preflight.facts import Place
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.report import Report
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list, owner_tags, tags_gone
from bedrock_lifecycle.resources.model_customization import elapsed
from bedrock_lifecycle.resources.retirement import Retirement
from bedrock_lifecycle.resources.training import training_name

_NO_SUCH_API: Final = "UnknownOperationException"
_NOT_NOW: Final = frozenset({"ConflictException", "ValidationException"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a resource, by a request or by a plan of one."""

    event: RequestType
    owner: str
    logical_id: str
    physical_id: str | None
    properties: Properties
    before: Properties
    now: datetime
    made: frozenset[str] = frozenset()
    served: Mapping[str, str] = field(default_factory=dict)
    moved_to: str = ""
    rolling_back: bool = False

    @classmethod
    def by(cls, turn: Turn) -> "Asked":
        """Return what the request of a turn asks for."""
        request = turn.request
        return cls(
            event=request.request_type,
            owner=request.stack_owner,
            logical_id=request.logical_id,
            physical_id=request.physical_id,
            properties=request.properties,
            before=request.old_properties,
            now=turn.now,
            made=turn.made,
            served=turn.served,
            moved_to=turn.entry.asked,
            rolling_back=turn.is_rollback,
        )

    @property
    def resource(self) -> str:
        """What the resource tag says: the same for each kind in which one construct may serve."""
        return self.properties.optional_text("ServedModel") or self.logical_id

    @property
    def holder_tags(self) -> dict[str, str]:
        """The tags by which a thing tells the resource that holds it."""
        return {contract.TAG_OWNER: self.owner, contract.TAG_RESOURCE: self.resource}

    @property
    def tags(self) -> dict[str, str]:
        environment, own = self.properties.text("Environment"), self.properties.mapping("Tags")
        return {**owner_tags(owner=self.owner, environment=environment, own=own), **self.holder_tags}


class Serving(ABC, Generic[Present, Absent]):
    """One kind of thing that serves a custom model. `others` are the other kinds, which may have come before it."""

    id_kind: str
    """The kind in its physical ids."""

    bills_unused: bool
    """Whether it costs something while nobody asks it: then one that cannot be looked for is not passed over."""

    def __init__(
        self,
        bedrock: Bedrock,
        preflight: Preflight,
        kind: Kind,
        presence: Sequence[Row[Present, Action]],
        absence: Sequence[Row[Absent, Action]],
    ) -> None:
        self._bedrock = bedrock
        self._preflight = preflight
        self._kind = kind
        self._presence = presence
        self._absence = absence
        self._retirement = Retirement(bedrock)
        self.others: Sequence[Serving[Any, Any]] = ()

    @abstractmethod
    def name_of(self, properties: Properties) -> str:
        """Return the name of what properties describe; what cannot change in place is part of it."""

    @abstractmethod
    def presence(self, asked: Asked) -> Present:
        """Return the facts about what shall exist."""

    @abstractmethod
    def absence(self, asked: Asked, name: str, *, detach: bool) -> Absent:
        """Return the facts about what shall not exist."""

    @abstractmethod
    def _find(self, name: str) -> Served | None: ...

    @abstractmethod
    def _listed(self) -> Iterator[tuple[str, str]]:
        """Yield name and ARN of everything of this kind in the account and Region."""

    @abstractmethod
    def _look(self, turn: Turn, model_arn: str, place: Place, *, fresh: bool) -> Report:
        """Return what a preflight finds before it is made."""

    @abstractmethod
    def _create(self, turn: Turn, facts: Present, model_arn: str) -> None: ...

    @abstractmethod
    def _move(self, turn: Turn, facts: Present, model_arn: str) -> None: ...

    @abstractmethod
    def _delete(self, name: str) -> None: ...

    @abstractmethod
    def _attributes(self, facts: Present) -> dict[str, str]: ...

    def _let_go(self, facts: Absent) -> None:
        """Take from its stack what is left though it should be deleted."""

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        asked = Asked.by(turn)
        if asked.event == "Delete":
            return self._delete_all(asked, stack_goes=turn.stack_goes)
        for kind, name in self.leftovers(asked):
            outcome = kind._remove(asked, name)
            if isinstance(outcome, Waiting):
                return outcome
        return self._provide(turn, asked)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        return self._remove(Asked.by(turn), turn.entry.created)

    def leftovers(self, asked: Asked) -> Iterator[tuple["Serving[Any, Any]", str]]:
        """Yield what this very resource made and nobody holds any more.

        CloudFormation forgets what a failed or cancelled update made, and does not repeat a clean-up delete that
        failed. What carries this stack's owner tag and this resource's name serves nobody then. What the resource was
        of another kind is deleted by CloudFormation itself when it is created; later that holds for it too.

        Raises:
            ClientError: When a kind cannot be listed that costs something while it stands, or the resource's own.
        """
        held = {self._held(asked), *([] if asked.event == "Delete" else [self.name_of(asked.properties)])}
        for kind in (self, *(self.others if asked.event != "Create" else ())):
            for name, arn in kind._listed() if kind is self else kind._listed_if_it_matters():
                is_held = kind is self and name in held
                if not is_held and asked.holder_tags.items() <= self._bedrock.tags(arn).items():
                    yield kind, name

    def _listed_if_it_matters(self) -> Iterator[tuple[str, str]]:
        try:
            yield from self._listed()
        except ClientError as error:
            # An account that does not serve this way need not allow, or have, the API for it.
            if self.bills_unused or not (aws_errors.is_denied(error) or aws_errors.code(error) == _NO_SUCH_API):
                raise

    def _delete_all(self, asked: Asked, *, stack_goes: bool) -> Outcome:
        """Delete the one that the request names, and with the whole stack also what an interrupted update left."""
        detach = asked.properties.flag("DetachWhenCommitted", default=False)
        # First of all: what is known to bill must not wait for a look at what might.
        outcomes = [self._remove(asked, self._held(asked), detach=detach)]
        if stack_goes:
            try:
                left = [*self.leftovers(asked)]
            except ClientError:
                if isinstance(outcomes[0], Waiting):
                    return outcomes[0]
                raise
            outcomes += [kind._remove(asked, name, detach=detach) for kind, name in left]
        unsettled = [outcome for outcome in outcomes if not isinstance(outcome, Settled)]
        return next((outcome for outcome in unsettled if isinstance(outcome, Waiting)), [*unsettled, *outcomes][0])

    def _held(self, asked: Asked) -> str:
        """Return the name of what the resource is; an id that CloudFormation made up names nothing, as does none."""
        return PhysicalId.named(asked.physical_id, self.id_kind) or self.name_of(asked.properties)

    def _provide(self, turn: Turn, asked: Asked) -> Outcome:
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
                self._bedrock.client.tag_resource(resourceARN=facts.arn, tags=as_list(asked.holder_tags))
                return Waiting(f"{self._kind.noun} {facts.name} is taken back")
            case Swap():
                self._swap(turn, facts, model_arn)
                return Waiting(f"{self._kind.noun} {facts.name} is being moved to the new model")
            case Retag():
                self._bedrock.retag(facts.arn, facts.tags, facts.tags_gone)
            case Done(detail) if facts.found is None:
                return Settled(self._attributes(facts), detail)
        return self._settled(turn, facts)

    def _settled(self, turn: Turn, facts: Present) -> Settled:
        turn.serves(facts.name, facts.arn)
        if facts.model:
            self._retirement.retire(turn.request)
        return Settled(self._attributes(facts))

    def _make(self, turn: Turn, facts: Present, model_arn: str) -> Outcome:
        looked = self._looked(turn, model_arn)
        if looked.problems:
            return Failed(f"{looked.refusal()}; {self._kind.nothing_made}")
        turn.about_to_create(facts.name)
        self._create(turn, facts, model_arn)
        return Waiting(f"{self._kind.noun} {facts.name} is being created {looked.remark()}".rstrip())

    def _looked(self, turn: Turn, model_arn: str) -> Report:
        place, fresh = Place.of(turn.request.stack_id), turn.waited < aws_errors.PROPAGATION
        return self._look(turn, model_arn, place, fresh=fresh)

    def _swap(self, turn: Turn, facts: Present, model_arn: str) -> None:
        try:
            self._move(turn, facts, model_arn)
        except ClientError as error:
            # A swap whose answer was lost is met again as "cannot be updated now": what it is doing decides.
            found = self._find(facts.name)
            under_way = found and (found.state == "Updating" or found.desired_arn == model_arn)
            if aws_errors.code(error) not in _NOT_NOW or not under_way:
                raise

    def _remove(self, asked: Asked, name: str, *, detach: bool = False) -> Outcome:
        facts = self.absence(asked, name, detach=detach)
        decision = decide(self._absence, facts)
        if isinstance(decision, Delete):
            if self._is_deleted(facts):
                return Waiting(f"{self._kind.noun} {name} is being deleted")
            facts = dataclasses.replace(facts, refused=True)
            decision = decide(self._absence, facts)
        match decision:
            case Wait(detail):
                return Waiting(detail)
            case Refuse(reason):
                return Failed(reason)
            case Done(detail):
                if facts.refused and facts.found:
                    self._let_go(facts)
                return Settled(detail=detail)
        raise AssertionError("an absence deletes, waits, refuses or is done")

    def _is_deleted(self, facts: Absent) -> bool:
        """Delete it; False when Bedrock does not allow it at present.

        The API reference gives ConflictException for a commitment. With what Bedrock refuses something that is still
        Creating, or whether it does, is not established, so a validation error there counts as "not now" too.
        """
        try:
            self._delete(facts.name)
        except ClientError as error:
            code = aws_errors.code(error)
            if code == "ConflictException" or (code == "ValidationException" and facts.may_be_refused):
                return False
            if not aws_errors.is_not_found(error):
                raise
        return True

    def _presence_facts(self, asked: Asked) -> dict[str, Any]:
        """Return the facts that every kind has about what shall exist."""
        name, properties = self.name_of(asked.properties), asked.properties
        given = properties.optional_text("ModelArn") or ""
        training = "" if given else training_name(properties)
        model = self._bedrock.model(given or training)
        job = self._bedrock.job(training) if training and model is None else None
        return {
            **self._absence_facts(asked, name),
            "rolling_back": asked.rolling_back,
            "arn_before": asked.served.get(name, ""),
            "training_name": training,
            "given_model": given,
            "base_model": properties.text("BaseModel"),
            "model": model,
            "job": job,
            "job_ran": elapsed(job, asked.now) if job else "",
            "tags": asked.tags,
            "tags_gone": tags_gone(asked.before.mapping("Tags"), properties.mapping("Tags")),
        }

    def _absence_facts(self, asked: Asked, name: str) -> dict[str, Any]:
        """Return the facts that every kind has about what shall not exist."""
        return {
            "name": name,
            "owner": asked.owner,
            "resource": asked.resource,
            "made_here": name in asked.made,
            "found": self._find(name),
        }
