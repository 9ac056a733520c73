"""What serves before its resource is created: an earlier stack has left it, or a policy of the template has kept it.

CloudFormation deletes what a failed create returned. So a create writes down, before it looks, under which name
something may be there, and until it changes that or is complete, the delete that follows its failure leaves it.
"""

from collections.abc import Mapping
from typing import Final

from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.record import Entry

# No name has it.
_TAKEN_UP: Final = "/"


def as_found(requests: Mapping[str, Entry]) -> frozenset[str]:
    """Return the name of what was there before the last create, if that has neither changed nor made it."""
    telling = (its for its in requests.values() if its.found or its.created)
    newest = max(telling, key=lambda its: its.generation, default=None)
    return frozenset({newest.found} - {"", _TAKEN_UP}) if newest and not newest.created else frozenset()


def begin(turn: Turn, name: str) -> None:
    """Write down under which name something may be there; what a create has taken up it does not find again."""
    if not turn.entry.found:
        turn.finds(name)


def take_up(turn: Turn, name: str) -> None:
    """Write down that what has a name is this resource's from now on, whoever made it."""
    if name in as_found(turn.known.requests):
        turn.finds(_TAKEN_UP)
