"""The ledger: one encrypted table, of which a function may read and write items."""

from aws_cdk import Duration
from aws_cdk.assertions import Template

from bedrock_lifecycle import contract
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from tests.synth.foreign import REGION, ForeignStack
from tests.synth.templates import Grant, condition, grants, logical_id


def test_is_one_table_keyed_by_resource_and_encrypted_with_the_key(foreign: ForeignStack) -> None:
    ledger = foreign.ledger
    template = Template.from_stack(foreign.stack)
    template.resource_count_is("AWS::DynamoDB::Table", 1)
    template.has_resource_properties(
        "AWS::DynamoDB::Table",
        {
            "KeySchema": [{"AttributeName": "Resource", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "Resource", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {
                "SSEEnabled": True,
                "SSEType": "KMS",
                "KMSMasterKeyId": {"Fn::GetAtt": [logical_id(foreign.operations_key), "Arn"]},
            },
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "TimeToLiveSpecification": {"AttributeName": "ExpiresAt", "Enabled": True},
        },
    )
    assert logical_id(ledger.table) in template.find_resources("AWS::DynamoDB::Table")


def test_goes_with_its_stack(foreign: ForeignStack) -> None:
    assert foreign.ledger
    Template.from_stack(foreign.stack).has_resource("AWS::DynamoDB::Table", {"DeletionPolicy": "Delete"})


def test_lets_a_function_read_and_write_items_and_never_scan_or_delete(foreign: ForeignStack) -> None:
    function = LifecycleFunction(
        foreign.stack,
        "User",
        handler="a.b",
        description="Uses the ledger",
        timeout=Duration.seconds(3),
        key=foreign.operations_key,
    )
    foreign.ledger.grant_use(function)
    table = f"<{logical_id(foreign.ledger.table)}.Arn>"
    key = f"<{logical_id(foreign.operations_key)}.Arn>"
    through_dynamodb = condition(StringEquals={"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"})
    held = {each for each in grants(foreign.template(), function.role) if not each.action.startswith("logs:")}
    assert held == {
        Grant("dynamodb:GetItem", table),
        Grant("dynamodb:UpdateItem", table),
        Grant("kms:Decrypt", key, through_dynamodb),
        Grant("kms:GenerateDataKey", key, through_dynamodb),
    }


def test_tells_functions_where_it_is_and_how_long_a_lease_lasts(foreign: ForeignStack) -> None:
    environment = foreign.stack.resolve(foreign.ledger.environment)
    assert environment == {
        contract.LEDGER_TABLE_VARIABLE: {"Ref": logical_id(foreign.ledger.table)},
        contract.LEASE_SECONDS_VARIABLE: str(contract.LEASE_SECONDS),
    }
