"""The settings of one model in one environment, as the stacks get them. Use `load_model` to make one."""

import functools
from collections.abc import Mapping
from typing import ClassVar, Final, Literal

from pydantic import Field, InstanceOf, ValidationInfo, field_validator

from bedrock_lifecycle.contract import FINE_TUNING, TAG_APP, training_name
from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, HyperParameterError
from bedrock_tuning.common.messages import shown
from bedrock_tuning.data.sources import DataSource
from bedrock_tuning.evaluation.inputs import evaluation_inputs, is_asked_as_it_serves
from settings.access import Accesses, access_id, role_name
from settings.data_source import QuestionsFile, Source
from settings.environment import Environment
from settings.evaluation import Evaluation
from settings.fields import (
    PROMOTE_AGAIN,
    AlarmNames,
    Attempt,
    BakeMinutes,
    BakeQuestions,
    BakeTokens,
    BaseModelId,
    CommitmentDuration,
    CustomizationType,
    Flag,
    GivingEnvironment,
    KeepModels,
    KeyArn,
    ModelArn,
    ModelUnits,
    Name,
    PromotedTraining,
    QuestionsSha256,
    ReconcileNumber,
    RightAnswers,
    Sha256,
    TrainingHours,
    base_model_of,
    known_base_models,
)
from settings.gate import Gate
from settings.knows_base_models import KnowsBaseModels
from settings.problems import FieldError, Table
from settings.stack_names import StackKind, stack_id
from settings.tags import Tags

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
            why = "is the same as the training data, and must have records that are not trained on"
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
            why = f"must not be set without commitment_duration (got {shown(value)})"
            raise FieldError(f"{why}: nothing is committed that could be acknowledged; remove it")
        received = "nothing" if value is None else shown(value)
        why = "the commitment is billed to the end of its term and cannot be canceled"
        raise FieldError(f'must repeat "{duration}" (got {received}); write it if you mean it: {why}')


class OnDemand(Table):
    """`[serving.on_demand]`: serves the model by the token, on a custom model deployment; nothing is bought."""


