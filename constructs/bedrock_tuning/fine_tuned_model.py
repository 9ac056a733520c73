"""A model from its data to its end: checked, trained, waited for."""

from collections.abc import Mapping
from typing import Final, TypedDict, Unpack

from constructs import Construct, DependencyGroup, IDependable

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from bedrock_tuning.checks.base_model import used_validation
from bedrock_tuning.common.remedies import Remedies
from bedrock_tuning.common.types import GivenKey
from bedrock_tuning.data.dataset import Dataset
from bedrock_tuning.data.dataset_provider import DatasetProvider
from bedrock_tuning.data.sources import DataSource
from bedrock_tuning.evaluation.evaluation import Evaluation
from bedrock_tuning.evaluation.evaluation_await import EvaluationAwait
from bedrock_tuning.evaluation.model_evaluation import ModelEvaluation
from bedrock_tuning.evaluation.quality_gate import QualityGate
from bedrock_tuning.foundation import Foundation
from bedrock_tuning.serving.served_model import ServedModelParameters
from bedrock_tuning.spending.serving_intent import ServingIntent
from bedrock_tuning.training.model_customization import ModelCustomization
from bedrock_tuning.training.training_await import TrainingAwait

_DATASET_IDS: Final = {"train": "TrainingData", "validation": "ValidationData", "test": "TestData"}


class CustomizationParameters(TypedDict):
    """What is said of a training whatever its data and foundation; what it means is said at `ModelCustomization`."""

    name: str
    environment: str
    base_model: BaseModelProfile
    base_models: BaseModels | None
    customization_type: str
    hyper_parameters: Mapping[str, object] | None
    attempt: int
    reconcile: int
    stop_on_delete: bool
    serving: ServingIntent | None
    tags: Mapping[str, str] | None
    remedies: Remedies | None


def make_training(
    scope: Construct,
    *,
    foundation: Foundation,
    data: Mapping[Split, DataSource | None],
    max_training_hours: int,
    bootstrap_key: GivenKey | None,
    **parameters: Unpack[CustomizationParameters],
) -> tuple[ModelCustomization, TrainingAwait]:
    """Create the datasets of a training, its job and the wait for it directly in a scope; see `FineTunedModel`."""
    base_model, customization_type = parameters["base_model"], parameters["customization_type"]
    reader = DatasetProvider(
        scope,
        "DatasetReader",
        data_store=foundation.data_store,
        workflow=foundation.workflow,
        functions=foundation.functions,
        bootstrap_key=bootstrap_key,
        remedies=parameters["remedies"],
    )
    validation = used_validation(scope, base_model, customization_type, data.get("validation"))
    datasets = {
        split: Dataset(
            scope,
            _DATASET_IDS[split],
            source=source,
            split=split,
            base_model=base_model,
            data_store=foundation.data_store,
            reader=reader,
            customization_type=customization_type,
            reconcile=parameters["reconcile"],
        )
        for split, source in {**data, "validation": validation}.items()
        if source
    }
    customization = ModelCustomization(
        scope,
        "ModelCustomization",
        train=datasets["train"],
        validation=datasets.get("validation"),
        test=datasets.get("test"),
        vpc_config=foundation.vpc_config,
        data_store=foundation.data_store,
        service_role=foundation.service_role,
        workflow=foundation.workflow,
        **parameters,
    )
    return customization, TrainingAwait(
        scope,
        "Training",
        customization=customization,
        workflow=foundation.workflow,
        max_training_hours=max_training_hours,
    )


