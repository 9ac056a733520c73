"""Which of the things in Bedrock nobody holds: pure, from their tags and from what CloudFormation says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources import custom_model_deployment, provisioned_throughput
from tune.plan.observe import KINDS, Observed, Thing
from tune.plan.stacks import Stack

FindOwner = Callable[[str], Stack | None]

# The kinds in physical ids, of what serves.
_SERVING: Final = {"throughput": provisioned_throughput.KIND, "deployment": custom_model_deployment.KIND}


class Standing(StrEnum):
    """Where something stands."""

    OWNED = "owned"
    ORPHAN = "orphan"
    KEPT = "kept"
    UNDECIDED = "undecided"
    """Its stack is being changed, and does not say yet what it holds."""


@dataclass(frozen=True)
class Finding:
    """Something in Bedrock, where it stands and why, and since when it has been there."""

    thing: Thing
    standing: Standing
    why: str
    owner_gone: bool
    since: datetime
    age: timedelta


@dataclass(frozen=True)
class Survey:
    """Everything of this project's in an account and Region."""

    findings: tuple[Finding, ...] = ()

    def of(self, standing: Standing) -> list[Finding]:
        """Return the findings that stand there, what bills by the hour first."""
        return [finding for finding in self.findings if finding.standing is standing]


def survey(observed: Observed, find_owner: FindOwner) -> Survey:
    """Judge everything that was observed: what bills by the hour first, then what serves otherwise, jobs, models."""
    ordered = [thing for kind in KINDS for thing in observed.of(kind)]
    return Survey(tuple(_findings(ordered, find_owner, observed.now)))


def _findings(things: Iterable[Thing], find_owner: FindOwner, now: datetime) -> Iterable[Finding]:
    for thing in things:
        tag = thing.tags.get(contract.TAG_OWNER)
        stack = find_owner(tag) if tag else None
        standing, why = _serving(thing, tag, stack) if thing.kind in _SERVING else _other(thing, tag, stack)
        # The clock of an answer has whole seconds.
        age = max(now - thing.created, timedelta())
        yield Finding(thing, standing, why, stack is None, thing.created, age)


def _serving(thing: Thing, tag: str | None, stack: Stack | None) -> tuple[Standing, str]:
    if stack is None:
        return Standing.ORPHAN, _gone(tag)
    named = (PhysicalId.named(physical_id, _SERVING[thing.kind]) for physical_id in stack.held.values())
    held = [name for name in named if name]
    if thing.name in held:
        return Standing.OWNED, f"stack {stack.name} holds it"
    if stack.is_busy:
        return Standing.UNDECIDED, f"stack {stack.name} is {stack.status}: look again when it has settled"
    return Standing.ORPHAN, f"stack {stack.name} stands and holds {', '.join(held) or f'no {thing.kind}'} instead"


def _other(thing: Thing, tag: str | None, stack: Stack | None) -> tuple[Standing, str]:
    if thing.kind == "job" and thing.status == "InProgress":
        if stack is None:
            return Standing.ORPHAN, f"{_gone(tag)}; it bills until it ends"
        return Standing.OWNED, f"stack {stack.name} stands: its next deploy adopts it"
    return Standing.KEPT, f"kept by stack {stack.name}" if stack else f"kept by a stack that is gone: {_gone(tag)}"


def _gone(tag: str | None) -> str:
    if tag is None:
        return "it has no owner tag: it was detached inside its commitment, or somebody removed the tag"
    return f"stack {tag.rpartition('/')[2]} does not exist"
