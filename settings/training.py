"""Tables of a model that say where it comes from: what is trained, on which data, or what is promoted."""

from collections.abc import Mapping
from typing import ClassVar, Final

from pydantic import Field, ValidationInfo, field_validator

from bedrock_lifecycle.contract import FINE_TUNING, Split
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, HyperParameterError
from bedrock_tuning.common.messages import shown
from bedrock_tuning.data.sources import DataSource
from settings.data_source import Source
from settings.fields import (
    PROMOTE_AGAIN,
    Attempt,
    BaseModelId,
    CustomizationType,
    Flag,
    GivingEnvironment,
    KeyArn,
    PromotedTraining,
    Sha256,
    TrainingHours,
    known_base_models,
)
from settings.knows_base_models import KnowsBaseModels
from settings.problems import FieldError, SettingsTable

_SOME_BASE_MODEL: Final = next(profile.id for profile in BaseModels.shipped() if profile.regions)


class _Customization(KnowsBaseModels):
    """How a base model is customized, but for the data.

    base_model: id that Bedrock takes as baseModelIdentifier; one of the profiles in `bedrock_tuning.base_models`,
        or of the team's own.
    customization_type: FINE_TUNING, the only one; the default. The profile of the base model must have a table for it.
    hyper_parameters: by Bedrock's names, as the text that Bedrock gets, sorted. Names and ranges are the base
        model's (Bedrock user guide, "Custom model hyperparameters"). Default: none, and Bedrock uses its own.
    """

    table: ClassVar[str]

    base_model: BaseModelId = Field(examples=[f'base_model = "{_SOME_BASE_MODEL}"'])
    customization_type: CustomizationType = Field(default=FINE_TUNING, validate_default=True)
    hyper_parameters: Mapping[str, str] = Field(default_factory=dict)

    @property
    def profile(self) -> BaseModelProfile:
        """The limits of the base model."""
        return self._base_models.of(self.base_model)

    @field_validator("customization_type")
    @classmethod
    def _is_documented(cls, value: str, info: ValidationInfo) -> str:
        if "base_model" in info.data:
            try:
                known_base_models(info.context).of(info.data["base_model"]).customization(value)
            except ValueError as error:
                raise FieldError(str(error)) from error
        return value

    @field_validator("hyper_parameters", mode="before")
    @classmethod
    def _canonical(cls, value: object, info: ValidationInfo) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            why = f"must be a table of names and values (got {shown(value)})"
            raise FieldError(f"{why}; write [{cls.table}.hyper_parameters]")
        if not {"base_model", "customization_type"} <= info.data.keys():  # refused above: nothing to compare with
            return {}
        try:
            profile = known_base_models(info.context).of(info.data["base_model"])
            return profile.canonical_hyper_parameters(value, info.data["customization_type"])
        except HyperParameterError as error:
            raise FieldError(below=error.problems) from error


class Training(_Customization):
    """`[training]`: what is trained, and how long a deploy waits for it; first of all what `_Customization` has.

    attempt: 1 to 99, default 1. Part of the names and not of the training id: a training that failed or was
        stopped is repeated, and paid again, only when this number goes up.
    max_training_hours: whole hours, 0 to 120, default 12; 0 means that a deploy does not wait.
    stop_on_delete: default true: deleting a stack that was complete once stops a training that is running; false lets
        it run to its end, which is paid.
    """

    table: ClassVar[str] = "training"

    attempt: Attempt = 1
    max_training_hours: TrainingHours = 12
    stop_on_delete: Flag = True


class Promotion(_Customization):
    """`[promotion]`: another environment's model, served as it is; `tune promote` writes the table.

    Beside what `_Customization` has, all of which says from what the model was trained:

    from: the environment that trained it, in the same account and Region; its model's file has the same name. It must
        be in promote_from of `[allow]`.
    train_sha256: SHA-256 of the training data, 64 digits.
    validation_sha256: that of the validation data; default none, where none was used.
    kms_key_arn: the key that encrypts the model; default none, a key that AWS owns.
    training: training ID and attempt, such as 4ffdfb6dcb25-1. The ID must be that of what the other lines say.
    """

    table: ClassVar[str] = "promotion"

    giver: GivingEnvironment = Field(alias="from", examples=['from = "dev"'])
    train_sha256: Sha256 = Field(examples=['train_sha256 = "…": python -m tune promote writes this table'])
    validation_sha256: Sha256 | None = None
    kms_key_arn: KeyArn | None = None
    training: PromotedTraining = Field(examples=['training = "…": python -m tune promote writes this table'])

    @property
    def training_id(self) -> str:
        """The identity of the training."""
        return self.training.partition("-")[0]

    @property
    def attempt(self) -> int:
        """Which attempt at it made the model."""
        return int(self.training.partition("-")[2])

    @field_validator("training")
    @classmethod
    def _is_of_these_inputs(cls, value: str, info: ValidationInfo) -> str:
        told = {name: info.data[name] for name in TrainingInputs.__dataclass_fields__ if name in info.data}
        if not {"base_model", "customization_type", "hyper_parameters", "train_sha256"} <= told.keys():
            return value  # refused above: nothing to compare with
        expected = training_id(TrainingInputs(**told))
        if value.partition("-")[0] != expected:
            why = f"must begin with {expected}, the training ID of base model, hyper-parameters and data beside it"
            raise FieldError(f"{why} (got {shown(value)}); {PROMOTE_AGAIN}")
        return value


class Data(SettingsTable):
    """`[data]`: the data to train with. Training and validation must not be the same records.

    Each is `{ sha256 = … }`, pushed into the environment's own bucket before; `{ path = … }`, a file on this machine,
    with `sha256` one that must not change; or `{ s3 = …, version_id = …, sha256 = … }`, an object in another bucket,
    with `kms_key_arn` where a key of yours encrypts it.

    train: required.
    validation: default none; early stopping needs it, and it is part of the training id. Where the base model uses
        none it is warned of, not sent, and no part of that id.
    test: default none; kept beside the others for an evaluation, and not part of the training id.
    """

    train: Source = Field(examples=['train = { path = "train.jsonl" }'])
    validation: Source | None = None
    test: Source | None = None

    @property
    def sources(self) -> dict[Split, DataSource]:
        """Where the data is that is named, by its use."""
        named: dict[Split, DataSource | None] = {"train": self.train, "validation": self.validation, "test": self.test}
        return {split: source for split, source in named.items() if source}

    @field_validator("validation")
    @classmethod
    def _differs_from_train(cls, value: DataSource | None, info: ValidationInfo) -> DataSource | None:
        train = info.data.get("train")
        if value and train and value.sha256 == train.sha256:
            why = "is the same as the training data, and must have records that are not trained on"
            raise FieldError(f"{why}; name another file, or leave validation out")
        return value