class Bake(Table):
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
            raise FieldError("must not be set beside path, which names the questions too; remove one of the two")
        return value

    @field_validator("right")
    @classmethod
    def _are_asked(cls, value: int | None, info: ValidationInfo) -> int | None:
        asked = info.data.get("questions")
        if value is not None and asked is not None and value > asked:
            raise FieldError(f"must be 1 to questions, {asked} (got {value}); lower it, or leave it out for all")
        return value

    @field_validator("minutes")
    @classmethod
    def _watch_something(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("alarms") == ():
            raise FieldError(f"has no effect without alarms (got {value}); name some, or remove the line")
        return value


class Serving(Table):
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


class Model(KnowsBaseModels):
    """One model in one environment: what a file beside `environment.toml` says.

    environment: where it is.
    name: the file's name without `.toml`; 1 to 24 letters, digits and single hyphens; part of every name in Bedrock.
    training, data: required, unless promotion or serving.model_arn names a model that is there already.
    promotion: the model of another environment, which is served here. Default: none.
    evaluation: what the model is asked before it serves, and beside which others. Default: none.
    gate: what the evaluation must have shown before anything serves the model. Default: none.
    serving: default none, the model is only trained.
    access: other accounts that may invoke it; needs serving. Default: none.
    reconcile: a number from 0; counting it up makes CloudFormation look at the training and the throughput again, whose
        drift it does not see: what is missing or differs is brought in line. Default: 0.
    tags: your own tags, as those of the environment, whose place they take where both have a key. Default: none.
    """

    not_keys: ClassVar[Mapping[str, str]] = {"environment": "environment", "name": "file name"}

    environment: InstanceOf[Environment]
    name: Name
    training: Training | None = Field(default=None, examples=["[training]"])
    data: Data | None = Field(default=None, examples=["[data]"])
    promotion: Promotion | None = None
    evaluation: Evaluation | None = None
    gate: Gate | None = None
    serving: Serving | None = None
    access: Accesses = ()
    reconcile: ReconcileNumber = 0
    tags: Tags = Field(default_factory=dict)

    @property
    def all_tags(self) -> dict[str, str]:
        """The tags of what is made for the model: the environment's, and its own."""
        return {**self.environment.tags, **self.tags}

    @property
    def made_tags(self) -> dict[str, str]:
        """The tags of what is made in Bedrock: those, and the app, which proves whose it is once the stack is gone."""
        return {**self.all_tags, TAG_APP: self.environment.app}

    @property
    def stack_kinds(self) -> list[StackKind]:
        """The stacks of its own that it asks for, in the order in which they deploy."""
        asked_for: dict[StackKind, object] = {
            "Training": self.training,
            "Promotion": self.promotion,
            "Evaluation": self.evaluation,
            "Serving": self.serving,
        }
        kinds = [kind for kind, table in asked_for.items() if table is not None]
        return sorted(kinds, key="Evaluation".__eq__) if self.is_asked_as_it_serves else kinds

    @property
    def is_asked_as_it_serves(self) -> bool:
        """Whether its evaluation asks what serves, since nothing can be deployed for that alone."""
        return self.evaluation is not None and is_asked_as_it_serves(self.profile, self.environment.region)

    @functools.cached_property
    def evaluation_inputs(self) -> EvaluationInputs | None:
        """What its evaluation asks of whom, and so its identity; None where nothing is evaluated."""
        if self.evaluation is None or self.model_name is None:
            return None
        judge = self.evaluation.judge
        return evaluation_inputs(
            model=self.model_name,
            base_model=self.profile,
            test_sha256=self.evaluated_sha256,
            compare_with=self.evaluation.compare_with,
            metrics=self.evaluation.metrics,
            max_output_tokens=self.evaluation.max_output_tokens,
            records=self.evaluation.records,
            group_by=self.evaluation.group_by,
            judge=judge.judging if judge else None,
        )

    @property
    def evaluated_sha256(self) -> str:
        """SHA-256 of the questions of its evaluation: a file of their own, or the test data."""
        return (self.evaluation.sha256 if self.evaluation else None) or self._test_sha256

    @property
    def training_name(self) -> str | None:
        """The name that the customization job and the custom model share, None where nothing is trained."""
        return self.model_name if self.training else None

    @property
    def model_name(self) -> str | None:
        """The name of the custom model that is trained or promoted, None where an ARN names it."""
        made = self.training or self.promotion
        if made is None:
            return None
        return training_name(
            name=self.name,
            environment=self.promotion.giver if self.promotion else self.environment.name,
            training_id=self.training_id,
            attempt=made.attempt,
        )

    @property
    def bake_sha256(self) -> str:
        """SHA-256 of the questions of its bake: a file of their own, or the test data."""
        bake = self.serving.bake if self.serving else None
        if bake and bake.file:
            return bake.file.sha256
        return (bake.sha256 if bake else None) or self._test_sha256

    @property
    def _test_sha256(self) -> str:
        return self.data.test.sha256 if self.data and self.data.test else ""

    def stack_id(self, kind: StackKind) -> str:
        """Return the id that one of the model's stacks has in its stage."""
        return stack_id(kind, self.name)

    def stack_name(self, kind: StackKind) -> str:
        """Return a stack's name in CloudFormation."""
        return self.environment.stack_name(kind, self.name)

    def access_stack_id(self, account: str) -> str:
        """Return the id of the stack in an account that may invoke the model, in the stage of those stacks."""
        return f"{self.name}-{account}"

    def access_role(self, account: str) -> str:
        """Return path and name of the role with which an account invokes the model, as its ARN ends."""
        organization = self.environment.organization
        if organization.roles is not None:
            # One that is missing is refused at synth, with all others.
            return f"/{organization.roles.get(f'Serving/{access_id(account)}', '')}"
        path = organization.role_path or "/"
        name = role_name(
            prefix=organization.name_prefix or self.environment.stack_prefix,
            environment=self.environment.name,
            model=self.name,
            region=self.environment.region,
            account=account,
            path=path,
        )
        return f"{path}{name}"

    @property
    def profile(self) -> BaseModelProfile:
        """The base model: of the training, or of the model that is promoted or given."""
        made = self.training or self.promotion
        given = self.serving.base_model if self.serving else None
        return self._base_models.of(made.base_model if made else str(given))

    @functools.cached_property
    def training_id(self) -> str:
        """The identity of the training: equal for equal inputs, see `bedrock_lifecycle.contract.identity`."""
        if self.promotion:
            return self.promotion.training_id
        if self.training is None or self.data is None:
            raise ValueError(f"{self.name} in {self.environment.name} is not trained: it serves an existing model")
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
        if self.training is None or self.data is None or self.data.validation is None:
            return None
        return self.training.profile.unused_validation(self.training.customization_type)
