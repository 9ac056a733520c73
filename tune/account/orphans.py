"""Which of the things in Bedrock nobody holds, or nobody asks for: pure, from their tags and from what others say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bedrock_lifecycle import contract
from tune.account import owner_tag
from tune.account.bedrock_resources import KINDS, SERVING, BedrockResource, Observed
from tune.account.held import things
from tune.account.settings_files import WhyNot, asked_for
from tune.account.stacks import Stack

FindOwner = Callable[[str], Stack | None]
FindHolder = Callable[[BedrockResource], Stack | None]
IsInUse = Callable[[BedrockResource], bool | None]
"""Tells whether a run is under way that a candidate answers for; None where that is not seen."""


class Ownership(StrEnum):
    """Where something stands."""

    OWNED = "owned"
    """A stack holds it, and a settings file asks for it."""
    UNASKED = "unasked"
    """A stack of this project holds it, and no settings file asks for it."""
    ORPHAN = "orphan"
    KEPT = "kept"
    UNDECIDED = "undecided"
    """Its stack is being changed, and does not say yet what it holds."""


@dataclass(frozen=True)
class OwnedResource:
    """Something in Bedrock, where it stands and why, and since when it has been there.

    command: What ends or removes it; nothing for what its stack needs, or Bedrock keeps for ever.
    """

    thing: BedrockResource
    standing: Ownership
    why: str
    owner_gone: bool
    since: datetime
    age: timedelta
    command: str = ""
    environment: str | None = None


@dataclass(frozen=True)
class AccountSurvey:
    """Everything of this project's in an account and Region."""

    findings: tuple[OwnedResource, ...] = ()

    def of(self, *standings: Ownership) -> list[OwnedResource]:
        """Return the findings that stand there, what bills by the hour first."""
        return [finding for finding in self.findings if finding.standing in standings]

    def without(self, is_anothers: Callable[[BedrockResource], bool]) -> "AccountSurvey":
        """Return the same without what another app's survey tells."""
        return AccountSurvey(tuple(its for its in self.findings if not is_anothers(its.thing)))


@dataclass(frozen=True)
class _Judged:
    standing: Ownership
    why: str
    command: str = ""


def survey(
    observed: Observed,
    find_owner: FindOwner,
    find_holder: FindHolder,
    why_not: WhyNot = asked_for,
    is_in_use: IsInUse = lambda _: None,
) -> AccountSurvey:
    """Judge everything that was observed: what bills by the hour first, then what serves otherwise, jobs, models.

    `find_owner` finds the stack that an owner tag names, `find_holder` the one that holds something without its tags;
    `is_in_use` is asked of candidates alone.
    """
    ordered = [thing for kind in KINDS for thing in observed.of(kind)]
    return AccountSurvey(tuple(_findings(ordered, find_owner, find_holder, why_not, is_in_use, observed.now)))


def _findings(
    things: Sequence[BedrockResource],
    find_owner: FindOwner,
    find_holder: FindHolder,
    why_not: WhyNot,
    is_in_use: IsInUse,
    now: datetime,
) -> Iterable[OwnedResource]:
    served = {thing.model_arn for thing in things if thing.kind in SERVING}
    for thing in things:
        tag = thing.tags.get(contract.TAG_OWNER)
        stack = find_owner(tag) if tag else None
        environment = thing.environment or (stack.tags.get(contract.TAG_ENVIRONMENT) if stack else None)
        if thing.evaluation:
            judged = _candidate(thing, tag, stack, is_in_use=is_in_use(thing))
        elif thing.kind in SERVING:
            holder = None if stack else find_holder(thing)
            judged = _serving(thing, tag, stack, holder)
            environment = environment or (holder.tags.get(contract.TAG_ENVIRONMENT) if holder else None)
        else:
            judged = _other(thing, tag, stack, serves=thing.arn in served)
        if stack and judged.standing is Ownership.OWNED:
            judged = _asked(thing, stack, judged, why_not)
        # The clock of an answer has whole seconds.
        age = max(now - thing.created, timedelta())
        yield OwnedResource(
            thing, judged.standing, judged.why, stack is None, thing.created, age, judged.command, environment
        )


