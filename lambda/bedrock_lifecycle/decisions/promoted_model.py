"""What happens to a model that another environment has trained: it is checked, and held as long as it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.decisions.actions import Done, Hold, Refuse, Release, Wait
from bedrock_lifecycle.decisions.observed import Job, Model
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Done | Hold | Refuse | Release | Wait

_STORED: Final = "the giving environment, the model's storage by the month until it is deleted"
_FREE: Final = "nobody, nothing new"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A model that this environment holds since a time, as its tag says it.

    `serves`: Whether something serves it that is not known to be another environment's.
    """

    arn: str
    name: str
    since: str
    serves: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Which model is asked for, what it is, and which ones are held.

    `name` is what it is called in Bedrock, `model_name` in both environments; `foundation` is the giver's, as the owner
    tag.
    """

    event: RequestType
    name: str
    model_name: str = ""
    giver: str = ""
    foundation: str = ""
    training_id: str = ""
    base_model: str = ""
    train_key: str = ""
    key_arn: str = ""
    model: Model | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_may_appear: bool = False
    """Whether the request is so young that the model's tags may not be seen yet."""
    job: Job | None = None
    job_ran: str = ""
    job_is_late: bool = False
    model_may_appear: bool = False
    """Whether its training ended so lately that the model may not be seen yet."""
    rolling_back: bool = False
    is_baked_there: bool = False
    """Whether the giving environment bakes it, so that it must have passed; otherwise it must not have failed."""
    is_gated_there: bool = False
    """Whether the giving environment has a gate for it, as above."""
    held: tuple[Held, ...] = ()

    @property
    def expected_tags(self) -> dict[str, str]:
        """What the model carries if the giving environment's Foundation made it for this training."""
        return {
            contract.TAG_FOUNDATION: self.foundation,
            contract.TAG_ENVIRONMENT: self.giver,
            contract.TAG_MODEL: self.model_name,
            contract.TAG_TRAINING_ID: self.training_id,
        }

    @property
    def is_held(self) -> bool:
        """Whether the model is the one that is held since last."""
        newest = max(self.held, key=lambda each: each.since, default=None)
        return self.model is not None and newest is not None and newest.arn == self.model.arn

    @property
    def released(self) -> tuple[Held, ...]:
        """What is held and needed no longer: all but the newest few, on a delete all; never what is served."""
        kept = 0 if self.event == "Delete" else 1 + contract.HELD_BEFORE
        newest_first = sorted(self.held, key=lambda each: each.since, reverse=True)
        return tuple(each for each in newest_first[kept:] if not each.serves)


