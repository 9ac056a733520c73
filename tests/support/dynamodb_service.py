"""MiniStack's DynamoDB in this process, behind the hook in which botocore would send."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from ministack.services import dynamodb as ministack_dynamodb

from tests.support.wire import body_of, headers_of, response

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE: Final = "ledger"
DATE: Final = "Fri, 15 Nov 2024 12:00:00 GMT"


class DynamoDBService:
    """A table `ledger` with a client, and the operations that were called. `date` is the service's clock."""

    def __init__(self) -> None:
        ministack_dynamodb.reset()
        self.date = DATE
        self.calls: list[str] = []
        self.client: DynamoDBClient = boto3.client(
            "dynamodb",
            region_name="us-west-2",
            endpoint_url="https://dynamodb.invalid",
            aws_access_key_id="any",
            aws_secret_access_key="any",
            config=Config(retries={"total_max_attempts": 1}),
        )
        events: Any = self.client.meta.events
        events.register("before-send.dynamodb", self._send)
        self.client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "Resource", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "Resource", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.calls.clear()

    def item(self, key: str) -> dict[str, Any]:
        """Return an item as it is stored."""
        found: dict[str, Any] = dict(self.client.get_item(TableName=TABLE, Key={"Resource": {"S": key}})["Item"])
        return found

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        headers = headers_of(request)
        self.calls.append(headers["x-amz-target"].rpartition(".")[2])
        answer = ministack_dynamodb.handle_request("POST", "/", headers, body_of(request), {})
        status, answered, content = asyncio.run(answer)
        return response(request, status, {**answered, "Date": self.date}, content)
