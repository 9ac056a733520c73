"""What happens to a Provisioned Throughput: bought once, moved in place, deleted only when it is ours.

It bills by the hour from its creation until it is deleted. There are two tables: one for a throughput that shall
exist (`PRESENCE`), one for a throughput that shall not (`ABSENCE`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Refuse, Retag, Swap, Wait
from bedrock_lifecycle.decisions.observed import Job, Model, Throughput, differ
from bedrock_lifecycle.decisions.table import Row

Action = Create | Delete | Done | Refuse | Retag | Swap | Wait

_HOURLY: Final = "every model unit by the hour, from creation until it is deleted"
_AS_BEFORE: Final = "as before: every model unit by the hour"
_NOTHING: Final = "nobody, nothing was bought"


@dataclass(frozen=True, kw_only=True)
class Presence:
    """A throughput that shall exist and serve a training's model.

    `resource` is the logical id; `made_here` tells whether a request of this resource set out to create it; `replaced`
    is the throughput that this one takes the place of.
    """

    name: str
    owner: str
    resource: str = ""
    made_here: bool = False
    rolling_back: bool = False
    training_name: str
    model: Model | None
    job: Job | None = None
    job_ran: str = ""
    found: Throughput | None = None
    replaced: Throughput | None = None
    now: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_gone: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A throughput that shall not exist. `detach` lets a committed one go on without the stack.

    Whether a commitment forbids the delete is Bedrock's to say: a term renews by itself, and what holds in a renewed
    term is not documented.
    """

    name: str
    owner: str
    resource: str = ""
    made_here: bool = False
    found: Throughput | None
    now: datetime
    refused: bool = False
    """Whether Bedrock has just refused to delete it."""
    detach: bool = False


def committed(found: Throughput | None, now: datetime) -> bool:
    return found is not None and found.commitment_ends is not None and found.commitment_ends > now


def _commitment(name: str, found: Throughput | None) -> str:
    ends = f"{found.commitment_ends:%Y-%m-%d %H:%M} UTC" if found and found.commitment_ends else "the end of its term"
    return (
        f"Provisioned Throughput {name} is committed until {ends}: it cannot be deleted before, bills until then, and "
        "renews by itself at that time unless it is deleted first"
    )


def _no_model(facts: Presence) -> Refuse:
    name, job = facts.training_name, facts.job
    if job is None:
        return Refuse(f"no training is named {name}: deploy the Training stack first; nothing was bought")
    if job.status == "InProgress":
        return Refuse(
            f"training {name} is still running after {facts.job_ran}: run the same deploy again when it has finished; "
            "nothing was bought"
        )
    return Refuse(no_model.deleted(name) if job.status == "Completed" else no_model.ended(name, job))


def _tags_differ(facts: Presence) -> bool:
    return facts.found is not None and differ(facts.found.tags, facts.tags, facts.tags_gone)


def _tags_unseen(found: Throughput | None, made_here: bool) -> bool:
    """Tell whether the owner tag of what was made here is not there: not seen yet, or taken off by somebody."""
    return made_here and found is not None and contract.TAG_OWNER not in found.tags


def _held_by_another(found: Throughput | None, resource: str) -> str:
    """Return the other resource of this stack that holds the throughput, if one does."""
    holder = found.tags.get(contract.TAG_RESOURCE, resource) if found else resource
    return "" if holder == resource else holder


def _foreign(owner: str, found: Throughput | None) -> bool:
    return found is not None and found.tags.get(contract.TAG_OWNER) != owner


def _status(found: Throughput | None) -> str:
    return found.status if found else ""


def _replacement_refused(facts: Presence) -> Refuse:
    name = facts.replaced.name if facts.replaced else ""
    return Refuse(
        f"{_commitment(name, facts.replaced)}; model units, commitment and base model cannot be changed before: "
        "nothing was bought"
    )


