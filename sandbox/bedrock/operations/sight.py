"""Finding what exists, as far as a caller sees it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from sandbox.bedrock.lasting_faults import Kind, UnseenFault, Where
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.resources.region import find


class _Made(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def created(self) -> datetime: ...


_M = TypeVar("_M", bound=_Made)


def named(call: Call, kind: Kind, resources: Mapping[str, _M], identifier: str) -> _M | None:
    """Return the resource of an ARN or a name, when it is seen by who names it."""
    found = find(resources, identifier)
    if found is None or (identifier == found.name and not call.assumed.finds_by_name):
        return None
    return None if is_hidden(call, kind, "get", found.created) else found


def listed(call: Call, kind: Kind, resources: Iterable[_M]) -> list[_M]:
    """Return those resources that are seen in a list."""
    return [each for each in resources if not is_hidden(call, kind, "list", each.created)]


def has_tags_in_sight(call: Call, arn: str) -> bool:
    """Tell whether the tags of a resource are seen."""
    created = call.region.created(arn)
    return created is None or not is_hidden(call, created[0], "tags", created[1])


def is_hidden(call: Call, kind: Kind, where: Where, created: datetime) -> bool:
    """Tell whether something is not seen yet."""
    hides = call.simulation.faults.lasting(UnseenFault, lambda fault: fault.hides(kind, where, call.now - created))
    return hides is not None
