"""The key of everything that is neither data nor model."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from bedrock_tuning.common.new_key import new_key


class OperationsKey(Construct):
    """Encrypts what the lifecycle runs on: ledger, workflow, logs, messages. Rotated yearly.

    It is another key than that of data and models, which therefore has to trust the account and Bedrock alone. Nothing
    here rests on that one: while it is disabled, or about to be deleted, what bills can still be deleted.

    With its stack it is scheduled for deletion, in 30 days: all that it encrypts goes with that stack too.

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
