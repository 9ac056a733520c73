"""The rows for what shall no longer serve, as far as they are the same however it serves."""

from typing import Final

from bedrock_lifecycle.decisions.actions import Delete, Done, Wait
from bedrock_lifecycle.decisions.serving import Absent, Action, Kind, is_foreign, is_unseen, other_holder, state
from bedrock_lifecycle.decisions.table import DecisionRow

_EVENTS: Final = "Delete, undo, left over"


def left_alone(kind: Kind) -> tuple[DecisionRow[Absent, Action], ...]:
    """Return the rows for what is gone, or is not this resource's to delete."""
    return (
        DecisionRow(
            f"{kind.row}-not-seen-yet",
            _EVENTS,
            f"no {kind.thing} of this name, which this resource {kind.made} minutes ago",
            "wait: it may not be seen yet",
            kind.standing,
            when=lambda facts: facts.found is None and facts.may_appear,
            then=lambda facts: Wait(f"{kind.noun} {facts.name} was {kind.made} a moment ago and is not seen yet"),
        ),
        DecisionRow(
            f"{kind.row}-gone",
            _EVENTS,
            f"no {kind.thing} of this name",
            "done",
            "nobody any longer",
            when=lambda facts: facts.found is None,
            then=lambda facts: Done(f"{kind.noun} {facts.name} is gone"),
        ),
        DecisionRow(
            f"{kind.row}-delete-tags-unseen",
            _EVENTS,
            f"a {kind.thing} of this resource, its owner tag not seen",
            "wait; it is not deleted without the tag, and the delete fails after 52 minutes and says so",
            kind.standing,
            when=lambda facts: is_unseen(facts) and not facts.is_let_go,
            then=lambda facts: Wait(kind.unseen(facts)),
        ),
        DecisionRow(
            f"{kind.row}-taken-over",
            _EVENTS,
            "another resource of this stack holds it",
            "done, it is not changed",
            kind.as_before,
            when=lambda facts: bool(other_holder(facts)),
            then=lambda facts: Done(f"{kind.noun} {facts.name} is held by resource {other_holder(facts)}"),
        ),
        DecisionRow(
            f"{kind.row}-delete-foreign",
            _EVENTS,
            f"a {kind.thing} of this name without this stack's owner tag",
            "done, it is not changed",
            "its owner",
            when=is_foreign,
            then=lambda facts: Done(f"{kind.noun} {facts.name} does not belong to this stack"),
        ),
        DecisionRow(
            f"{kind.row}-as-found",
            "Delete",
            f"a {kind.thing} of an earlier stack, or one that a policy has kept, not changed by the create that failed",
            "done, it is not changed",
            kind.as_before,
            when=lambda facts: facts.is_as_found,
            then=lambda facts: Done(f"{kind.noun} {facts.name} was there before, and is not changed"),
        ),
    )


def deleted(kind: Kind, *, undeletable: tuple[str, ...] = ()) -> tuple[DecisionRow[Absent, Action], ...]:
    """Return the rows for what is to be deleted; in an `undeletable` state Bedrock is known to refuse it."""
    deletable = [its for its in ("Creating", "Updating", kind.in_service) if its not in undeletable]
    return (
        DecisionRow(
            f"{kind.row}-delete-busy",
            _EVENTS,
            ", or ".join((*undeletable, "Deleting", "Bedrock refuses for now")),
            "wait",
            "until it is gone",
            when=lambda facts: facts.refused or state(facts) in (*undeletable, "Deleting"),
            then=lambda facts: Wait(
                f"{kind.noun} {facts.name} is {state(facts)} and cannot be deleted yet"
                f"{f' ({facts.refusal})' if facts.refusal else ''}"
            ),
        ),
        DecisionRow(
            f"{kind.row}-delete",
            _EVENTS,
            f"{', '.join(deletable)} or Failed",
            "delete it, then wait until it is gone",
            "until it is gone",
            when=lambda _facts: True,
            then=lambda _facts: Delete(),
        ),
    )
