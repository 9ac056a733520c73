"""Constructs that fine-tune a model on Amazon Bedrock and serve it.

The names are resolved on first use (PEP 562), so that reading a base model's profile does not load the AWS CDK, which
starts a Node.js process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bedrock_tuning.base_models import BaseModelProfile, BaseModels
    from bedrock_tuning.checks.plugin import BedrockTuningChecks
    from bedrock_tuning.custom_model_deployment import CustomModelDeployment
    from bedrock_tuning.data_sources import DataSource
    from bedrock_tuning.data_store import DataStore
    from bedrock_tuning.dataset import Dataset
    from bedrock_tuning.dataset_reader import DatasetReader
    from bedrock_tuning.function_settings import FunctionSettings
    from bedrock_tuning.ledger import Ledger
    from bedrock_tuning.lifecycle_workflow import LifecycleWorkflow
    from bedrock_tuning.model_customization import ModelCustomization
    from bedrock_tuning.notifications import TrainingNotifications
    from bedrock_tuning.operations_key import OperationsKey
    from bedrock_tuning.provisioned_throughput import ProvisionedThroughput
    from bedrock_tuning.resource_naming import ResourceNaming
    from bedrock_tuning.service_role import ServiceRole
    from bedrock_tuning.serving_intent import ServingIntent
    from bedrock_tuning.serving_reconciler import ServingReconciler
    from bedrock_tuning.training_await import TrainingAwait
    from bedrock_tuning.training_reconciler import TrainingReconciler
    from bedrock_tuning.vpc_config import VpcConfig

_MODULES = {
    "BaseModelProfile": "base_models",
    "BaseModels": "base_models",
    "BedrockTuningChecks": "checks.plugin",
    "CustomModelDeployment": "custom_model_deployment",
    "DataSource": "data_sources",
    "DataStore": "data_store",
    "Dataset": "dataset",
    "DatasetReader": "dataset_reader",
    "FunctionSettings": "function_settings",
    "Ledger": "ledger",
    "LifecycleWorkflow": "lifecycle_workflow",
    "ModelCustomization": "model_customization",
    "OperationsKey": "operations_key",
    "ProvisionedThroughput": "provisioned_throughput",
    "ResourceNaming": "resource_naming",
    "ServiceRole": "service_role",
    "ServingIntent": "serving_intent",
    "ServingReconciler": "serving_reconciler",
    "TrainingAwait": "training_await",
    "TrainingNotifications": "notifications",
    "TrainingReconciler": "training_reconciler",
    "VpcConfig": "vpc_config",
}

__all__ = [
    "BaseModelProfile",
    "BaseModels",
    "BedrockTuningChecks",
    "CustomModelDeployment",
    "DataSource",
    "DataStore",
    "Dataset",
    "DatasetReader",
    "FunctionSettings",
    "Ledger",
    "LifecycleWorkflow",
    "ModelCustomization",
    "OperationsKey",
    "ProvisionedThroughput",
    "ResourceNaming",
    "ServiceRole",
    "ServingIntent",
    "ServingReconciler",
    "TrainingAwait",
    "TrainingNotifications",
    "TrainingReconciler",
    "VpcConfig",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