def since(moment: datetime) -> str:
    """Return what the tag of a hold says, so that holds sort by it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _no_model(facts: Facts) -> Refuse:
    if facts.job is not None and facts.job.status == "InProgress":
        running = no_model.still_running(facts.name, facts.job_ran, late=facts.job_is_late)
        return Refuse(f"{running}: deploy again when the training run has finished")
    if facts.job is not None and facts.job.ends_without_model:
        return Refuse(f"{no_model.ended(facts.name, facts.job)}; then promote that attempt")
    return Refuse(no_model.not_there(facts.name, facts.giver))


def _is_not(facts: Facts) -> str:
    """Return what the tags of the model do not say, with what they say instead."""
    wrong = [
        f"{key} {value} (got {facts.tags.get(key, 'none')})"
        for key, value in facts.expected_tags.items()
        if facts.tags.get(key) != value
    ]
    return ", ".join(wrong)


def _differs(facts: Facts) -> str:
    """Return in what the model differs from what was promoted; what Bedrock does not tell does not."""
    if facts.model is None:
        return ""
    if not facts.model.may_be_tuned_from(facts.base_model):
        return f"was tuned from {facts.model.base_model}, but promoted as tuned from {facts.base_model}"
    uri = facts.model.training_data_uri
    if uri and not uri.endswith(f"/{facts.train_key}"):
        return f"was trained with {uri}, but promoted as trained with {facts.train_key}"
    if facts.model.key_arn and facts.model.key_arn != facts.key_arn:
        promoted = facts.key_arn or "a key that AWS owns"
        return f"is encrypted with {facts.model.key_arn}, but promoted as encrypted with {promoted}"
    return ""


def _not_passed(facts: Facts) -> str:
    """Return what the giving environment found of the model, where that was not good."""
    needed = {contract.TAG_BAKE: facts.is_baked_there, contract.TAG_VERDICT: facts.is_gated_there}
    found = {key: facts.tags.get(key, "none" if is_needed else contract.PASSED) for key, is_needed in needed.items()}
    return " and ".join(f"tag {key} is {value}" for key, value in found.items() if value != contract.PASSED)


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    DecisionRow(
        "promoted-delete-release",
        "Delete",
        "models that this environment holds, and nothing but other environments serves",
        "take its hold from them; the giving environment may delete them then",
        _STORED,
        when=lambda facts: facts.event == "Delete" and bool(facts.released),
        then=lambda _facts: Release(),
    ),
    DecisionRow(
        "promoted-delete",
        "Delete",
        "none of them, or only such as it still serves",
        "done: what is served stays held",
        _STORED,
        when=lambda facts: facts.event == "Delete",
        then=lambda facts: Done(_still_served(facts)),
    ),
    DecisionRow(
        "promoted-rollback",
        "Update (rollback)",
        "any",
        "done: the model of the rollback is still held",
        _STORED,
        when=lambda facts: facts.rolling_back,
        then=lambda _facts: Done("rolled back"),
    ),
    DecisionRow(
        "promoted-model-unseen",
        "Create, Update",
        "its training ended minutes ago, the model is not seen",
        "wait: a model may not be seen at the moment its training is Completed",
        _STORED,
        when=lambda facts: facts.model is None and facts.model_may_appear,
        then=lambda facts: Wait(f"custom model {facts.name} is not seen yet"),
    ),
    DecisionRow(
        "promoted-no-model",
        "Create, Update",
        "no such model: it was deleted, or its training has not finished",
        "refuse",
        _FREE,
        when=lambda facts: facts.model is None,
        then=_no_model,
    ),
    DecisionRow(
        "promoted-tags-unseen",
        "Create, Update",
        "a model without an owner tag, the request minutes old",
        "wait: its tags may not be seen yet",
        _STORED,
        when=lambda facts: contract.TAG_OWNER not in facts.tags and facts.tags_may_appear,
        then=lambda facts: Wait(f"the tags of custom model {facts.name} are not seen yet"),
    ),
    DecisionRow(
        "promoted-foreign",
        "Create, Update",
        "its tags do not say that the giving environment's Foundation trained it, with this training ID",
        "refuse, naming both values: it is not changed",
        _FREE,
        when=lambda facts: bool(_is_not(facts)),
        then=lambda facts: Refuse(
            f"custom model {facts.name} is not what was promoted: it must carry the tags {_is_not(facts)}; deploy "
            f"{facts.giver} to set them, or promote again"
        ),
    ),
    DecisionRow(
        "promoted-differs",
        "Create, Update",
        "another base model, other training data or another key than the template names",
        "refuse, naming both values",
        _FREE,
        when=lambda facts: bool(_differs(facts)),
        then=lambda facts: Refuse(f"custom model {facts.name} {_differs(facts)}; promote again"),
    ),
    DecisionRow(
        "promoted-not-passed",
        "Create, Update",
        "a bake or a verdict of the giving environment, which the model did not pass",
        "refuse",
        _FREE,
        when=lambda facts: bool(_not_passed(facts)),
        then=lambda facts: Refuse(
            f"custom model {facts.name} has not passed the bake or gate of environment {facts.giver} "
            f"({_not_passed(facts)}, and must be {contract.PASSED}): promote another model, or fix the cause and "
            f"deploy {facts.giver} again"
        ),
    ),
    DecisionRow(
        "promoted-model-failed",
        "Create, Update",
        "the model is Failed",
        "refuse",
        _FREE,
        when=lambda facts: facts.model is not None and facts.model.status == "Failed",
        then=lambda facts: Refuse(f"custom model {facts.name} is Failed: promote another model"),
    ),
    DecisionRow(
        "promoted-model-creating",
        "Create, Update",
        "the model is not Active yet",
        "wait",
        _STORED,
        when=lambda facts: facts.model is not None and facts.model.status != "Active",
        then=lambda facts: Wait(f"custom model {facts.name} is being created"),
    ),
    DecisionRow(
        "promoted-hold",
        "Create, Update",
        "the model is not the one that this environment holds since last",
        "hold it by a tag, after the preflight, and look again",
        _STORED,
        when=lambda facts: not facts.is_held,
        then=lambda _facts: Hold(),
    ),
    DecisionRow(
        "promoted-release",
        "Create, Update",
        f"it is held, and so are more than {contract.HELD_BEFORE} before it that nothing here serves",
        "take the hold from the oldest; the giving environment may delete them then",
        _STORED,
        when=lambda facts: bool(facts.released),
        then=lambda _facts: Release(),
    ),
    DecisionRow(
        "promoted-done",
        "Create, Update",
        "the model is held",
        "done",
        _STORED,
        when=lambda _facts: True,
        then=lambda _facts: Done("the model is held"),
    ),
)


def _still_served(facts: Facts) -> str:
    served = ", ".join(each.name for each in facts.held)
    return f"still served, and so still held: {served}" if served else "nothing is held"
