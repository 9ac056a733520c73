"""Somebody else's CDK app that uses the constructs: no `cdk.json` of ours, so none of its feature flags."""

import itertools
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from bedrock_tuning import (
    BaseModelProfile,
    BaseModels,
    CustomModelDeployment,
    Dataset,
    DatasetProvider,
    DataSource,
    DataStore,
    EvaluationReconciler,
    EvaluationWorkflow,
    FunctionSettings,
    Ledger,
    LifecycleWorkflow,
    ModelCustomization,
    OperationsKey,
    ProvisionedThroughput,
    ServiceRole,
    ServingReconciler,
    TrainingNotifications,
    TrainingReconciler,
    VpcConfig,
    base_model,
)
from bedrock_tuning.evaluation.asked_models import asked_model_ids
from tests.synth.templates import Json, to_json

ACCOUNT: Final = "111122223333"
REGION: Final = "us-west-2"
HAIKU: Final = base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")
NOVA_MICRO: Final = base_model("amazon.nova-micro-v1:0:128k")


class ForeignStack:
    """One stack; every construct is made when it is first asked for, and not before."""

    def __init__(
        self,
        folder: Path,
        *,
        region: str | None = REGION,
        account: str | None = ACCOUNT,
        context: Mapping[str, Any] | None = None,
        functions: FunctionSettings | None = None,
        vpc_config: VpcConfig | None = None,
        evaluate_with: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._evaluate_with = evaluate_with
        self._functions = functions
        self._vpc_config = vpc_config
        self.app = App(
            builtin_cloud_formation_validation=False, outdir=str(folder / "cdk.out"), context=dict(context or {})
        )
        self.stack = Stack(self.app, "Foreign", env=Environment(account=account, region=region))

    def template(self) -> Json:
        return to_json(self.stack)

    @cached_property
    def data_store(self) -> DataStore:
        return DataStore(self.stack, "DataStore")

    @cached_property
    def operations_key(self) -> kms.IKey:
        return OperationsKey(self.stack, "OperationsKey").key

    @cached_property
    def service_role(self) -> iam.Role:
        return ServiceRole(self.stack, "ServiceRole", data_store=self.data_store, vpc_config=self._vpc_config).role

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.stack, "Ledger", key=self.operations_key)

    @cached_property
    def training(self) -> TrainingReconciler:
        return TrainingReconciler(
            self.stack,
            "Training",
            ledger=self.ledger,
            data_store=self.data_store,
            service_role=self.service_role,
            functions=self._functions,
        )

    @cached_property
    def serving(self) -> ServingReconciler:
        return ServingReconciler(
            self.stack, "Serving", ledger=self.ledger, data_store=self.data_store, functions=self._functions
        )

    @cached_property
    def evaluations(self) -> EvaluationWorkflow:
        return EvaluationWorkflow(
            self.stack,
            "EvaluationWorkflow",
            ledger=self.ledger,
            data_store=self.data_store,
            model_ids=asked_model_ids(self._evaluate_with, BaseModels.shipped(), self.stack),
            functions=self._functions,
        )

    @cached_property
    def evaluation(self) -> EvaluationReconciler:
        return EvaluationReconciler(
            self.stack,
            "Evaluation",
            ledger=self.ledger,
            data_store=self.data_store,
            evaluations=self.evaluations,
            functions=self._functions,
        )

    @cached_property
    def workflow(self) -> LifecycleWorkflow:
        kinds = (contract.EVALUATION, contract.EVALUATION_AWAIT, contract.QUALITY_GATE) if self._evaluate_with else ()
        return LifecycleWorkflow(
            self.stack,
            "Lifecycle",
            ledger=self.ledger,
            key=self.operations_key,
            reconcilers={
                contract.MODEL_CUSTOMIZATION: self.training,
                contract.TRAINING_AWAIT: self.training,
                contract.PROVISIONED_THROUGHPUT: self.serving,
                contract.CUSTOM_MODEL_DEPLOYMENT: self.serving,
                contract.PROMOTED_MODEL: self.serving,
                contract.SERVING_BAKE: self.serving,
                **(dict.fromkeys(kinds, self.evaluation) if kinds else {}),
            },
            functions=self._functions,
        )

    @cached_property
    def reader(self) -> DatasetProvider:
        return self.reader_with()

    def reader_with(self, **changes: Any) -> DatasetProvider:
        return DatasetProvider(
            self.stack,
            "DatasetReader",
            data_store=self.data_store,
            workflow=self.workflow,
            functions=self._functions,
            **changes,
        )

    @cached_property
    def train(self) -> Dataset:
        return self.dataset("TrainingData")

    def file(self, content: bytes = b'{"messages": []}\n', name: str = "data.jsonl") -> Path:
        path = self._folder / name
        path.write_bytes(content)
        return path

    def dataset(
        self,
        construct_id: str,
        *,
        path: Path | None = None,
        source: DataSource | None = None,
        split: Split = "train",
        base_model: BaseModelProfile = HAIKU,
        reader: DatasetProvider | None = None,
    ) -> Dataset:
        return Dataset(
            self.stack,
            construct_id,
            source=source or DataSource.file(path or self.file()),
            split=split,
            base_model=base_model,
            data_store=self.data_store,
            reader=reader or self.reader,
        )

    def customization(self, construct_id: str = "ModelCustomization", **changes: Any) -> ModelCustomization:
        arguments: dict[str, Any] = {
            "name": "docstrings",
            "environment": "dev",
            "base_model": HAIKU,
            "data_store": self.data_store,
            "service_role": self.service_role,
            "workflow": self.workflow,
            **changes,
        }
        train = arguments.pop("train", None) or self.train
        return ModelCustomization(self.stack, construct_id, train=train, **arguments)

    def notifications(self, **changes: Any) -> TrainingNotifications:
        arguments: dict[str, Any] = {
            "environment": "dev",
            "service_role": self.service_role,
            "key": self.operations_key,
            **changes,
        }
        return TrainingNotifications(self.stack, "Notifications", **arguments)

    def throughput(self, construct_id: str = "ProvisionedThroughput", **changes: Any) -> ProvisionedThroughput:
        arguments: dict[str, Any] = {
            "name": "docstrings",
            "environment": "dev",
            "base_model": HAIKU,
            "training_id": "0123456789ab",
            "attempt": 1,
            "model_units": 1,
            "data_store": self.data_store,
            "workflow": self.workflow,
            **changes,
        }
        return ProvisionedThroughput(self.stack, construct_id, **arguments)

    def deployment(self, construct_id: str = "CustomModelDeployment", **changes: Any) -> CustomModelDeployment:
        arguments: dict[str, Any] = {
            "name": "docstrings",
            "environment": "dev",
            "base_model": NOVA_MICRO,
            "training_id": "0123456789ab",
            "attempt": 1,
            "data_store": self.data_store,
            "workflow": self.workflow,
            **changes,
        }
        return CustomModelDeployment(self.stack, construct_id, **arguments)


class RefusingStack(ForeignStack):
    """A stack for everything that is refused: one that is refused has taken its id, so each gets another."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._numbers = itertools.count(1)

    def customization(self, construct_id: str = "Refused", **changes: Any) -> ModelCustomization:
        return super().customization(f"{construct_id}{next(self._numbers)}", **changes)

    def throughput(self, construct_id: str = "Refused", **changes: Any) -> ProvisionedThroughput:
        return super().throughput(f"{construct_id}{next(self._numbers)}", **changes)