PRESENCE: Final[tuple[Row[Presence, Action], ...]] = (
    Row(
        "throughput-tags-unseen",
        "Create, Update",
        "a throughput that was made here, its owner tag not seen",
        "wait: it is neither taken for another's nor forgotten",
        _HOURLY,
        when=lambda facts: _tags_unseen(facts.found, facts.made_here),
        then=lambda facts: Wait(f"the owner tag of Provisioned Throughput {facts.name} is not seen"),
    ),
    Row(
        "throughput-foreign",
        "Create, Update",
        "a throughput of this name without this stack's owner tag",
        "refuse, it is left untouched",
        _NOTHING,
        when=lambda facts: _foreign(facts.owner, facts.found),
        then=lambda facts: Refuse(
            f"a Provisioned Throughput named {facts.name} exists that this stack did not make; it is left untouched: "
            "choose another name"
        ),
    ),
    Row(
        "throughput-held",
        "Create, Update",
        "a throughput of this name that another resource of this stack holds",
        "refuse: to take it over would let the other's delete end it",
        _AS_BEFORE,
        when=lambda facts: bool(_held_by_another(facts.found, facts.resource)),
        then=lambda facts: Refuse(
            f"Provisioned Throughput {facts.name} is held by resource {_held_by_another(facts.found, facts.resource)} "
            "of this stack: keep its construct id, or remove that one in a deployment before"
        ),
    ),
    Row(
        "throughput-rollback-no-model",
        "Update (rollback)",
        "InService, the model to go back to is gone",
        "done: what serves goes on serving",
        _AS_BEFORE,
        when=lambda facts: facts.rolling_back and facts.model is None and _status(facts.found) == "InService",
        then=lambda facts: Done(f"the model of training {facts.training_name} is gone; what serves goes on serving"),
    ),
    Row(
        "throughput-no-model",
        "Create, Update",
        "the training has no model (yet)",
        "refuse: deploy again when the training has finished",
        "nobody, nothing was bought; one that serves goes on serving the model before",
        when=lambda facts: facts.model is None,
        then=_no_model,
    ),
    Row(
        "throughput-model-failed",
        "Create, Update",
        "the model is Failed",
        "refuse",
        _NOTHING,
        when=lambda facts: facts.model is not None and facts.model.status == "Failed",
        then=lambda facts: Refuse(no_model.not_made(facts.training_name)),
    ),
    Row(
        "throughput-model-creating",
        "Create, Update",
        "the model is not Active yet",
        "wait",
        "as before",
        when=lambda facts: facts.model is not None and facts.model.status != "Active",
        then=lambda facts: Wait(f"the model of training {facts.training_name} is being made"),
    ),
    Row(
        "throughput-replaces-committed",
        "Update",
        "no throughput of this name; the one that it would replace is inside its commitment",
        "refuse before anything is bought",
        "the committed one, until its term ends",
        when=lambda facts: facts.found is None and committed(facts.replaced, facts.now),
        then=_replacement_refused,
    ),
    Row(
        "throughput-create",
        "Create, Update",
        "no throughput of this name",
        "buy it, after the preflight",
        _HOURLY,
        when=lambda facts: facts.found is None,
        then=lambda _facts: Create(),
    ),
    Row(
        "throughput-failed",
        "Create, Update",
        "Failed",
        "fail with Bedrock's reason; what this request bought is deleted first",
        "until it is deleted, as Bedrock bills a failed throughput",
        when=lambda facts: _status(facts.found) == "Failed",
        then=lambda facts: Refuse(
            f"Provisioned Throughput {facts.name} failed: "
            f"{(facts.found.failure_message if facts.found else '') or 'Bedrock gives no reason'}; "
            "run the same deploy again, and destroy the Serving stack first if it is still there"
        ),
    ),
    Row(
        "throughput-busy",
        "Create, Update",
        "Creating or Updating",
        "wait; after 52 minutes fail, and what this request bought is deleted first",
        _HOURLY,
        when=lambda facts: _status(facts.found) != "InService",
        then=lambda facts: Wait(f"Provisioned Throughput {facts.name} is {_status(facts.found)}"),
    ),
    Row(
        "throughput-swap",
        "Create, Update",
        "InService with another model",
        "update it in place",
        _AS_BEFORE,
        when=lambda facts: (
            facts.found is not None and facts.model is not None and facts.found.desired_model_arn != facts.model.arn
        ),
        then=lambda _facts: Swap(),
    ),
    Row(
        "throughput-swapping",
        "Create, Update",
        "InService, the wanted model is asked for and another still serves",
        "wait",
        _AS_BEFORE,
        when=lambda facts: facts.found is not None and facts.found.model_arn != facts.found.desired_model_arn,
        then=lambda facts: Wait(f"Provisioned Throughput {facts.name} still serves the previous model"),
    ),
    Row(
        "throughput-retag",
        "Create, Update",
        "InService with the wanted model, its tags differ",
        "tag it",
        _AS_BEFORE,
        when=_tags_differ,
        then=lambda _facts: Retag(),
    ),
    Row(
        "throughput-done",
        "Create, Update",
        "InService with the wanted model",
        "done; then models beyond `keep_models` are retired",
        _HOURLY,
        when=lambda _facts: True,
        then=lambda _facts: Done("in service"),
    ),
)