class FineTunedModel(Construct):
    """A fine-tuned model: its data is checked, it is trained once, and the deployment waits for it.

    It creates a `DatasetProvider`, a `Dataset` for each source, `ModelCustomization` and `TrainingAwait`; see there.
    Serve it with `CustomModelDeployment(…, model=model)` or `ProvisionedThroughput(…, model=model, model_units=…)`.

    Args:
        foundation: The Foundation, see `make_foundation`.
        name: Your name for the model, 1 to 24 letters, digits and single hyphens, starting with a letter.
        environment: The environment it is trained in, 1 to 12 lowercase letters, digits and single hyphens.
        base_model: The base model's profile.
        train: Where the training data comes from.
        validation: The same for validation data. Default: none.
        test: The same for test data, which is checked and not trained on. Default: none.
        hyper_parameters: Hyper-parameters by Bedrock's names. Default: Bedrock's defaults.
        attempt: 1 to 99; raise it by one to train again after a failure. Default: 1.
        max_training_hours: How long one deployment waits, 0 to 120 hours. Default: 12.
        serving: How the model will be served, so that a missing quota is reported before the training is paid for.
            Default: only the training itself is checked.
        evaluation: How it is evaluated on `test` before it is ready, and what it must show. The Foundation needs
            `evaluate_with`, and the base model must be one that is served on demand. Default: it is not evaluated.
        tags: Your tags for job and model, and for what serves it. Default: none.
        customization_type: Bedrock's customization type. Default: `FINE_TUNING`.
        base_models: The base models that a message suggests. Default: those of the library.
        stop_on_delete: Whether deleting a stack that was complete once stops a job in progress. Default: True.
        reconcile: Raise it by one to send events, which correct drift that CloudFormation cannot see. Default: 0.
        bootstrap_key: Your own key of the CDK's bootstrap bucket. Default: none.
        remedies: Your app's commands, for messages. Default: none.

    Attributes:
        customization: The job.
        training_id: The training ID, known at synth.
        training_name: Name that job and model share, known at synth.
        trained: The wait for the model.
        evaluation: Its evaluation; None without one.
        gate: What it must show; None if nothing is required. What serves it is held to it too.
        ready: What must exist before the model is served.
        to_serve: The parameters for what serves it.

    Raises:
        ValueError: As `ModelCustomization`, `TrainingAwait`, `Evaluation` and `QualityGate` do, and for an evaluation
            without `test` or in a Foundation without `evaluate_with`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        name: str,
        environment: str,
        base_model: BaseModelProfile,
        train: DataSource,
        validation: DataSource | None = None,
        test: DataSource | None = None,
        hyper_parameters: Mapping[str, object] | None = None,
        attempt: int = 1,
        max_training_hours: int = 12,
        serving: ServingIntent | None = None,
        evaluation: ModelEvaluation | None = None,
        tags: Mapping[str, str] | None = None,
        customization_type: str = contract.FINE_TUNING,
        base_models: BaseModels | None = None,
        stop_on_delete: bool = True,
        reconcile: int = 0,
        bootstrap_key: GivenKey | None = None,
        remedies: Remedies | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.customization: ModelCustomization
        self.trained: TrainingAwait
        self.customization, self.trained = make_training(
            self,
            foundation=foundation,
            data={"train": train, "validation": validation, "test": test},
            max_training_hours=max_training_hours,
            bootstrap_key=bootstrap_key,
            name=name,
            environment=environment,
            base_model=base_model,
            base_models=base_models,
            customization_type=customization_type,
            hyper_parameters=hyper_parameters,
            attempt=attempt,
            reconcile=reconcile,
            stop_on_delete=stop_on_delete,
            serving=serving,
            tags=tags,
            remedies=remedies,
        )
        self.training_id: str = self.customization.training_id
        self.training_name: str = self.customization.training_name
        self.to_serve: ServedModelParameters = {
            "name": name,
            "environment": environment,
            "base_model": base_model,
            "base_models": base_models,
            "training_id": self.training_id,
            "attempt": attempt,
            "data_store": foundation.data_store,
            "workflow": foundation.workflow,
            "model_owner": self.customization.owner,
            "tags": tags,
        }
        ready: list[Construct] = [self.customization, self.trained]
        self.evaluation: Evaluation | None = None
        self.gate: QualityGate | None = None
        if evaluation:
            self.evaluation = self._evaluation(evaluation, foundation, tags, reconcile)
            self.evaluation.node.add_dependency(*ready)
            waited = EvaluationAwait(
                self,
                "Evaluated",
                evaluation=self.evaluation,
                workflow=foundation.workflow,
                max_hours=evaluation.max_hours,
            )
            ready += [self.evaluation, waited]
            if evaluation.requirements:
                self.gate = QualityGate(
                    self,
                    "Gate",
                    evaluation=self.evaluation,
                    waited=waited,
                    requirements=evaluation.requirements,
                    workflow=foundation.workflow,
                    reconcile=reconcile,
                )
                ready.append(self.gate)
                self.to_serve["gate"] = self.gate
        self.ready: IDependable = DependencyGroup(*ready)

    def _evaluation(
        self, asked: ModelEvaluation, foundation: Foundation, tags: Mapping[str, str] | None, reconcile: int
    ) -> Evaluation:
        served, files = self.to_serve, self.customization.files
        if foundation.evaluations is None:
            raise ValueError("`evaluation` needs a Foundation that evaluates: give `make_foundation` `evaluate_with`")
        if "test" not in files:
            raise ValueError("`evaluation` needs records that the model was not trained on: set `test`")
        if "on_demand" not in served["base_model"].serving_modes:
            model = served["base_model"].id
            raise ValueError(f"{model} is not served on demand: use `Evaluation` with `served_arn` beside what serves")
        return Evaluation(
            self,
            "Evaluation",
            name=served["name"],
            environment=served["environment"],
            base_model=served["base_model"],
            training_id=self.training_id,
            attempt=served["attempt"],
            model_key_arn=foundation.data_store.key.key_arn,
            test=files["test"],
            train_sha256=files["train"].sha256,
            metrics=asked.metrics,
            max_output_tokens=asked.max_output_tokens,
            max_tokens=asked.max_tokens,
            compare_with=asked.compare_with,
            workflow=foundation.workflow,
            data_store=foundation.data_store,
            scorer=foundation.evaluations.functions.score.role,
            functions=foundation.functions,
            tags=tags,
            reconcile=reconcile,
        )
