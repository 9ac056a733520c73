"""What exists in Bedrock, as the decisions see it: small values, without a client."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bedrock_lifecycle import contract

# Half as long again as what was bought: however long a month is, the first term ends before and a renewed one after.
_FIRST_TERM_AT_MOST: Final = {"OneMonth": timedelta(days=45), "SixMonths": timedelta(days=270)}
STARTS_WITHIN: Final = timedelta(hours=contract.STARTS_WITHIN_HOURS)


@dataclass(frozen=True)
class Job:
    """A model customization job. `status` is InProgress, Completed, Failed, Stopping or Stopped."""

    arn: str
    status: str
    role_arn: str
    training_data_uri: str
    kms_key_arn: str | None
    created: datetime
    ended: datetime | None
    failure_message: str
    tags: Mapping[str, str] = field(default_factory=dict)
    training_began: bool = True
    """Whether its training has begun; it may be validated and processed for long before."""
    training_loss: float | None = None
    validation_loss: float | None = None
    """The losses that Bedrock reports; None where it reports none."""

    def is_late(self, now: datetime) -> bool:
        """Tell whether it should have begun to train by now, and has not."""
        return self.status == "InProgress" and not self.training_began and now - self.created >= STARTS_WITHIN

    @property
    def ends_without_model(self) -> bool:
        return self.status in ("Failed", "Stopping", "Stopped")


@dataclass(frozen=True)
class Model:
    """A custom model. `status` is Active, Creating or Failed; `base_model` is the id of what it was tuned from.

    Training data and key are empty where Bedrock does not tell.
    """

    arn: str
    status: str
    base_model: str = ""
    training_data_uri: str = ""
    key_arn: str = ""

    def may_be_tuned_from(self, base_model: str) -> bool:
        """Tell whether nothing rules a base model out.

        Bedrock may name one with or without the suffix of its context length, or name none at all.
        """
        shorter, longer = sorted((self.base_model, base_model), key=len)
        return not shorter or longer == shorter or longer.startswith(f"{shorter}:")


@dataclass(frozen=True, kw_only=True)
class Served:
    """What serves a custom model. `model_arn` is the model that Bedrock names first."""

    arn: str
    name: str
    status: str
    model_arn: str
    failure_message: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The status in a word, an update that is under way among it."""
        return self.status

    @property
    def is_in_service(self) -> bool:
        """Whether it serves, and nothing is on its way."""
        raise NotImplementedError

    @property
    def serving_arn(self) -> str:
        """The model that answers."""
        return self.model_arn

    @property
    def desired_arn(self) -> str:
        """The model that was asked for last."""
        raise NotImplementedError

    def shall_move_to(self, model_arn: str) -> bool:
        """Tell whether another model than the wanted one was asked for last."""
        return self.desired_arn != model_arn


@dataclass(frozen=True, kw_only=True)
class Throughput(Served):
    """A Provisioned Throughput. `status` is Creating, InService, Updating or Failed."""

    desired_model_arn: str
    commitment_ends: datetime | None = None
    commitment: str = ""
    """What was bought, OneMonth or SixMonths; nothing without a commitment."""
    bought: datetime | None = None

    def is_in_first_term(self, now: datetime) -> bool:
        """Tell whether the term that was bought still runs, in which Bedrock refuses a delete.

        A term renews by itself at its end; whether Bedrock refuses a delete then is not documented.
        """
        at_most = _FIRST_TERM_AT_MOST.get(self.commitment)
        if at_most is None or self.bought is None or self.commitment_ends is None:
            return False
        return now < self.commitment_ends <= self.bought + at_most

    @property
    def is_in_service(self) -> bool:
        return self.status == "InService"

    @property
    def desired_arn(self) -> str:
        return self.desired_model_arn


@dataclass(frozen=True)
class ModelUpdate:
    """The latest update of a deployment. `status` is Updating, UpdateCompleted or UpdateFailed."""

    model_arn: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Deployment(Served):
    """A custom model deployment. `status` is Creating, Active or Failed.

    Which model `model_arn` names while an update is under way, and after one that failed, is not established; which
    model a completed update has put into service is: the one that its details name.
    """

    update: ModelUpdate | None = None

    @property
    def state(self) -> str:
        return "Updating" if self._update_is("Updating") else self.status

    @property
    def is_in_service(self) -> bool:
        return self.state == "Active"

    @property
    def serving_arn(self) -> str:
        return self.update.model_arn if self.update and self._update_is("UpdateCompleted") else self.model_arn

    @property
    def desired_arn(self) -> str:
        return self.update.model_arn if self.update and self._update_is("Updating") else self.serving_arn

    def shall_move_to(self, model_arn: str) -> bool:
        return super().shall_move_to(model_arn) or self.failed_to_move_to(model_arn)

    def failed_to_move_to(self, model_arn: str) -> bool:
        """Tell whether its latest update was to a model, and failed."""
        return self.update is not None and self.update.model_arn == model_arn and self._update_is("UpdateFailed")

    def _update_is(self, status: str) -> bool:
        return self.update is not None and self.update.status == status


def differ(found: Mapping[str, str], wanted: Mapping[str, str], gone: Iterable[str]) -> bool:
    """Tell whether tags have to be changed; tags that somebody else added do not count."""
    return not wanted.items() <= found.items() or any(key in found for key in gone)
