"""What happens to a customization job: adopted when it exists, created when not, never repeated in silence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.decisions.actions import Create, Done, Refuse, Retag, Stop, Wait
from bedrock_lifecycle.decisions.observed import Job, Model, differ
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Create | Done | Refuse | Retag | Stop | Wait

_FREE: Final = "nobody, nothing new"


@dataclass(frozen=True)
class Attempt:
    """Another attempt at the same training run that makes another one needless; `state` is a verb with what it did."""

    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is asked for, and what exists. `tags` are those that the job should carry."""

    event: RequestType
    name: str
    owner: str
    job: Job | None
    model: Model | None = None
    model_may_appear: bool = False
    """Whether the job ended so lately that its model may not be seen yet."""
    other: Attempt | None = None
    rolling_back: bool = False
    stack_goes_for_good: bool = False
    stop_on_delete: bool = True
    role_arn: str = ""
    kms_key_arn: str | None = None
    training_data_uri: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    tags_gone: frozenset[str] = frozenset()
    model_tags: Mapping[str, str] | None = None
    job_is_fresh: bool = False
    """Whether the job is so young that its tags may not be seen yet."""

    @property
    def ours(self) -> bool:
        return self.job is not None and self.job.tags.get(contract.TAG_OWNER) == self.owner


def _difference(facts: Facts) -> str:
    if facts.job is None or facts.ours:
        return ""
    for what, wanted, found in (
        ("role", facts.role_arn, facts.job.role_arn),
        ("key", facts.kms_key_arn, facts.job.kms_key_arn),
        ("training data", facts.training_data_uri, facts.job.training_data_uri),
    ):
        # A key that is not told (outputModelKmsKeyArn is optional) counts as another one: a refusal costs a little,
        # a model under the wrong key cannot be fixed.
        if wanted != found:
            return f"with {what} {found}, not this stack's {wanted}"
    return ""


def _status(facts: Facts) -> str:
    return facts.job.status if facts.job else ""


def _refuse_ended(facts: Facts) -> Refuse:
    return Refuse(no_model.ended(facts.name, facts.job) if facts.job else "")


def _refuse_other(facts: Facts) -> Refuse:
    owner = facts.job.tags.get(contract.TAG_OWNER) if facts.job else ""
    return Refuse(
        f"customization job {facts.name} was created by {owner} {_difference(facts)}; choose another "
        "`name` or `environment`"
    )


def _refuse_trained_before(facts: Facts) -> Refuse:
    other = facts.other or Attempt("", "")
    attempt = other.name.rpartition("-")[2]
    return Refuse(
        f"training run {facts.name} has the same inputs as {other.name}, which {other.state}; set `training.attempt` "
        f"to {attempt} to use the model of {other.name} without paying again; to train the same inputs again, delete "
        "that model first"
    )


