"""What is stable: data store, service role, and the lifecycle that carries training runs and serving."""

import hashlib
from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnOutput, Stack, Tags, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning import (
    DataStore,
    OperationsKey,
    Promotions,
    ServiceRole,
    TrainingNotifications,
    TrainingReconciler,
    make_foundation,
)
from bedrock_tuning.common.acknowledge import acknowledge_reading_metrics
from bedrock_tuning.common.naming import owner_of, stack_owner_beside
from bedrock_tuning.data.data_store import EVALUATION_RETENTION
from bedrock_tuning.organization.resource_naming import ROOT_PATH
from bedrock_tuning.spending.words import FOUNDATION
from settings import Environment, Notifications, Organization
from stacks.organization import function_settings, given_key, vpc_config
from stacks.remedies import remedies_of_environment
from stacks.spending_outputs import output_spending


class FoundationStack(Stack):
    """Costs next to nothing: two keys, stored objects, and functions that run when something is deployed.

    What the other stacks use of it (bucket, key, role, service token) never changes between training runs, so its
    exports lock nothing.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Environment, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        organization = settings.organization
        self.data_store = self._data_store(
            organization, settings.allow.model_key_arns, evaluates=bool(settings.allow.evaluate_with)
        )
        self._tag_as_ours(self.data_store, settings)
        self.service_role = self._service_role(organization)
        self.kept_role = self._kept_role(organization)
        # Which of them use the lifecycle, Foundation does not know: all names of an environment begin alike.
        stack_names = f"{self.stack_name.removesuffix(construct_id)}*"
        self._operations_key, self._kept_operations_key = self._keys_of_operations(settings)
        self.made = make_foundation(
            self,
            data_store=self.data_store,
            service_role=self.service_role,
            operations_key=self._operations_key,
            functions=function_settings(organization),
            vpc_config=vpc_config(organization.job_vpc),
            name_prefix=organization.name_prefix or "",
            stack_names=stack_names,
            allow_training=settings.allow.train,
            allow_purchases=settings.allow.buy,
            allow_deleting_models=settings.allow.delete_models,
            promotions=self._promotions(settings),
            allow_baking=settings.allow.bake,
            evaluate_with=settings.allow.evaluate_with,
            base_models=settings.base_models,
        )
        CfnOutput(
            self,
            "ModelKeyArns",
            value=", ".join(self.data_store.served_key_arns),
            description="Keys of served models; callers need kms:Decrypt and kms:GenerateDataKey on the model's key",
        )
        about = f"Fine-tuning in environment {settings.name} (data, keys, roles, lifecycle)"
        output_spending(self, about, FOUNDATION, "Bills")
        self._keep_exports()
        if settings.notifications:
            self._notify(settings, settings.notifications, self.made.training)

    def _promotions(self, settings: Environment) -> Promotions | None:
        if not settings.givers:
            return None
        return Promotions(
            environment=settings.name,
            givers=[stack_owner_beside(self, stack) for stack in settings.givers.values()],
        )

    def _keep_exports(self) -> None:
        """Export what Training uses also where nothing is trained: a Training stack from before may still import it."""
        store = self.data_store
        buckets = [each for each in (store.bucket, store.kept_bucket) if each]
        for value in (
            *(each.bucket_name for each in buckets),
            *(each.bucket_arn for each in buckets),
            *(each.key_arn for each in (store.key, store.kept_key) if each),
            *(each.key_arn for each in (self._operations_key, self._kept_operations_key) if each),
            *(each.role_arn for each in (self.service_role, self.kept_role) if each),
            self.made.workflow.service_token,
            self.made.workflow.last_resort.function.function_arn,
            # Of models that have a metric of their own.
            *([self.made.evaluations.functions.score.role.role_arn] if self.made.evaluations else []),
        ):
            if Token.is_unresolved(value):  # what was given is known without an export
                self.export_value(value)

    def _data_store(self, organization: Organization, model_key_arns: Sequence[str], *, evaluates: bool) -> DataStore:
        bucket, keep = organization.bucket, organization.keep
        return DataStore(
            self,
            "DataStore",
            key=given_key(self, "GivenKey", organization.key_arn),
            bucket=s3.Bucket.from_bucket_name(self, "GivenBucket", bucket) if bucket else None,
            model_keys=[
                kms.Key.from_key_arn(self, f"ModelKey{number}", arn) for number, arn in enumerate(model_key_arns, 1)
            ],
            keep_key=keep.key if keep else False,
            keep_bucket=keep.bucket if keep else False,
            evaluation_retention=EVALUATION_RETENTION if evaluates else None,
        )

    def _keys_of_operations(self, settings: Environment) -> tuple[kms.IKey, kms.IKey | None]:
        """Return the key that is used, and the one that was made before, if it is kept."""
        organization = settings.organization
        given = given_key(self, "GivenOperationsKey", organization.operations_key_arn)
        if given and not (organization.keep and organization.keep.operations_key):
            return given, None
        made = OperationsKey(self, "OperationsKey")
        self._tag_as_ours(made, settings)
        return (given, made.key) if given else (made.key, None)

    def _tag_as_ours(self, kept: Construct, settings: Environment) -> None:
        """Let buckets and keys, which outlive the stack, still tell whose they are: so they are removed on request."""
        Tags.of(kept).add(contract.TAG_OWNER, owner_of(self))
        Tags.of(kept).add(contract.TAG_ENVIRONMENT, settings.name)
        Tags.of(kept).add(contract.TAG_APP, settings.app)

    def _service_role(self, organization: Organization) -> iam.IRole:
        if organization.service_role_arn:
            return iam.Role.from_role_arn(self, "GivenServiceRole", organization.service_role_arn, mutable=False)
        return self._made_role(organization, organization.role_path or ROOT_PATH)

    def _kept_role(self, organization: Organization) -> iam.IRole | None:
        if organization.keep is None or organization.keep.service_role is None:
            return None
        role = self._made_role(organization, organization.keep.service_role)
        reason = "it was the service role: a training run that started with it still reads and writes its metrics"
        acknowledge_reading_metrics(role, reason)
        return role

    def _made_role(self, organization: Organization, path: str) -> iam.Role:
        # With another path CloudFormation makes another role. By an id of its own it can stand beside the one before.
        suffix = "" if path == ROOT_PATH else hashlib.sha256(path.encode()).hexdigest()[:8]
        network = vpc_config(organization.job_vpc)
        return ServiceRole(self, f"ServiceRole{suffix}", data_store=self.data_store, vpc_config=network, path=path).role

    def _notify(self, settings: Environment, wanted: Notifications, reconciler: TrainingReconciler) -> None:
        TrainingNotifications(
            self,
            "Notifications",
            environment=settings.name,
            service_role=self.service_role,
            key=self._operations_key,
            reconciler=reconciler,
            email=wanted.email or (),
            topic=sns.Topic.from_topic_arn(self, "Topic", wanted.topic_arn) if wanted.topic_arn else None,
            remedies=remedies_of_environment(settings),
        )
