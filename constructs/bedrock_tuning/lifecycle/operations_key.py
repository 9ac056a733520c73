"""The key of everything that is neither data nor model."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from bedrock_tuning.common.new_key import new_key


class OperationsKey(Construct):
    """Encrypts what the lifecycle uses: ledger, workflow, logs, messages. Rotated yearly.

    It is separate from the key of data and models, which therefore must trust only the account and Bedrock. Nothing
    here depends on that key: even if it is disabled or about to be deleted, what bills can still be deleted.

    When its stack is deleted, it is scheduled for deletion in 30 days: everything that it encrypts is deleted with the
    stack too.

    Attributes:
        key: The key.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        what = "Encrypts ledger, workflow, logs and messages of Bedrock fine-tuning; no data and no model"
        key = new_key(self, description=what, removal_policy=RemovalPolicy.DESTROY)
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
        self.key: kms.IKey = key
