"""The settings of one model in one environment, as the stacks get them. Use `load_model` to make one."""

import functools
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, InstanceOf

from bedrock_lifecycle.contract import TAG_APP, Split, training_name
from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data.sources import DataSource
from bedrock_tuning.evaluation.inputs import evaluation_inputs, is_asked_as_it_serves
from settings.access import Accesses, access_id, role_name
from settings.environment import Environment
from settings.evaluation import Evaluation
from settings.fields import Name, ReconcileNumber
from settings.gate import Gate
from settings.knows_base_models import KnowsBaseModels
from settings.serving import Serving
from settings.stack_names import StackKind, stack_id
from settings.tags import Tags
from settings.training import Data, Promotion, Training


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
            judge=judge.asked if judge else None,
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
    def used_data(self) -> dict[Split, DataSource]:
        """The data that it is trained with, and the test data, by use."""
        sources = self.data.sources if self.data else {}
        return {split: sources[split] for split in sources if split != "validation" or self.used_validation}

    @property
    def unused_validation(self) -> str | None:
        """What to tell of validation data that is named, and that the base model makes no use of."""
        if self.training is None or self.data is None or self.data.validation is None:
            return None
        return self.training.profile.unused_validation(self.training.customization_type)
