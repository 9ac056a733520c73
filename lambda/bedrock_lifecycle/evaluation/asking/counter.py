"""The one counter of an evaluation's tokens, over all of its runs and functions: what bounds the bill.

Tokens are reserved before anybody is asked, and what was not used is given back afterwards. What is asked by a function
that is ended in between stays reserved: the counter is never below what was used.
"""

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.contract.evaluation_store import counter_key
from bedrock_lifecycle.engine import clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# As long as the ledger keeps what it has of a request that is over.
_KEPT_SECONDS: Final = 400 * 24 * 3600
# Of what must be counted: twice is better than not at all.
_TRIES: Final = 3
_NO_CONDITION: Final = "ConditionalCheckFailedException"


class Counted(NamedTuple):
    """What was counted so far."""

    tokens: int = 0
    throttled: int = 0


class Counter(Protocol):
    """Counts the tokens of one evaluation."""

    def reserve(self, tokens: int) -> bool:
        """Count so many tokens unless the bound would be crossed; tell whether they are counted."""
        ...

    def settle(self, *, reserved: int, used: int, throttled: int = 0) -> None:
        """Count what was used in place of what was reserved for it, and how many requests were throttled."""
        ...

    def read(self) -> Counted:
        """Return what is counted."""
        ...


class LedgerCounter:
    """The counter as an item of the ledger's table. `dynamodb` must not retry: an addition is no request to repeat."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, evaluation: str, max_tokens: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._evaluation = evaluation
        self._max_tokens = max_tokens

    def reserve(self, tokens: int) -> bool:
        """See `Counter`."""
        rest = self._max_tokens - tokens
        if rest < 0:
            return False
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET ExpiresAt = :expires ADD Tokens :tokens",
                ConditionExpression="attribute_not_exists(Tokens) OR Tokens <= :rest",
                ExpressionAttributeValues={
                    ":expires": {"N": str(int(clock.wall_clock()) + _KEPT_SECONDS)},
                    ":tokens": {"N": str(tokens)},
                    ":rest": {"N": str(rest)},
                },
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NO_CONDITION:
                return False
            raise
        return True

    def settle(self, *, reserved: int, used: int, throttled: int = 0) -> None:
        """See `Counter`. What would only be given back is tried once, since a repeated request may do it twice."""
        for tries_left in reversed(range(_TRIES if used > reserved else 1)):
            try:
                self._add(used - reserved, throttled)
            except (ClientError, BotoCoreError):
                if used > reserved and not tries_left:
                    raise
            else:
                return

    def read(self) -> Counted:
        """See `Counter`."""
        item = self._dynamodb.get_item(TableName=self._table, Key=self._key, ConsistentRead=True).get("Item", {})
        return Counted(*(int(item[name]["N"]) if name in item else 0 for name in ("Tokens", "Throttled")))

    def _add(self, tokens: int, throttled: int) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=self._key,
            UpdateExpression="ADD Tokens :tokens, Throttled :throttled",
            ExpressionAttributeValues={":tokens": {"N": str(tokens)}, ":throttled": {"N": str(throttled)}},
        )

    @property
    def _key(self) -> dict[str, dict[str, str]]:
        return {"Resource": {"S": counter_key(self._evaluation)}}
