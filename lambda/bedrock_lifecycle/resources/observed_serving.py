"""What is there of a resource that serves a model: the facts for its decision tables, and what is left over."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import ServedModelProperties
from bedrock_lifecycle.decisions import retained
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.observed import Model, Served
from bedrock_lifecycle.decisions.serving import Absent, Kind, Present, Retained, region_option
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Outcome
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.resources.attempts import elapsed, model_may_appear
from bedrock_lifecycle.resources.bedrock import Bedrock, tags_gone
from bedrock_lifecycle.resources.gate_reading import gate_verdict
from bedrock_lifecycle.resources.serving_request import ServingRequest

_NO_SUCH_API: Final = "UnknownOperationException"


@dataclass(frozen=True)
class LeftStanding:
    """What carries the tags of a resource and is not what the resource is now.

    `unread` are the names of what may carry them: its tags may not be read. `marks` are those of what a policy of the
    template keeps, by its name.
    """

    found: Sequence[tuple["ObservedServing[Any, Any]", str, str]] = ()
    unread: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        """What could not be told, in words; nothing when everything could."""
        return f"not checked, because its tags cannot be read: {', '.join(self.unread)}" if self.unread else ""


class ObservedServing(ABC, Generic[Present, Absent]):
    """One kind of thing that serves a custom model. `others` are the other kinds, which may have come before it.

    `store` has the numbers of evaluations; None in a Foundation without any.
    """

    id_kind: str
    """The kind in its physical ids."""

    record: type[ServedModelProperties]
    """How its properties are read."""

    bills_unused: bool
    """Whether it costs something while nobody asks it: then one that cannot be looked for is not passed over."""

    def __init__(self, bedrock: Bedrock, kind: Kind, store: Store | None) -> None:
        self._store = store
        self._bedrock = bedrock
        self._kind = kind
        self.others: Sequence[ObservedServing[Any, Any]] = ()

    @abstractmethod
    def presence(self, asked: ServingRequest) -> Present:
        """Return the facts about what shall exist."""

    @abstractmethod
    def absence(self, asked: ServingRequest, name: str, *, detach: bool) -> Absent:
        """Return the facts about what shall not exist."""

    @abstractmethod
    def _remove(self, turn: Turn, asked: ServingRequest, name: str, *, detach: bool = False) -> Outcome:
        """Delete one of this kind, or find out what becomes of it; `detach` lets a committed one go."""

    @abstractmethod
    def _find(self, name: str) -> Served | None: ...

    @abstractmethod
    def _listed(self) -> Iterator[tuple[str, str]]:
        """Yield name and ARN of everything of this kind in the account and Region."""

    def leftovers(self, asked: ServingRequest) -> LeftStanding:
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
        return found is not None and retained.stays(mark_of(found.tags), asked.event)

    def retained(self, asked: ServingRequest) -> LeftStanding:
        """Return what an earlier stack of this name left when it was deleted; nobody asked to have it deleted."""
        if asked.event != "Create":
            return LeftStanding()
        standing = self._standing(asked, self.others if asked.stack_is_new else ())
        return dataclasses.replace(standing, found=[its for its in standing.found if its[1] not in asked.made])

    def _standing(self, asked: ServingRequest, others: Sequence["ObservedServing[Any, Any]"]) -> LeftStanding:
        held = {self._held(asked), self._wanted(asked)}
        found: list[tuple[ObservedServing[Any, Any], str, str]] = []
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
                    marks[name] = mark_of(tags)
        return LeftStanding(found, unread, marks)

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

    def _wanted(self, asked: ServingRequest) -> str:
        """Return the name of what shall be; nothing for a delete."""
        return "" if asked.event == "Delete" else asked.properties.serving_name

    def _held(self, asked: ServingRequest) -> str:
        """Return the name of what the resource is; an id that CloudFormation made up names nothing, as does none."""
        return PhysicalId.named(asked.physical_id, self.id_kind) or asked.properties.serving_name

    def _replaces(self, asked: ServingRequest) -> bool:
        return asked.event == "Update" and self._held(asked) != self._wanted(asked)

    def _replaced_one(self, asked: ServingRequest) -> Served | None:
        """Return what a request names as replaced, as far as it is this resource's."""
        found = self._find(self._held(asked)) if self._replaces(asked) else None
        return found if found and asked.holder_tags.items() <= found.tags.items() else None

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
        mark = retained.mark(mark_of(its["found"].tags) if its["found"] else "", replaces=replaces)
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
        its = self._facts(asked, name)
        # What a request has made here and left goes, unless a policy has kept it.
        may_stay = not its["made_here"] or (its["found"] and retained.stays(mark_of(its["found"].tags), "Create"))
        is_as_found = asked.event == "Delete" and name in asked.as_found and bool(may_stay)
        return {**its, "may_appear": name in asked.unseen, "is_as_found": is_as_found}

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


def mark_of(tags: Mapping[str, str]) -> str:
    return tags.get(contract.TAG_RETAINED, "")