def _tags_differ(facts: Facts) -> bool:
    if not facts.ours or facts.job is None:
        return False
    of_model = facts.tags if facts.model_tags is None else facts.model_tags
    return any(differ(found, facts.tags, facts.tags_gone) for found in (facts.job.tags, of_model))


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    DecisionRow(
        "customization-delete-foreign",
        "Delete",
        "no job, or one without this stack's owner tag",
        "done, nothing is changed",
        _FREE,
        when=lambda facts: facts.event == "Delete" and not facts.ours,
        then=lambda _facts: Done("there is no job of this stack"),
    ),
    DecisionRow(
        "customization-delete-stop",
        "Delete",
        "job InProgress, `stop_on_delete`, and the stack, complete once, is itself being deleted",
        "stop the job",
        "the tokens trained so far; nothing after the stop",
        when=lambda facts: (
            facts.event == "Delete"
            and _status(facts) == "InProgress"
            and facts.stack_goes_for_good
            and facts.stop_on_delete
        ),
        then=lambda _facts: Stop(),
    ),
    DecisionRow(
        "customization-delete-stopping",
        "Delete",
        "job Stopping",
        "wait until it has stopped",
        "the tokens trained until it has stopped",
        when=lambda facts: facts.event == "Delete" and _status(facts) == "Stopping",
        then=lambda facts: Wait(f"training run {facts.name} is stopping"),
    ),
    DecisionRow(
        "customization-delete-keep",
        "Delete",
        "anything else: a rollback, a cleanup, a stack that was never complete, `stop_on_delete = false`, or ended",
        "done: a running job continues and the next deploy adopts it; a model is kept",
        "a running job to its end, once; a model's storage by the month until it is deleted",
        when=lambda facts: facts.event == "Delete",
        then=lambda facts: Done(f"training run {facts.name} and its model are kept"),
    ),
    DecisionRow(
        "customization-rollback",
        "Update (rollback)",
        "any",
        "done: a rollback runs no preflight and creates nothing",
        _FREE,
        when=lambda facts: facts.rolling_back,
        then=lambda _facts: Done("rolled back"),
    ),
    DecisionRow(
        "customization-trained-before",
        "Create, Update",
        "no job of this name; another attempt at the same training run has a model or is running",
        "refuse, naming it: the same inputs are not paid for twice",
        _FREE,
        when=lambda facts: facts.job is None and facts.other is not None,
        then=_refuse_trained_before,
    ),
    DecisionRow(
        "customization-create",
        "Create, Update",
        "no job of this name",
        "create the job, after the preflight",
        "the tokens of the training data times the epochs run, once",
        when=lambda facts: facts.job is None,
        then=lambda _facts: Create(),
    ),
    DecisionRow(
        "customization-tags-unseen",
        "Create, Update",
        "job without an owner tag, minutes old",
        "wait: its tags may not be seen yet",
        _FREE,
        when=lambda facts: facts.job_is_fresh and facts.job is not None and contract.TAG_OWNER not in facts.job.tags,
        then=lambda facts: Wait(f"the tags of customization job {facts.name} are not seen yet"),
    ),
    DecisionRow(
        "customization-unknown",
        "Create, Update",
        "job without an owner tag",
        "refuse: it does not belong to this project",
        _FREE,
        when=lambda facts: facts.job is not None and contract.TAG_OWNER not in facts.job.tags,
        then=lambda facts: Refuse(
            f"a customization job named {facts.name} exists that this project did not create: choose another "
            "`name` or `environment`, or raise `training.attempt` by one"
        ),
    ),
    DecisionRow(
        "customization-other-stack",
        "Create, Update",
        "job of another stack, made with another role, key or data",
        "refuse, naming both values",
        _FREE,
        when=lambda facts: bool(_difference(facts)),
        then=_refuse_other,
    ),
    DecisionRow(
        "customization-ended",
        "Create, Update",
        "job Failed, Stopping or Stopped",
        "refuse with Bedrock's reason: raise `attempt` to train again",
        _FREE,
        when=lambda facts: facts.job is not None and facts.job.ends_without_model,
        then=_refuse_ended,
    ),
    DecisionRow(
        "customization-model-unseen",
        "Create, Update",
        "job Completed minutes ago, its model not seen",
        "done: the job is adopted, and the wait steps wait for its model",
        _FREE,
        when=lambda facts: _status(facts) == "Completed" and facts.model is None and facts.model_may_appear,
        then=lambda _facts: Done("the job exists"),
    ),
    DecisionRow(
        "customization-model-deleted",
        "Create, Update",
        "job Completed, its model deleted",
        "refuse: Bedrock does not free the name",
        _FREE,
        when=lambda facts: _status(facts) == "Completed" and facts.model is None,
        then=lambda facts: Refuse(no_model.deleted(facts.name)),
    ),
    DecisionRow(
        "customization-retag",
        "Create, Update",
        "this stack's job InProgress or Completed, its tags differ",
        "tag job and model",
        _FREE,
        when=_tags_differ,
        then=lambda _facts: Retag(),
    ),
    DecisionRow(
        "customization-adopt",
        "Create, Update",
        "job InProgress or Completed, from the same inputs",
        "done: it is adopted",
        "nothing again: the existing job is already paid for",
        when=lambda _facts: True,
        then=lambda _facts: Done("the job exists"),
    ),
)