def _serving(thing: BedrockResource, tag: str | None, stack: Stack | None, holder: Stack | None) -> _Judged:
    if stack is None:
        return _Judged(Ownership.ORPHAN, _untagged(thing, holder) or _gone(tag), thing.item.command)
    held = _held(stack, thing)
    if thing.name in held:
        return _Judged(Ownership.OWNED, f"stack {stack.name} holds it")
    if stack.is_busy:
        why = f"stack {stack.name} is {stack.status}: plan again when that has ended"
        return _Judged(Ownership.UNDECIDED, why)
    why = f"stack {stack.name} exists and holds {', '.join(held) or f'no {thing.kind}'} instead"
    return _Judged(Ownership.ORPHAN, why, thing.item.command)


def _candidate(thing: BedrockResource, tag: str | None, stack: Stack | None, *, is_in_use: bool | None) -> _Judged:
    of = f"evaluation {thing.evaluation}"
    if is_in_use:
        return _Judged(Ownership.OWNED, f"a run of {of} is under way, which deletes it")
    if is_in_use is None:
        return _Judged(Ownership.UNDECIDED, f"whether a run of {of} is under way, which deletes it, is not seen")
    why = f"no run of {of} is under way"
    if stack is None:
        return _Judged(Ownership.ORPHAN, f"{why}, and {_gone(tag)}", thing.item.command)
    if stack.is_busy:
        return _Judged(Ownership.UNDECIDED, f"{why}, and stack {stack.name} is {stack.status}")
    return _Judged(Ownership.ORPHAN, f"{why}; the next change of stack {stack.name} deletes it", thing.item.command)


def _other(thing: BedrockResource, tag: str | None, stack: Stack | None, *, serves: bool) -> _Judged:
    if thing.is_running:
        if stack is None:
            return _Judged(Ownership.ORPHAN, f"{_gone(tag)}; it bills until it ends", thing.item.command)
        return _Judged(Ownership.OWNED, f"stack {stack.name} exists: its next deploy adopts it", thing.item.command)
    why = f"kept by stack {stack.name}" if stack else f"kept by a stack that no longer exists: {_gone(tag)}"
    is_needed = serves or (stack is not None and thing.name in _names(stack))
    return _Judged(Ownership.KEPT, why, thing.item.command if thing.kind == "model" and not is_needed else "")


def _asked(thing: BedrockResource, stack: Stack, judged: _Judged, why_not: WhyNot) -> _Judged:
    """Return how something stands that a stack holds; another app's stacks are asked for by that app."""
    unasked = why_not(stack.of_app) if stack.of_app else None
    if not unasked:
        return judged
    region = thing.arn.split(":")[3]
    alone = f"aws cloudformation delete-stack --stack-name {stack.name} --region {region}"
    command = unasked.command or judged.command or alone
    return _Judged(Ownership.UNASKED, f"stack {stack.name} exists, and {unasked.why}", command)


def holds(stack: Stack, thing: BedrockResource) -> bool:
    """Tell whether a stack holds something that serves."""
    return thing.kind in SERVING and thing.name in _held(stack, thing)


def _held(stack: Stack, thing: BedrockResource) -> list[str]:
    return [name for kind, name in things(stack.held.values()) if kind == thing.kind]


def _untagged(thing: BedrockResource, holder: Stack | None) -> str:
    """Return what is said of something that its stack holds still, and that has lost its owner tag; else nothing."""
    if holder is None or not owner_tag.is_taken_away(thing.tags):
        return ""
    return (
        f"stack {holder.name} holds it, and somebody removed its owner tag, without which it is not deleted; to restore"
        f" the tag: {owner_tag.command(thing.arn, holder.owner)}"
    )


def _names(stack: Stack) -> set[str]:
    """Return the names of everything of ours that a stack holds."""
    return {name for _, name in things(stack.held.values())}


def _gone(tag: str | None) -> str:
    if tag is None:
        return "it has no owner tag: it was detached inside its commitment, or somebody removed the tag"
    return f"stack {tag.rpartition('/')[2]} does not exist"
