"""A line of a plan, and what its parts have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from bedrock_lifecycle.contract.properties import Properties
from tune.account.stacks import Stack
from tune.account.templates import Template, TemplateResource, resolved
from tune.plan.steps import PlanStep

JOB: Final = "customization job"
Event = Literal["Create", "Update", "Delete"]


@dataclass(frozen=True)
class Planned:
    """One resource of the environment.

    event: what CloudFormation sends at the next deploy; None for nothing, as its template does not change. A Delete
        comes when everything else is complete.
    steps: what the event leads to.
    drift: what an event would lead to where none is sent, because CloudFormation does not see what Bedrock has.
    remedy: what to do about drift.
    """

    kind: str
    stack: str
    logical_id: str
    name: str
    desired: str
    observed: str
    event: Event | None = None
    steps: tuple[PlanStep, ...] = ()
    drift: tuple[PlanStep, ...] = ()
    remedy: str = ""

    @property
    def fails(self) -> bool:
        """Whether the deploy ends here."""
        return any(step.fails for step in self.steps)

    @property
    def creates(self) -> bool:
        """Whether the deploy makes it."""
        return any(step.action == "create" for step in self.steps)


def not_reached(line: Planned) -> Planned:
    """Return a line whose event is not sent, because another one fails before it."""
    return replace(line, event=None, steps=(), drift=(), remedy="the deploy fails before this")


@dataclass(frozen=True)
class StackDiff:
    """One stack: its name, what the tags say of it and of its Foundation, the stack itself, and its two templates.

    It was made from `deployed`, and shall be made from `wanted`. Without `is_wanted` no deploy touches it.
    """

    name: str
    owner: str
    foundation: str
    stack: Stack | None
    deployed: Template
    wanted: Template
    known: Mapping[str, str]
    now: datetime
    is_wanted: bool = True
    remedy: str = ""
    """What repairs the drift of a resource that can be sent an event."""
    push: str = ""
    """The command that pushes the model's data."""

    def properties(self, resource: TemplateResource) -> Properties:
        """Return what an event would carry."""
        return Properties(resolved(resource.properties, self.known))

    def old_properties(self, logical_id: str) -> Properties:
        """Return what an update would carry as the properties before it; nothing for a create."""
        before = self.deployed.get(logical_id) if self.held(logical_id) else None
        return self.properties(before) if before else Properties({})

    def held(self, logical_id: str) -> str | None:
        """Return the physical id that the stack goes on with."""
        return self.stack.held.get(logical_id) if self.stack and not self.stack.is_made_anew else None

    def holder(self, physical_id: str, besides: str) -> str:
        """Return the resource that holds a physical id, besides one; nothing without one.

        Of those that the settings no longer have, none holds it for the others: they are all deleted.
        """
        among = self.deployed if besides in self.wanted else self.wanted
        return next((its for its in among if its != besides and self.held(its) == physical_id), "")

    def planned(
        self, event: Event | None, steps: Sequence[PlanStep], remedy: str | None = None, **fields: Any
    ) -> Planned:
        """Make a line: what no event leads to is drift, when there is anything to it; `remedy`: if not the stack's."""
        if event:
            return Planned(stack=self.name, event=event, steps=tuple(steps), **fields)
        drift = tuple(step for step in steps if step.changes or step.fails)
        told = self.remedy if remedy is None else remedy
        return Planned(stack=self.name, drift=drift, remedy=told if drift else "", **fields)

    def event(self, logical_id: str) -> Event | None:
        """Return what CloudFormation sends: it compares templates, and nothing else."""
        if self.held(logical_id) is None:
            return "Create"
        before = self.deployed.get(logical_id)
        return None if before == self.wanted[logical_id] else "Update"
