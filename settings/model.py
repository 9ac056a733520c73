"""The settings of one environment, as the stacks get them. Use `load_environment` to make one."""

import functools
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator

from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, HyperParameterError
from bedrock_tuning.common.messages import shown
from bedrock_tuning.data.sources import DataSource
from settings.bootstrap import Bootstrap
from settings.data_source import Source
from settings.fields import (
    Account,
    Attempt,
    BaseModelId,
    CommitmentDuration,
    CustomizationType,
    EmailAddresses,
    EnvironmentName,
    Flag,
    KeepModels,
    ModelArn,
    ModelKeyArns,
    ModelUnits,
    Name,
    ReconcileNumber,
    Region,
    TopicArn,
    TrainingHours,
    base_model_of,
    known_base_models,
)
from settings.organization import Organization
from settings.problems import FieldError
from settings.table import Table
from settings.tags import Tags

_SOME_BASE_MODEL: Final = next(profile.id for profile in BaseModels.shipped() if profile.regions)


class _KnowsBaseModels(Table):
    """A table that was read in the light of the base models that there are."""

    _base_models: BaseModels = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        self._base_models = known_base_models(context)

    @property
    def base_models(self) -> BaseModels:
        """The base models that could have been named: those of the library, and the team's own."""
        return self._base_models


class Training(_KnowsBaseModels):
    """`[training]`: what is trained, and how long a deploy waits for it.

    base_model: id that Bedrock takes as baseModelIdentifier; one of the profiles in `bedrock_tuning.base_models`,
        or of the team's own.
    customization_type: FINE_TUNING, the only one; the default. The profile of the base model must have a table for it.
    attempt: 1 to 99, default 1. Part of the names and not of the training id: a training that failed or was
        stopped is repeated, and paid again, only when this number goes up.
    max_training_hours: whole hours, 0 to 120, default 12; 0 means that a deploy does not wait.
    stop_on_delete: default true: deleting a stack that was complete once stops a training that is running; false lets
        it run to its end, which is paid.
    hyper_parameters: by Bedrock's names, as the text that Bedrock gets, sorted. Names and ranges are the base
        model's (Bedrock user guide, "Custom model hyperparameters"). Default: none, and Bedrock uses its own.
    """

    base_model: BaseModelId = Field(examples=[f'base_model = "{_SOME_BASE_MODEL}"'])
    customization_type: CustomizationType = Field(default="FINE_TUNING", validate_default=True)
    attempt: Attempt = 1
    max_training_hours: TrainingHours = 12
    stop_on_delete: Flag = True
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
            why = f"{shown(value)} is not a table; allowed names with numbers"
            raise FieldError(f"{why}; write [training.hyper_parameters]")
        if not {"base_model", "customization_type"} <= info.data.keys():  # refused above: nothing to compare with
            return {}
        try:
            profile = known_base_models(info.context).of(info.data["base_model"])
            return profile.canonical_hyper_parameters(value, info.data["customization_type"])
        except HyperParameterError as error:
            raise FieldError(below=error.problems) from error


class Data(Table):
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

    @field_validator("validation")
    @classmethod
    def _differs_from_train(cls, value: DataSource | None, info: ValidationInfo) -> DataSource | None:
        train = info.data.get("train")
        if value and train and value.sha256 == train.sha256:
            why = "is the training data again; allowed records that are not trained on"
            raise FieldError(f"{why}; name another file, or leave validation out")
        return value


class ProvisionedThroughput(Table):
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
            why = f"{shown(value)} acknowledges a commitment that commitment_duration does not ask for"
            raise FieldError(f"{why}; allowed no such line; remove it")
        received = "is missing" if value is None else f"{shown(value)} is not the commitment"
        why = "the commitment is billed to the end of its term and cannot be cancelled"
        raise FieldError(f'{received}; allowed "{duration}"; repeat it if that is meant: {why}')


class OnDemand(Table):
    """`[serving.on_demand]`: serves the model by the token, on a custom model deployment; nothing is bought."""


