"""Constructs that fine-tune a model on Amazon Bedrock and serve it."""

from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data_store import DataStore
from bedrock_tuning.dataset import Dataset
from bedrock_tuning.dataset_reader import DatasetReader
from bedrock_tuning.ledger import Ledger
from bedrock_tuning.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.model_customization import ModelCustomization
from bedrock_tuning.provisioned_throughput import ProvisionedThroughput
from bedrock_tuning.service_role import ServiceRole
from bedrock_tuning.serving_reconciler import ServingReconciler
from bedrock_tuning.training_await import TrainingAwait
from bedrock_tuning.training_reconciler import TrainingReconciler

__all__ = [
    "BaseModelProfile",
    "DataStore",
    "Dataset",
    "DatasetReader",
    "Ledger",
    "LifecycleWorkflow",
    "ModelCustomization",
    "ProvisionedThroughput",
    "ServiceRole",
    "ServingReconciler",
    "TrainingAwait",
    "TrainingReconciler",
]
