"""What is asked of what serves a model, by a request of CloudFormation or by a plan of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.contract.served_model import ServedModelProperties
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources import stack_resources
from bedrock_lifecycle.resources.bedrock import owner_tags
from bedrock_lifecycle.resources.found_serving import as_found


@dataclass(frozen=True, kw_only=True)
class ServingRequest:
    """What is asked of a resource, by a request or by a plan of one."""

    event: RequestType
    owner: str
    foundation: str | None
    logical_id: str
    physical_id: str | None
    properties: ServedModelProperties
    before: ServedModelProperties
    now: datetime
    made: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    """The names of what was set out to be created minutes ago: it may exist although it is not seen."""
    going: frozenset[str] = frozenset()
    """The names of what was asked to be deleted minutes ago: it may go although it is seen."""
    as_found: frozenset[str] = frozenset()
    """The name of what the last create has neither made nor taken up, see `found_serving`."""
    served: Mapping[str, str] = field(default_factory=dict)
    moved_to: str = ""
    created: str = ""
    """What this very request set out to create."""
    rolling_back: bool = False
    stack_is_new: bool = False
    """Whether the stack itself is being created: then nothing that exists already can belong to it."""
    began: datetime | None = None
    fresh: bool = False
    """Whether a permission that is missing may be on its way."""
    holder: Callable[[PhysicalId], str] = field(default=lambda _: "", compare=False)
    """Tells which other resource holds a physical ID and stays in the stack."""
    stack_has_failed: Callable[[], bool] = field(default=lambda: False, compare=False)
    """Tells whether a resource of the stack has failed before and was left so."""

    @classmethod
    def by(cls, turn: Turn, record: type[ServedModelProperties], foundation: str | None) -> "ServingRequest":
        """Return what the request of a turn asks for, whose properties are of a kind, from a Foundation's function."""
        request = turn.request
        return cls(
            event=request.request_type,
            owner=request.stack_owner,
            foundation=foundation,
            logical_id=request.logical_id,
            physical_id=request.physical_id,
            properties=record(request.properties),
            before=record(request.old_properties),
            now=turn.now,
            made=turn.known.made,
            unseen=turn.known.unseen(turn.now),
            going=frozenset(name for name in turn.known.deleted if turn.known.is_going(name, turn.now)),
            as_found=as_found(turn.known.requests),
            served=turn.known.served,
            moved_to=turn.entry.asked,
            created=turn.entry.created,
            rolling_back=turn.is_rollback,
            stack_is_new=turn.stack_is_new,
            began=turn.entry.began,
            fresh=turn.is_fresh,
            holder=partial(_holder_beside, turn),
            stack_has_failed=lambda: stack_resources.has_failed(turn.stack_resources()),
        )

    @property
    def resource(self) -> str:
        """What the resource tag says: the same for each kind in which one construct may serve."""
        return self.properties.served_model or self.logical_id

    @property
    def holder_tags(self) -> dict[str, str]:
        """The tags by which a thing tells the resource that holds it."""
        return {contract.TAG_OWNER: self.owner, contract.TAG_RESOURCE: self.resource}

    @property
    def is_settled(self) -> bool:
        """Whether the resource was complete once, so that what carries its tags cannot be of an earlier stack."""
        return self.event == "Update" or (self.event == "Delete" and bool(self.served))

    def may_have_made(self, name: str) -> bool:
        """Tell whether this resource may have made what has a name, by the name alone."""
        known = (its for its in (self.properties, self.before) if ServedModelProperties.name in its)
        prefixes = tuple(contract.name_prefix(its.name, its.environment) for its in known)
        return name in self.made or name.startswith(prefixes)

    @property
    def tags(self) -> dict[str, str]:
        return {**owner_tags(self.properties, owner=self.owner, foundation=self.foundation), **self.holder_tags}


def _holder_beside(turn: Turn, physical_id: PhysicalId) -> str:
    """Return the other resource that holds a physical ID and stays in the stack; nothing without one."""
    if turn.stack_goes:
        return ""
    return stack_resources.holder(turn.stack_resources(), str(physical_id), besides=turn.request.logical_id)