class Serving(Table):
    """`[serving]`: how a model is served, by one of its two tables; without `[serving]` it is only trained.

    keep_models: 1 to 100: once the wanted model serves, older ones beyond that many are deleted for good, with the
        deployment that sets it too, but none that serves or served before it. A deleted model can only be had again by
        another attempt, which is paid. Default: every model is kept.
    model_arn: ARN of a custom model of this account and Region, which is served instead of one that is trained here,
        and never deleted. There is no `[training]` and no `[data]` then. Default: none.
    base_model: what that model was tuned from, an id with a profile; allowed only with model_arn. Default: what the ARN
        says; required where that has no profile.
    model_key_arns: 1 to 10 keys of the Region, beside the environment's own, whose models are served: the key of a
        model from another environment, or the one that this environment had before. Default: none.
    """

    keep_models: KeepModels | None = None
    model_arn: ModelArn | None = None
    base_model: BaseModelId | None = Field(default=None, validate_default=True)
    model_key_arns: ModelKeyArns = ()
    on_demand: OnDemand | None = None
    provisioned_throughput: ProvisionedThroughput | None = None

    @field_validator("base_model", mode="before")
    @classmethod
    def _as_the_arn_says(cls, value: object, info: ValidationInfo) -> object:
        if value is not None or not info.data.get("model_arn"):
            return value
        found = base_model_of(info.data["model_arn"], known_base_models(info.context))
        return found.id if found else None


class Notifications(Table):
    """`[notifications]`: who is told that a training has ended. It has one of the two keys.

    email: 1 to 10 addresses, each of which confirms what Amazon SNS sends it.
    topic_arn: an SNS topic of yours in the same Region that lets EventBridge publish.
    """

    email: EmailAddresses | None = Field(default=None, examples=['email = ["you@example.com"]'])
    topic_arn: TopicArn | None = Field(default=None, validate_default=True)

    @field_validator("topic_arn", mode="after")
    @classmethod
    def _is_the_only_one(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "email" not in info.data:  # refused above
            return value
        if (value is None) == (info.data["email"] is None):
            received = "is missing, and so is email" if value is None else "stands beside email"
            raise FieldError(f"{received}; allowed one of the two; write one of them, or remove the table")
        return value


class Environment(_KnowsBaseModels):
    """One model in one environment: what one file in `environments/` says.

    environment: the file's name without `.toml`; 1 to 12 lower-case letters, digits and single hyphens.
    name: the model's name, 1 to 24 letters, digits and single hyphens; part of every name in Bedrock.
    account: AWS account id, 12 digits.
    region: AWS Region; one where the base model can be tuned, and served as asked for.
    training, data: required, unless serving.model_arn gives a model that is there already.
    serving: default none, the model is only trained.
    reconcile: a number from 0; counting it up makes CloudFormation look at the training and the throughput again, whose
        drift it does not see: what is missing or differs is brought in line. Default: 0.
    organization: what the organization prescribes; default nothing.
    bootstrap: how the CDK was bootstrapped in the account; default as `cdk bootstrap` does it by itself.
    notifications: default none, nobody is told when a training ends.
    tags: your own tags for everything that can be tagged, at most 40; keys 1 to 128 and values 0 to 256
        characters of Bedrock's tag alphabet; `aws:` and `bedrock-tuning:` are taken. Default: none.
    """

    environment: EnvironmentName
    name: Name = Field(examples=['name = "docstrings"'])
    account: Account = Field(examples=['account = "111122223333"'])
    region: Region = Field(examples=['region = "us-east-1"'])
    training: Training | None = Field(default=None, examples=["[training]"])
    data: Data | None = Field(default=None, examples=["[data]"])
    serving: Serving | None = None
    reconcile: ReconcileNumber = 0
    organization: Organization = Field(default_factory=Organization)
    bootstrap: Bootstrap = Field(default_factory=Bootstrap)
    notifications: Notifications | None = None
    tags: Tags = Field(default_factory=dict)

    @property
    def profile(self) -> BaseModelProfile:
        """The base model: of the training, or of the model that is given."""
        given = self.serving.base_model if self.serving else None
        return self._base_models.of(self.training.base_model if self.training else str(given))

    @functools.cached_property
    def training_id(self) -> str:
        """The identity of the training: equal for equal inputs, see `bedrock_lifecycle.contract.identity`."""
        if self.training is None or self.data is None:
            raise ValueError(f"environment {self.environment} trains nothing: it serves a model that is given")
        inputs = TrainingInputs(
            base_model=self.training.base_model,
            customization_type=self.training.customization_type,
            hyper_parameters=self.training.hyper_parameters,
            train_sha256=self.data.train.sha256,
            validation_sha256=self.used_validation.sha256 if self.used_validation else None,
        )
        return training_id(inputs)

    @property
    def used_validation(self) -> DataSource | None:
        """The validation data, where the base model makes use of it."""
        return None if self.data is None or self.unused_validation else self.data.validation

    @property
    def unused_validation(self) -> str | None:
        """What to tell of validation data that is named, and that the base model makes no use of."""
        is_named = self.training is not None and self.data is not None and self.data.validation is not None
        return self.profile.unused_validation if is_named else None
