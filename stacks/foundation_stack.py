"""What is stable: data store, service role, and the lifecycle that carries trainings and serving."""

from typing import Any

from aws_cdk import Stack, Tags
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning import (
    DataStore,
    Ledger,
    LifecycleWorkflow,
    ServiceRole,
    ServingReconciler,
    TrainingReconciler,
)
from bedrock_tuning.owner import owner_of
from stacks.settings import Environment


class FoundationStack(Stack):
    """Costs next to nothing: a key, stored objects, and functions that run when something is deployed.

    What the other stacks use of it (bucket, key, role, service token) never changes between trainings, so its exports
    lock nothing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Environment, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.data_store = DataStore(self, "DataStore")
        # Bucket and key outlive the stack: by these tags they still tell whose they are, and are removed on request.
        Tags.of(self.data_store).add(contract.TAG_OWNER, owner_of(self))
        Tags.of(self.data_store).add(contract.TAG_ENVIRONMENT, settings.environment)
        self.service_role = ServiceRole(self, "ServiceRole", data_store=self.data_store).role
        ledger = Ledger(self, "Ledger", key=self.data_store.key)
        training = TrainingReconciler(
            self, "Training", ledger=ledger, data_store=self.data_store, service_role=self.service_role
        )
        self.workflow = LifecycleWorkflow(
            self,
            "Lifecycle",
            ledger=ledger,
            key=self.data_store.key,
            reconcilers={
                contract.MODEL_CUSTOMIZATION: training,
                contract.TRAINING_AWAIT: training,
                contract.PROVISIONED_THROUGHPUT: ServingReconciler(
                    self, "Serving", ledger=ledger, data_store=self.data_store
                ),
            },
        )