ABSENCE: Final[tuple[Row[Absence, Action], ...]] = (
    Row(
        "throughput-gone",
        "Delete, undo, left over",
        "no throughput of this name",
        "done",
        "nobody any more",
        when=lambda facts: facts.found is None,
        then=lambda facts: Done(f"Provisioned Throughput {facts.name} is gone"),
    ),
    Row(
        "throughput-delete-tags-unseen",
        "Delete, undo, left over",
        "a throughput that was made here, its owner tag not seen",
        "wait; without the tag it is not deleted, and after 52 minutes the delete fails and says so",
        "every model unit by the hour",
        # One that is to be detached has lost the tag by our own hand.
        when=lambda facts: (
            _tags_unseen(facts.found, facts.made_here) and not (facts.detach and committed(facts.found, facts.now))
        ),
        then=lambda facts: Wait(f"the owner tag of Provisioned Throughput {facts.name} is not seen"),
    ),
    Row(
        "throughput-taken-over",
        "Delete, undo, left over",
        "another resource of this stack holds it",
        "done, it is left untouched",
        "as before: every model unit by the hour",
        when=lambda facts: bool(_held_by_another(facts.found, facts.resource)),
        then=lambda facts: Done(
            f"Provisioned Throughput {facts.name} is held by resource {_held_by_another(facts.found, facts.resource)}"
        ),
    ),
    Row(
        "throughput-delete-foreign",
        "Delete, undo, left over",
        "a throughput of this name without this stack's owner tag",
        "done, it is left untouched",
        "whoever made it",
        when=lambda facts: _foreign(facts.owner, facts.found),
        then=lambda facts: Done(f"Provisioned Throughput {facts.name} is not this stack's"),
    ),
    Row(
        "throughput-detach",
        "Delete",
        "inside its commitment, Bedrock refuses, `detach_when_committed`",
        "done: it is left, and says so",
        "every model unit by the hour until the term ends, and on when nobody deletes it then",
        when=lambda facts: facts.refused and committed(facts.found, facts.now) and facts.detach,
        then=lambda facts: Done(f"{_commitment(facts.name, facts.found)}; it was detached from its stack"),
    ),
    Row(
        "throughput-committed",
        "Delete, undo, left over",
        "inside its commitment, Bedrock refuses",
        "fail, naming the end of the term and the setting that detaches it",
        "every model unit by the hour until the term ends",
        when=lambda facts: facts.refused and committed(facts.found, facts.now),
        then=lambda facts: Refuse(
            f"{_commitment(facts.name, facts.found)}; to let the stack go without it, deploy once with "
            "detach_when_committed = true"
        ),
    ),
    Row(
        "throughput-delete-busy",
        "Delete, undo, left over",
        "Updating, or Bedrock refuses for now",
        "wait",
        "until it is gone",
        when=lambda facts: facts.refused or _status(facts.found) == "Updating",
        then=lambda facts: Wait(
            f"Provisioned Throughput {facts.name} is {_status(facts.found)} and cannot be deleted yet"
        ),
    ),
    Row(
        "throughput-delete",
        "Delete, undo, left over",
        "Creating, InService or Failed",
        "delete it, then look until it is gone",
        "until it is gone",
        when=lambda _facts: True,
        then=lambda _facts: Delete(),
    ),
)
