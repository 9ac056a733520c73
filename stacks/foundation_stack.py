"""What is stable: data store, service role, and the lifecycle that carries trainings and serving."""

import hashlib
from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack, Tags, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning import (
    DataStore,
    Ledger,
    LifecycleWorkflow,
    ServiceRole,
    ServingReconciler,
    TrainingNotifications,
    TrainingReconciler,
)
from bedrock_tuning.owner import owner_of
from bedrock_tuning.resource_naming import ROOT_PATH
from stacks.organization import function_settings, vpc_config
from stacks.settings import Environment, Notifications, Organization


class FoundationStack(Stack):
    """Costs next to nothing: a key, stored objects, and functions that run when something is deployed.

    What the other stacks use of it (bucket, key, role, service token) never changes between trainings, so its exports
    lock nothing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Environment, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        organization = settings.organization
        functions = function_settings(organization)
        self.data_store = self._data_store(organization, settings.serving.model_key_arns if settings.serving else ())
        # Bucket and key outlive the stack: by these tags they still tell whose they are, and are removed on request.
        Tags.of(self.data_store).add(contract.TAG_OWNER, owner_of(self))
        Tags.of(self.data_store).add(contract.TAG_ENVIRONMENT, settings.environment)
        self.service_role = self._service_role(organization)
        kept_path = organization.keep.service_role if organization.keep else None
        self.kept_role = self._made_role(organization, kept_path) if kept_path else None
        ledger = Ledger(self, "Ledger", key=self.data_store.key)
        training = TrainingReconciler(
            self,
            "Training",
            ledger=ledger,
            data_store=self.data_store,
            service_role=self.service_role,
            functions=functions,
        )
        serving = ServingReconciler(self, "Serving", ledger=ledger, data_store=self.data_store, functions=functions)
        self.workflow = LifecycleWorkflow(
            self,
            "Lifecycle",
            ledger=ledger,
            key=self.data_store.key,
            reconcilers={
                contract.MODEL_CUSTOMIZATION: training,
                contract.TRAINING_AWAIT: training,
                contract.PROVISIONED_THROUGHPUT: serving,
                contract.CUSTOM_MODEL_DEPLOYMENT: serving,
            },
            functions=functions,
            name_prefix=organization.name_prefix or "",
        )
        self._keep_exports()
        if settings.notifications:
            self._notify(settings, settings.notifications, training)

    def _keep_exports(self) -> None:
        """Export what Training uses also where nothing is trained: a Training stack from before may still import it."""
        store = self.data_store
        buckets = [each for each in (store.bucket, store.kept_bucket) if each]
        for value in (
            *(each.bucket_name for each in buckets),
            *(each.bucket_arn for each in buckets),
            *(each.key_arn for each in (store.key, store.kept_key) if each),
            *(each.role_arn for each in (self.service_role, self.kept_role) if each),
            self.workflow.service_token,
            self.workflow.last_resort.function.function_arn,
        ):
            if Token.is_unresolved(value):  # what was given is known without an export
                self.export_value(value)

    def _data_store(self, organization: Organization, model_key_arns: Sequence[str]) -> DataStore:
        key_arn, bucket, keep = organization.key_arn, organization.bucket, organization.keep
        return DataStore(
            self,
            "DataStore",
            key=kms.Key.from_key_arn(self, "GivenKey", key_arn) if key_arn else None,
            bucket=s3.Bucket.from_bucket_name(self, "GivenBucket", bucket) if bucket else None,
            model_keys=[
                kms.Key.from_key_arn(self, f"ModelKey{number}", arn) for number, arn in enumerate(model_key_arns, 1)
            ],
            keep_key=keep.key if keep else False,
            keep_bucket=keep.bucket if keep else False,
        )

    def _service_role(self, organization: Organization) -> iam.IRole:
        if organization.service_role_arn:
            return iam.Role.from_role_arn(self, "GivenServiceRole", organization.service_role_arn, mutable=False)
        return self._made_role(organization, organization.role_path or ROOT_PATH)

    def _made_role(self, organization: Organization, path: str) -> iam.IRole:
        # With another path CloudFormation makes another role. By an id of its own it can stand beside the one before.
        suffix = "" if path == ROOT_PATH else hashlib.sha256(path.encode()).hexdigest()[:8]
        network = vpc_config(organization.job_vpc)
        return ServiceRole(self, f"ServiceRole{suffix}", data_store=self.data_store, vpc_config=network, path=path).role

    def _notify(self, settings: Environment, wanted: Notifications, reconciler: TrainingReconciler) -> None:
        TrainingNotifications(
            self,
            "Notifications",
            name=settings.name,
            environment=settings.environment,
            service_role=self.service_role,
            key=self.data_store.key,
            reconciler=reconciler,
            email=wanted.email or (),
            topic=sns.Topic.from_topic_arn(self, "Topic", wanted.topic_arn) if wanted.topic_arn else None,
        )
