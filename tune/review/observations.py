"""What is known of the accounts that a review asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tune.review.assembly import StackTemplate
from tune.review.exports import Users
from tune.review.lifecycle import Outlook

Place = tuple[str, str, str]
"""An environment, its account and its Region."""
Pair = tuple[StackTemplate | None, StackTemplate | None]
Bodies = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Observation:
    """What an account has of an environment.

    deployed: the templates of its stacks, by the names of those that exist.
    outlooks: what a deploy of the head does, by the model's name.
    users: who imports an export.
    taken: why a deploy must not be begun; nothing where nobody else has such a name.
    why_not: why the account was not asked; nothing where it was.
    """

    deployed: Bodies = field(default_factory=dict)
    outlooks: Mapping[str, Outlook] = field(default_factory=dict)
    users: Users = lambda _export: ()
    taken: str = ""
    why_not: str = ""


Observations = Mapping[Place, Observation]


def place_of(stack: StackTemplate) -> Place:
    """Return where a stack is, or will be."""
    return (stack.environment, stack.account, stack.region)


def seen_of(stack: StackTemplate, live: Observations) -> Observation | None:
    """Return what the account of a stack has; None where it was not asked."""
    found = live.get(place_of(stack))
    return None if found is None or found.why_not else found
