"""What `tune status` tells, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bedrock_lifecycle.decisions.observed import STARTS_WITHIN
from tune.account.access_stacks import AccessStackStatus
from tune.account.items import InventoryItem
from tune.account.location import Location
from tune.account.recipients import Recipients
from tune.account.training_progress import PHASES
from tune.evaluation.facts import EvaluationFacts


@dataclass(frozen=True)
class StackFacts:
    """A stack; `status` is None when there is none. `since` is when its last operation began, None when none did."""

    name: str
    status: str | None = None
    since: datetime | None = None
    age: timedelta = timedelta()
    works_on: tuple[str, ...] = ()
    """The logical ids of the resources that are being changed."""
    failures: tuple[str, ...] = ()
    """Why resources failed in its last operation."""
    is_busy: bool = False
    commit: str = ""
    """The commit that its last operation was asked with; empty for what `deploy --detach` has not asked for."""
    is_anothers: bool = False
    """Whether another app has this name: then nothing else is told of it."""


@dataclass(frozen=True)
class PhaseFacts:
    """A phase of a training. `lasted` is None when Bedrock does not tell it."""

    name: str
    status: str
    lasted: timedelta | None = None


@dataclass(frozen=True)
class TrainingFacts:
    """A customization job and its model. Bedrock tells no number of tokens and no percentage."""

    name: str
    status: str
    since: datetime
    lasted: timedelta
    base_model_arn: str
    ended: datetime | None
    is_held: bool
    """Whether the Training stack holds it, which then is complete with its model."""
    phases: tuple[PhaseFacts, ...] = ()
    training_loss: float | None = None
    failure: str = ""
    model_arn: str = ""
    model_status: str = ""

    @property
    def is_moving(self) -> bool:
        return self.status in ("InProgress", "Stopping")

    @property
    def is_late(self) -> bool:
        """Whether it should have begun to train by now, and has not."""
        waits = any((phase.name, phase.status) == (PHASES["trainingDetails"], "NotStarted") for phase in self.phases)
        return self.status == "InProgress" and waits and self.lasted >= STARTS_WITHIN


@dataclass(frozen=True)
class PromotionFacts:
    """A model of another environment, `giver`, that was promoted to this one."""

    name: str
    giver: str = ""
    arn: str = ""
    """Empty when there is no such model any more."""
    status: str = ""
    is_held: bool = False
    """Whether it has the tag that keeps the giving environment from deleting it."""
    bake: str = ""
    """How its last bake where it was trained went, as its tag says; nothing where no bake has looked at it there."""
    unseen: str = ""
    """Why it could not be looked at; `name` is that of the stack then."""

    @property
    def is_gone(self) -> bool:
        return not self.arn and not self.unseen


@dataclass(frozen=True)
class ServingFacts:
    """What serves a model, and what it costs by its nature from `since` on."""

    what: str
    name: str
    arn: str
    status: str
    since: datetime
    age: timedelta
    cost: str
    model: str
    moves_to: str = ""
    """The model that it is being moved to."""
    bake: str = ""
    """How the last bake of the model went, as its tag says; nothing where no bake has looked at it."""
    failure: str = ""

    @property
    def is_moving(self) -> bool:
        return self.status in ("Creating", "Updating")


@dataclass(frozen=True)
class CandidateFacts:
    """A deployment that answers for a model during its evaluation alone.

    is_in_use: Whether a run of that evaluation is under way, which deletes it; None where that is not seen.
    command: What deletes it.
    """

    name: str
    evaluation: str
    status: str
    age: timedelta
    command: str
    is_in_use: bool | None


@dataclass(frozen=True)
class ParameterFacts:
    """The SSM parameter from which applications read what to invoke."""

    name: str
    value: str | None
    """None when the parameter is gone, or was not looked at."""
    unseen: str = ""
    """Why it was not looked at; nothing when it was."""


@dataclass(frozen=True)
class Status:
    """Everything of one environment at a moment of Bedrock's clock."""

    environment: str
    place: Location
    now: datetime
    stacks: tuple[StackFacts, ...]
    trainings: tuple[TrainingFacts, ...]
    serving: tuple[ServingFacts, ...]
    parameters: tuple[ParameterFacts, ...]
    bills: tuple[InventoryItem, ...]
    promotions: tuple[PromotionFacts, ...] = ()
    evaluations: tuple[EvaluationFacts, ...] = ()
    candidates: tuple[CandidateFacts, ...] = ()
    access: tuple[AccessStackStatus, ...] = ()
    """The stacks that applications have in accounts of their own."""
    recipients: tuple[Recipients, ...] = ()
    """Who gets the messages of [notifications], where Foundation has made their topic."""
    models: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The models that it is about, with the names of their stacks: Training before Serving."""
    unseen: str = ""
    """Why what bills may not be all; nothing when it is."""

    @property
    def is_moving(self) -> bool:
        """Whether something goes on that ends by itself."""
        return (
            any(stack.is_busy for stack in self.stacks)
            or any(training.is_moving for training in self.trainings)
            or any(evaluation.is_moving for evaluation in self.evaluations)
            or any(serving.is_moving for serving in self.serving)
        )
