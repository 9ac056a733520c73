"""Where data, metrics and models of a team's trainings live: one bucket, its key, and the bucket's access logs."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.acknowledge import acknowledge
from bedrock_tuning.given import GivenKey


class DataStore(Construct):
    """One bucket with the prefixes `train/`, `validation/`, `test/` and `output/`, encrypted with one key.

    TLS only, no public access, SSE-KMS with a bucket key, versioned, access logged, retained with its key when the
    stack is deleted: training data is the user's, and a custom model is unreadable without the key.

    Args:
        output_retention: When metrics under `output/` expire. Default: they are kept for ever.
        key: A symmetric key of yours; its policy must let the service role and the lifecycle use it through Amazon S3
            and Amazon Bedrock, Bedrock itself serve Nova models with it, and CloudWatch Logs encrypt logs. Default: a
            new key, rotated yearly.
        bucket: A bucket of yours in the Region of the trainings, encrypted with `key` or by Amazon S3 itself. It is
            used as it is: no policy, logging or life cycle of it is changed. Default: a new bucket.
        access_log_retention: When access logs expire. Default: 365 days.
        model_keys: Further keys whose custom models may be served and invoked: of a model that was trained in another
            environment, or before this one had its key. Nothing is encrypted with them; their policies must let the
            lifecycle, and who invokes, use them through Amazon Bedrock, as those of keys made here do. Default: none.

    Attributes:
        bucket: The bucket.
        key: The key that encrypts the bucket and the custom models.
        model_keys: The further keys.
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
    ) -> None:
        super().__init__(scope, construct_id)
        self.key: kms.IKey = key or self._new_key()
        self.model_keys: tuple[kms.IKey, ...] = tuple(model_keys)
        self.bucket: s3.IBucket = bucket or self._new_bucket(output_retention, access_log_retention)

    def _new_bucket(self, output_retention: Duration | None, access_log_retention: Duration | None) -> s3.IBucket:
        access_logs = s3.Bucket(
            self,
            "AccessLogs",
            # The only encryption that a target of access logs may have (Amazon S3 user guide, "Setting default
            # server-side encryption behavior for Amazon S3 buckets").
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=access_log_retention or Duration.days(365))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        data = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="data-store/",
            lifecycle_rules=_lifecycle_rules(output_retention),
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(
            access_logs,
            "S3DefaultEncryptionKMS",
            "Amazon S3 delivers access logs only to buckets with SSE-S3 (user guide, default encryption)",
        )
        acknowledge(access_logs, "AccessLogging", "it takes the access logs; a log of its own would log itself")
        for bucket in (access_logs, data):
            acknowledge(
                bucket,
                "S3BucketReplicationEnabled",
                "training data must not leave for a Region that nobody named; versions are kept, and so is the bucket",
            )
        return data

    def _new_key(self) -> kms.IKey:
        key = kms.Key(
            self,
            "Key",
            description="Encrypts training data, metrics and custom models of Bedrock fine-tuning",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
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
        # Amazon CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service"; its
        # DescribeKey is left out, which has no encryption context and so is never allowed under this condition.
        stack = Stack.of(self)
        log_groups = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:*"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EncryptLogs",
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )
        return key

    def uri(self, key: str) -> str:
        """Return the `s3://` URI of a key in the bucket."""
        return f"s3://{self.bucket.bucket_name}/{key}"

    def object_arns(self, *prefixes: str) -> list[str]:
        """Return the ARNs that cover every object under the prefixes."""
        return [self.bucket.arn_for_objects(f"{prefix}*") for prefix in prefixes]

    def key_statement(self, *actions: str, via: str) -> iam.PolicyStatement:
        """Return a statement that allows the use of the key only through a service (`s3` or `bedrock`)."""
        return self._use(actions, [self.key], via)

    @property
    def served_key_arns(self) -> list[str]:
        """The keys that a model which is served may be under."""
        return [key.key_arn for key in (self.key, *self.model_keys)]

    def served_keys_statement(self, *actions: str) -> iam.PolicyStatement:
        """Return a statement that allows the use of every key whose models may be served, only through Bedrock."""
        return self._use(actions, [self.key, *self.model_keys], "bedrock")

    def _use(self, actions: Sequence[str], keys: Sequence[kms.IKey], via: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[f"kms:{action}" for action in actions],
            resources=[key.key_arn for key in keys],
            conditions={"StringEquals": {"kms:ViaService": f"{via}.{Stack.of(self).region}.amazonaws.com"}},
        )


def _lifecycle_rules(output_retention: Duration | None) -> list[s3.LifecycleRule]:
    rules = [s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(7))]
    if output_retention:
        rules.append(s3.LifecycleRule(prefix=contract.OUTPUT_PREFIX, expiration=output_retention))
    return rules
