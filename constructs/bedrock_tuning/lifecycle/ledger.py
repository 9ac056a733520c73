"""The table in which the lifecycle writes down who may act on what."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.common.acknowledge import acknowledge
from bedrock_tuning.common.types import GivenKey
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction


class Ledger(Construct):
    """One item per custom resource: the requests seen, their generations, and the lease.

    It has no data and no secret, and everything in it can be restored from the tags in Bedrock. So it is deleted with
    its stack.

    Args:
        key: Encrypts the table, and the logs of the functions that use it; so its policy must allow CloudWatch Logs to
            use it. See `OperationsKey`.

    Attributes:
        key: That key.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: GivenKey) -> None:
        super().__init__(scope, construct_id)
        self.key: kms.IKey = key
        self.table: dynamodb.Table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="Resource", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            time_to_live_attribute="ExpiresAt",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.table,
            "DynamoDBInBackupPlan",
            "a backup would restore old requests and leases; point-in-time recovery is on",
        )
        self.environment: dict[str, str] = {
            contract.LEDGER_TABLE_VARIABLE: self.table.table_name,
            contract.LEASE_SECONDS_VARIABLE: str(contract.LEASE_SECONDS),
        }

    def grant_use(self, function: LifecycleFunction) -> None:
        """Allow a function to read and write items, but not to scan or delete them."""
        self._allow(function, "dynamodb:GetItem", "dynamodb:UpdateItem")

    def grant_read(self, function: LifecycleFunction) -> None:
        """Allow a function to read items."""
        self._allow(function, "dynamodb:GetItem")

    def _allow(self, function: LifecycleFunction, *actions: str) -> None:
        function.allow(*actions, on=[self.table.table_arn])
        function.allow(
            "kms:Decrypt",
            "kms:GenerateDataKey",
            on=[self.key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{Stack.of(self).region}.amazonaws.com"}},
        )
