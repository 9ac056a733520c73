"""Tables of a model that say how it serves, and what is asked of what serves."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bedrock_tuning.common.messages import shown
from settings.data_source import QuestionsFile
from settings.fields import (
    AlarmNames,
    BakeMinutes,
    BakeQuestions,
    BakeTokens,
    BaseModelId,
    CommitmentDuration,
    Flag,
    KeepModels,
    ModelArn,
    ModelUnits,
    QuestionsSha256,
    RightAnswers,
    base_model_of,
    known_base_models,
)
from settings.problems import FieldError, SettingsTable


class ProvisionedThroughput(SettingsTable):
    """`[serving.provisioned_throughput]`: serves the model on capacity that is billed by the hour.

    model_units: whole number from 1, no default; each unit is billed by the hour, and the account's quota is 0
        until AWS raises it.
    commitment_duration: OneMonth or SixMonths; default: no commitment, can be deleted at any time.
    acknowledge_commitment: repeats commitment_duration. A commitment is billed to the end of its term and cannot
        be deleted before it.
    detach_when_committed: default false: destroying inside the term fails and says until when. True lets the stack go
        and the throughput stay, billed, for you to delete after its term.
    """

    model_units: ModelUnits = Field(examples=["model_units = 1"])
    commitment_duration: CommitmentDuration | None = None
    detach_when_committed: Flag = False
    acknowledge_commitment: Literal["OneMonth", "SixMonths"] | None = Field(default=None, validate_default=True)

    @field_validator("acknowledge_commitment", mode="before")
    @classmethod
    def _repeats_commitment(cls, value: object, info: ValidationInfo) -> object:
        if "commitment_duration" not in info.data:  # refused above: nothing to compare with
            return None
        if value == info.data["commitment_duration"]:
            return value
        duration = info.data["commitment_duration"]
        if duration is None:
            why = f"must not be set without commitment_duration (got {shown(value)})"
            raise FieldError(f"{why}: nothing is committed that could be acknowledged; remove it")
        received = "nothing" if value is None else shown(value)
        why = "the commitment is billed to the end of its term and cannot be canceled"
        raise FieldError(f'must repeat "{duration}" (got {received}); write it if you mean it: {why}')


class OnDemand(SettingsTable):
    """`[serving.on_demand]`: serves the model by the token, on a custom model deployment; nothing is bought."""


class Bake(SettingsTable):
    """`[serving.bake]`: what serves is asked before a deployment counts as good; else CloudFormation rolls back.

    questions: 1 to 50, how many records are asked, from the first on; no default.
    max_output_tokens: 1 to 1,000, the most output tokens of an answer; no default, since it bounds what a bake costs.
    path: the file of questions on this machine, until `tune dataset push` has stored it and written its sha256 in its
        place; until then the synthesis fails. Default: none.
    sha256: SHA-256 of the file of questions, at test/<sha256>.jsonl in the bucket; default that of `[data] test`.
    right: how many answers must be right, 1 to questions: they must contain the record's. Default: all.
    alarms: 1 to 10 names of CloudWatch alarms, one of which in ALARM fails the bake. Default: none.
    minutes: 1 to 720, how long the alarms are watched; only with alarms. Default: 30.
    """

    questions: BakeQuestions = Field(examples=["questions = 10"])
    max_output_tokens: BakeTokens = Field(examples=["max_output_tokens = 100"])
    file: QuestionsFile | None = Field(default=None, alias="path")
    sha256: QuestionsSha256 | None = None
    right: RightAnswers | None = None
    alarms: AlarmNames = ()
    minutes: BakeMinutes | None = None

    @field_validator("sha256")
    @classmethod
    def _is_named_once(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("file"):
            raise FieldError("must not be set beside path, which names the questions too; remove path or sha256")
        return value

    @field_validator("right")
    @classmethod
    def _are_asked(cls, value: int | None, info: ValidationInfo) -> int | None:
        asked = info.data.get("questions")
        if value is not None and asked is not None and value > asked:
            raise FieldError(
                f"must be 1 to questions, {asked} (got {value}); lower the number, or leave right out for all"
            )
        return value

    @field_validator("minutes")
    @classmethod
    def _watch_something(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("alarms") == ():
            raise FieldError(f"has no effect without alarms (got {value}); name some, or remove the line")
        return value


class Serving(SettingsTable):
    """`[serving]`: how a model is served, by one of its two tables; without `[serving]` it is only trained.

    keep_models: 1 to 100: once the wanted model serves, older ones beyond that many are deleted for good, with the
        deployment that sets it too, but none that serves or served before it. A deleted model can only be had again by
        another attempt, which is paid. Default: every model is kept.
    model_arn: ARN of a custom model of this account and Region, which is served instead of one that is trained here,
        and never deleted. There is no `[training]` and no `[data]` then. Default: none.
    base_model: what that model was tuned from, an id with a profile; allowed only with model_arn. Default: what the ARN
        says; required where that has no profile.
    bake: what is asked of what serves before a deployment counts as good. Default: nothing.
    """

    keep_models: KeepModels | None = None
    model_arn: ModelArn | None = None
    base_model: BaseModelId | None = Field(default=None, validate_default=True)
    on_demand: OnDemand | None = None
    provisioned_throughput: ProvisionedThroughput | None = None
    bake: Bake | None = None

    @property
    def way(self) -> OnDemand | ProvisionedThroughput:
        """The one table that says how."""
        (way,) = (each for each in (self.on_demand, self.provisioned_throughput) if each is not None)
        return way

    @field_validator("base_model", mode="before")
    @classmethod
    def _as_the_arn_says(cls, value: object, info: ValidationInfo) -> object:
        if value is not None or not info.data.get("model_arn"):
            return value
        found = base_model_of(info.data["model_arn"], known_base_models(info.context))
        return found.id if found else None
