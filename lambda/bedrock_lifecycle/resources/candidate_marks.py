"""When a candidate was asked for last, and when its end began: what Bedrock does not show at once is remembered.

Nobody promises that a deployment is seen as soon as it was asked for, and a function that was stopped may still ask.
"""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import counter_key
from bedrock_lifecycle.engine import clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NO_CONDITION: Final = "ConditionalCheckFailedException"


class CandidateMarks:
    """Marks on the item of an evaluation's counter."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, evaluation: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._key = {"Resource": {"S": counter_key(evaluation)}}

    def begins(self) -> bool:
        """Note that the candidate is about to be asked for; False while a function may run that is to end it.

        A function asks right after this, within the time-outs of its client, which a lease outlasts: whoever asks for
        it later than that is of another run.
        """
        now = int(clock.wall_clock())
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET CandidateAsked = :now",
                ConditionExpression="attribute_not_exists(CandidateEnds) OR CandidateEnds < :before",
                ExpressionAttributeValues={
                    ":now": {"N": str(now)},
                    ":before": {"N": str(now - contract.LEASE_SECONDS)},
                },
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NO_CONDITION:
                return False
            raise
        return True

    def ends(self) -> None:
        """Note that the candidate is being deleted."""
        self._dynamodb.update_item(
            TableName=self._table,
            Key=self._key,
            UpdateExpression="SET CandidateEnds = :now",
            ExpressionAttributeValues={":now": {"N": str(int(clock.wall_clock()))}},
        )

    def forgets(self) -> None:
        """Note that the candidate that was asked for was seen, or was refused."""
        self._dynamodb.update_item(TableName=self._table, Key=self._key, UpdateExpression="REMOVE CandidateAsked")

    def may_appear(self) -> bool:
        """Tell whether a candidate was asked for so short a time ago that it may not be seen yet."""
        item = self._dynamodb.get_item(TableName=self._table, Key=self._key, ConsistentRead=True).get("Item", {})
        asked = int(item["CandidateAsked"]["N"]) if "CandidateAsked" in item else None
        return asked is not None and clock.wall_clock() - asked < clock.SEEN_WITHIN.total_seconds()
