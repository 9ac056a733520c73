"""What happens to a Provisioned Throughput: bought once, moved in place, deleted only when it is ours.

It bills by the hour from its creation until it is deleted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import serving, serving_absence, serving_presence
from bedrock_lifecycle.decisions.actions import Adopt, Done, Refuse, Wait
from bedrock_lifecycle.decisions.observed import Throughput
from bedrock_lifecycle.decisions.serving import Action, Kind, hand_over, is_to_be_taken_back, was_let_go
from bedrock_lifecycle.decisions.table import DecisionRow

KIND: Final = Kind(
    row="throughput",
    noun="Provisioned Throughput",
    thing="throughput",
    in_service="InService",
    make="buy",
    made="bought",
    standing="every model unit by the hour, from creation until it is deleted",
    as_before="as before: every model unit by the hour",
    delete_command="aws bedrock delete-provisioned-model-throughput --provisioned-model-id",
    failed="until it is deleted, as Bedrock bills a failed throughput",
)


BAKED_ELSEWHERE: Final = "elsewhere"
"""Another environment has made the model, so that its tag is no evidence, and nothing else is."""


@dataclass(frozen=True, kw_only=True)
class ThroughputPresence(serving.Presence):
    """A throughput that shall exist. `replaced` is the throughput that this one takes the place of.

    `bake` is what is known of the model's bake where a commitment may only be bought once that has passed.
    """

    found: Throughput | None = None
    replaced: Throughput | None = None
    bake: str = contract.PASSED
    now: datetime


@dataclass(frozen=True, kw_only=True)
class ThroughputAbsence(serving.Absence):
    """A throughput that shall not exist. `detach` lets a committed one go on without the stack.

    Whether a commitment forbids the delete is Bedrock's to say: a term renews by itself, and what holds in a renewed
    term is not documented.
    """

    found: Throughput | None
    now: datetime
    detach: bool = False

    @property
    def is_let_go(self) -> bool:
        return self.detach and committed(self.found, self.now)


def _found_of(facts: ThroughputPresence) -> str:
    """Return what is known of a bake that has not passed."""
    if facts.bake == BAKED_ELSEWHERE:
        return (
            f"it is of another environment, whose tag {contract.TAG_BAKE} says nothing of a bake here, and this stack "
            "has not served it yet with a bake and without a commitment"
        )
    return f"tag {contract.TAG_BAKE}: {facts.bake or 'none'}"


def committed(found: Throughput | None, now: datetime) -> bool:
    return found is not None and found.commitment_ends is not None and found.commitment_ends > now


def commitment(found: Throughput | None) -> str:
    """Return what a commitment means, in words."""
    ends = f"{found.commitment_ends:%Y-%m-%d %H:%M} UTC" if found and found.commitment_ends else "the end of its term"
    return (
        f"Provisioned Throughput {found.name if found else ''} is committed until {ends}: until then it is billed "
        "and cannot be deleted; it then renews automatically, unless it is deleted at that time"
    )


PRESENCE: Final[tuple[DecisionRow[ThroughputPresence, Action], ...]] = (
    DecisionRow(
        "throughput-let-go-by-another",
        "Create, Update",
        "a throughput of this name that another stack or resource detached within its commitment",
        "refuse at once, with the command that adopts it",
        "every model unit by the hour until the term ends, and longer unless somebody deletes it then",
        when=lambda facts: was_let_go(facts) and not is_to_be_taken_back(facts),
        then=lambda facts: Refuse(
            f"Provisioned Throughput {facts.name} was detached within its commitment, by another stack or resource: "
            f"choose another `name` or `environment`; or, to adopt the throughput, run `{hand_over(facts)}`, then the "
            "same deploy again"
        ),
    ),
    *serving_presence.unavailable(KIND),
    # Before it is taken back: nothing is adopted that would then be refused.
    *serving_presence.gated(KIND),
    DecisionRow(
        "throughput-take-back",
        "Create, Update",
        "this resource detached it within its commitment",
        "add the owner tag again; nothing is bought; then as below",
        KIND.as_before,
        when=is_to_be_taken_back,
        then=lambda _facts: Adopt(),
    ),
    DecisionRow(
        "throughput-replaces-committed",
        "Update",
        "no throughput of this name; the one to replace is within its commitment",
        "refuse before anything is bought",
        "the committed one, until its term ends",
        when=lambda facts: facts.found is None and committed(facts.replaced, facts.now),
        then=lambda facts: Refuse(
            f"{commitment(facts.replaced)}; model units, commitment and base model cannot be changed before then: "
            "nothing was bought"
        ),
    ),
    DecisionRow(
        "throughput-not-baked",
        "Create, Update",
        "no throughput of this name, to be bought with a commitment for a model whose bake has not passed",
        "refuse before anything is bought: a failed bake could not give it back",
        f"nobody, {KIND.nothing_made}",
        when=lambda facts: facts.found is None and facts.bake != contract.PASSED,
        then=lambda facts: Refuse(
            f"{facts.wanted_model} must have passed a bake before Provisioned Throughput {facts.name} is bought with a "
            f"commitment ({_found_of(facts)}): deploy once without "
            f"`serving.provisioned_throughput.commitment_duration`; {KIND.nothing_made}"
        ),
    ),
    *serving_presence.being_made(KIND),
    *serving_presence.swapped(KIND),
    DecisionRow(
        "throughput-swapping",
        "Create, Update",
        "InService, the desired model is requested and another still serves",
        "wait",
        KIND.as_before,
        when=lambda facts: facts.found is not None and facts.found.serving_arn != facts.found.desired_arn,
        then=lambda facts: Wait(f"Provisioned Throughput {facts.name} still serves the previous model"),
    ),
    *serving_presence.in_service(KIND),
)

ABSENCE: Final[tuple[DecisionRow[ThroughputAbsence, Action], ...]] = (
    *serving_absence.left_alone(KIND),
    DecisionRow(
        "throughput-detach",
        "Delete",
        "within its commitment, Bedrock refuses, `detach_when_committed`",
        "done: it is kept, and the answer says so",
        "every model unit by the hour until the term ends, and longer unless somebody deletes it then",
        when=lambda facts: facts.refused and committed(facts.found, facts.now) and facts.detach,
        then=lambda facts: Done(f"{commitment(facts.found)}; it was detached from its stack"),
    ),
    DecisionRow(
        "throughput-committed",
        "Delete, undo, left over",
        "within its commitment, Bedrock refuses",
        "fail, naming the end of the term and the setting that detaches it",
        "every model unit by the hour until the term ends",
        when=lambda facts: facts.refused and committed(facts.found, facts.now),
        then=lambda facts: Refuse(
            f"{commitment(facts.found)}; to delete the stack and keep the throughput until then, deploy once with "
            "`serving.provisioned_throughput.detach_when_committed = true`"
        ),
    ),
    # One that is Updating can be neither updated nor deleted (Bedrock user guide, on editing a Provisioned Throughput).
    *serving_absence.deleted(KIND, undeletable=("Updating",)),
)
