"""Where data, metrics and models of a team's training runs live: one bucket, its key, and the bucket's access logs."""

from collections.abc import Sequence
from typing import Final, cast

from aws_cdk import Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import CONFIDENTIAL, KEPT_DAYS
from bedrock_tuning.common.acknowledge import acknowledge
from bedrock_tuning.common.new_key import new_key
from bedrock_tuning.common.types import GivenKey

# What a rolled back create has made holds nothing yet, and would be left behind by each try.
_KEPT: Final = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
# Longer than any run of an evaluation.
EVALUATION_RETENTION: Final = Duration.days(KEPT_DAYS)
_LOGS_OF_DATA: Final = "data-store/"


class DataStore(Construct):
    """One bucket with the prefixes `train/`, `validation/`, `test/` and `output/`, encrypted with one key.

    TLS only, no public access, SSE-KMS with a bucket key, versioned, access logged. Bucket and key are retained when
    the stack is deleted, and so are the policies of the buckets: training data is yours, and a custom model is
    unreadable without the key. If the first deployment fails, they are deleted.

    Args:
        output_retention: When metrics and reports under `output/` are deleted, with every version; an overwritten
            version is deleted a day later. Default: never.
        key: An existing symmetric key. Its policy must allow the service role and the lifecycle to use it through
            Amazon S3 and Amazon Bedrock, and Bedrock itself to serve Nova models with it. Default: a new key, rotated
            yearly.
        bucket: An existing bucket in the Region of the training runs, encrypted with `key` or by Amazon S3 itself. Its
            policy, logging and lifecycle rules are not changed. Default: a new bucket.
        access_log_retention: When access logs are deleted, with every version of them. Default: 365 days.
        model_keys: Further keys whose custom models may be served and invoked: those of models that were trained in
            another environment, or before this one had its key. They encrypt nothing new. Their policies must allow the
            lifecycle, and callers, to use them through Amazon Bedrock, as those of keys created here do. Data that a
            bucket created here has under one of them is read too. Default: none.
        evaluation_retention: When records, answers and rubrics of evaluations, under `evaluation/confidential/`, are
            deleted from a bucket created here, with every version; numbers stay. Default: never.
        keep_key: Together with `key`: keeps the key that was created before in the template, usable as before. Needed
            while another stack imports it, see docs/how-to/organization.md. Default: False.
        keep_bucket: The same for the bucket, together with `bucket`. Default: False.

    Attributes:
        bucket: The bucket.
        key: The key that encrypts the bucket and the custom models.
        model_keys: The further keys.
        kept_bucket: The bucket that was created before; None unless `keep_bucket` is set.
        kept_key: The key that was created before; None unless `keep_key` is set.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        output_retention: Duration | None = None,
        key: GivenKey | None = None,
        bucket: s3.IBucket | None = None,
        access_log_retention: Duration | None = None,
        model_keys: Sequence[GivenKey] = (),
        evaluation_retention: Duration | None = None,
        keep_key: bool = False,
        keep_bucket: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._is_made = bucket is None
        self.kept_key: kms.IKey | None = self._new_key() if key and keep_key else None
        self.key: kms.IKey = key or self._new_key()
        self.model_keys: tuple[kms.IKey, ...] = tuple(model_keys)
        retentions = (output_retention, access_log_retention, evaluation_retention)
        self.kept_bucket: s3.IBucket | None = None
        if bucket and keep_bucket:
            self.kept_bucket = self._new_bucket(self.kept_key or self.key, *retentions)
        self.bucket: s3.IBucket = bucket or self._new_bucket(self.key, *retentions)

    def _new_bucket(
        self,
        key: kms.IKey,
        output_retention: Duration | None,
        access_log_retention: Duration | None,
        evaluation_retention: Duration | None,
    ) -> s3.IBucket:
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            # The only encryption that a target of access logs may have (Amazon S3 user guide, "Setting default
            # server-side encryption behavior for Amazon S3 buckets").
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=_deletion(access_log_retention or Duration.days(365)),
            removal_policy=_KEPT,
        )
        # Its name may be cut where it says what it is for.
        Tags.of(access_logs).add(contract.TAG_RESOURCE, contract.ACCESS_LOGS)
        data = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7)),
                *(_deletion(output_retention, contract.OUTPUT_PREFIX) if output_retention else ()),
                *(_deletion(evaluation_retention, CONFIDENTIAL) if evaluation_retention else ()),
            ],
            removal_policy=_KEPT,
        )
        self._log_accesses(data, access_logs)
        acknowledge(
            access_logs,
            "S3DefaultEncryptionKMS",
            "Amazon S3 delivers access logs only to buckets with SSE-S3 (user guide, default encryption)",
        )
        acknowledge(access_logs, "AccessLogging", "this bucket has the access logs; it would log itself")
        for bucket in (access_logs, data):
            # Without its policy, a bucket that is kept would take requests without TLS, and no access logs.
            cast("s3.BucketPolicy", bucket.policy).apply_removal_policy(_KEPT)
            acknowledge(
                bucket,
                "S3BucketReplicationEnabled",
                "training data must not be copied to a Region that nobody chose; the bucket and its versions are kept",
            )
        return data

    def _log_accesses(self, data: s3.Bucket, access_logs: s3.Bucket) -> None:
        """Have the bucket's accesses logged, by a policy: the L2's own way depends on a feature flag of the app."""
        access_logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[access_logs.arn_for_objects(f"{_LOGS_OF_DATA}*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": data.bucket_arn},
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                },
            )
        )
        cast("s3.CfnBucket", data.node.default_child).logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=access_logs.bucket_name, log_file_prefix=_LOGS_OF_DATA
        )

    def _new_key(self) -> kms.IKey:
        what = "Encrypts training data, metrics and custom models of Bedrock fine-tuning"
        key = new_key(self, description=what, removal_policy=_KEPT)
        # Bedrock optimizes a Nova model while it creates its throughput, and then acts as itself (Amazon Nova user
        # guide, "Encryption of Amazon Nova model customization jobs and artifacts").
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ServeNovaModels",
                principals=[iam.ServicePrincipal("bedrock.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "aws:bedrock:custom-model"}},
            )
        )
        return key

    def uri(self, key: str) -> str:
        """Return the `s3://` URI of a key in the bucket."""
        return f"s3://{self.bucket.bucket_name}/{key}"

    def bucket_arns(self, *, kept: bool = False) -> list[str]:
        """Return the ARN of the bucket; `kept` adds that of the earlier bucket, for roles of the same stack."""
        return [each.bucket_arn for each in (self.bucket, self.kept_bucket if kept else None) if each]

    def object_arns(self, *prefixes: str, kept: bool = False) -> list[str]:
        """Return the ARNs that cover every object under the prefixes; `kept` as for `bucket_arns`."""
        return [f"{arn}/{prefix}*" for arn in self.bucket_arns(kept=kept) for prefix in prefixes]

    def key_statement(self, *actions: str, via: str, kept: bool = False) -> iam.PolicyStatement:
        """Return a statement that allows the use of the key only through a service (`s3` or `bedrock`).

        `kept` as for `bucket_arns`.
        """
        return self._use(actions, [each for each in (self.key, self.kept_key if kept else None) if each], via)

    def older_data_statements(self) -> list[iam.PolicyStatement]:
        """Return statements for reading older objects that one of `model_keys` encrypts."""
        # Another key of a bucket is for what is written from then on (Amazon S3 user guide, "Setting default
        # server-side encryption behavior for Amazon S3 buckets").
        return [self._use(["Decrypt"], self.model_keys, "s3")] if self.model_keys and self._is_made else []

    @property
    def served_key_arns(self) -> list[str]:
        """The keys that a model which is served may be under."""
        return [key.key_arn for key in (self.key, *self.model_keys)]

    def served_keys_statement(self, *actions: str, key_arn: str | None = None) -> iam.PolicyStatement:
        """Return a statement that allows the use of every key whose models may be served, only through Bedrock.

        `key_arn` adds that of a promoted model.
        """
        statement = self._use(actions, [self.key, *self.model_keys], "bedrock")
        if key_arn:
            statement.add_resources(key_arn)
        return statement

    def _use(self, actions: Sequence[str], keys: Sequence[kms.IKey], via: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[f"kms:{action}" for action in actions],
            resources=[key.key_arn for key in keys],
            conditions={"StringEquals": {"kms:ViaService": f"{via}.{Stack.of(self).region}.amazonaws.com"}},
        )


def _deletion(after: Duration, prefix: str | None = None) -> list[s3.LifecycleRule]:
    """Return the rules that delete objects of a versioned bucket for good.

    An expiration alone puts a delete marker before the object, which stays, and is billed, as a noncurrent version
    (Amazon S3 user guide, "Expiring objects"). The marker takes a rule of its own (API reference, LifecycleExpiration).
    """
    return [
        s3.LifecycleRule(prefix=prefix, expiration=after, noncurrent_version_expiration=Duration.days(1)),
        s3.LifecycleRule(prefix=prefix, expired_object_delete_marker=True),
    ]
