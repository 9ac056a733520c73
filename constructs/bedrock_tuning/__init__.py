"""Constructs that fine-tune a model on Amazon Bedrock and serve it.

The names are resolved on first use (PEP 562), so that reading a base model's profile does not load the AWS CDK, which
starts a Node.js process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bedrock_tuning.base_models import BaseModelProfile, BaseModels, base_model
    from bedrock_tuning.checks.plugin import BedrockTuningChecks
    from bedrock_tuning.common.remedies import Remedies
    from bedrock_tuning.data.data_store import DataStore
    from bedrock_tuning.data.dataset import Dataset
    from bedrock_tuning.data.dataset_provider import DatasetProvider
    from bedrock_tuning.data.sources import DataSource
    from bedrock_tuning.evaluation.evaluation import Evaluation
    from bedrock_tuning.evaluation.evaluation_await import EvaluationAwait
    from bedrock_tuning.evaluation.evaluation_reconciler import EvaluationReconciler
    from bedrock_tuning.evaluation.evaluation_workflow import EvaluationWorkflow
    from bedrock_tuning.evaluation.inputs import Judge
    from bedrock_tuning.evaluation.metrics import EvaluationMetric
    from bedrock_tuning.evaluation.model_evaluation import ModelEvaluation
    from bedrock_tuning.evaluation.quality_gate import Acceptance, QualityGate
    from bedrock_tuning.fine_tuned_model import FineTunedModel
    from bedrock_tuning.foundation import Foundation, make_foundation
    from bedrock_tuning.lifecycle.ledger import Ledger
    from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
    from bedrock_tuning.lifecycle.operations_key import OperationsKey
    from bedrock_tuning.organization.function_settings import FunctionSettings
    from bedrock_tuning.organization.pipeline_access import PipelineAccess
    from bedrock_tuning.organization.resource_naming import ResourceNaming
    from bedrock_tuning.organization.vpc_config import VpcConfig
    from bedrock_tuning.serving.access_parameters import AccessParameters
    from bedrock_tuning.serving.custom_model_deployment import CustomModelDeployment
    from bedrock_tuning.serving.model_access import ModelAccess
    from bedrock_tuning.serving.promoted_model import PromotedModel
    from bedrock_tuning.serving.provisioned_throughput import ProvisionedThroughput
    from bedrock_tuning.serving.serving_bake import ServingBake
    from bedrock_tuning.serving.serving_reconciler import Promotions, ServingReconciler
    from bedrock_tuning.spending.serving_intent import ServingIntent
    from bedrock_tuning.training.model_customization import ModelCustomization
    from bedrock_tuning.training.service_role import ServiceRole
    from bedrock_tuning.training.training_await import TrainingAwait
    from bedrock_tuning.training.training_notifications import TrainingNotifications
    from bedrock_tuning.training.training_reconciler import TrainingReconciler

_MODULES = {
    "Acceptance": "evaluation.quality_gate",
    "AccessParameters": "serving.access_parameters",
    "BaseModelProfile": "base_models",
    "BaseModels": "base_models",
    "BedrockTuningChecks": "checks.plugin",
    "CustomModelDeployment": "serving.custom_model_deployment",
    "DataSource": "data.sources",
    "DataStore": "data.data_store",
    "Dataset": "data.dataset",
    "DatasetProvider": "data.dataset_provider",
    "Evaluation": "evaluation.evaluation",
    "EvaluationAwait": "evaluation.evaluation_await",
    "EvaluationMetric": "evaluation.metrics",
    "EvaluationReconciler": "evaluation.evaluation_reconciler",
    "EvaluationWorkflow": "evaluation.evaluation_workflow",
    "FineTunedModel": "fine_tuned_model",
    "Foundation": "foundation",
    "FunctionSettings": "organization.function_settings",
    "Judge": "evaluation.inputs",
    "Ledger": "lifecycle.ledger",
    "LifecycleWorkflow": "lifecycle.lifecycle_workflow",
    "ModelAccess": "serving.model_access",
    "ModelCustomization": "training.model_customization",
    "ModelEvaluation": "evaluation.model_evaluation",
    "OperationsKey": "lifecycle.operations_key",
    "PipelineAccess": "organization.pipeline_access",
    "PromotedModel": "serving.promoted_model",
    "Promotions": "serving.serving_reconciler",
    "ProvisionedThroughput": "serving.provisioned_throughput",
    "QualityGate": "evaluation.quality_gate",
    "Remedies": "common.remedies",
    "ResourceNaming": "organization.resource_naming",
    "ServiceRole": "training.service_role",
    "ServingBake": "serving.serving_bake",
    "ServingIntent": "spending.serving_intent",
    "ServingReconciler": "serving.serving_reconciler",
    "TrainingAwait": "training.training_await",
    "TrainingNotifications": "training.training_notifications",
    "TrainingReconciler": "training.training_reconciler",
    "VpcConfig": "organization.vpc_config",
    "base_model": "base_models",
    "make_foundation": "foundation",
}

__all__ = [
    "Acceptance",
    "AccessParameters",
    "BaseModelProfile",
    "BaseModels",
    "BedrockTuningChecks",
    "CustomModelDeployment",
    "DataSource",
    "DataStore",
    "Dataset",
    "DatasetProvider",
    "Evaluation",
    "EvaluationAwait",
    "EvaluationMetric",
    "EvaluationReconciler",
    "EvaluationWorkflow",
    "FineTunedModel",
    "Foundation",
    "FunctionSettings",
    "Judge",
    "Ledger",
    "LifecycleWorkflow",
    "ModelAccess",
    "ModelCustomization",
    "ModelEvaluation",
    "OperationsKey",
    "PipelineAccess",
    "PromotedModel",
    "Promotions",
    "ProvisionedThroughput",
    "QualityGate",
    "Remedies",
    "ResourceNaming",
    "ServiceRole",
    "ServingBake",
    "ServingIntent",
    "ServingReconciler",
    "TrainingAwait",
    "TrainingNotifications",
    "TrainingReconciler",
    "VpcConfig",
    "base_model",
    "make_foundation",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
