"""The ledger's table in DynamoDB: a record is read whole and written whole, unless somebody else wrote it meanwhile."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.record import Entry, Lease, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Long after the last request of a resource; everything in the ledger can be found again from names and tags.
_KEPT_FOR: Final = timedelta(days=400)
_ALWAYS: Final = frozenset({"generation", "lease", "requests"})


class LedgerTable(Protocol):
    """Where records are kept."""

    def read(self, key: str) -> tuple[Record, datetime]:
        """Return the record, an empty one if there is none, and the service's time."""

    def write(self, key: str, record: Record) -> bool:
        """Write a record that was read before; False when it was changed since."""


class DynamoDBTable:
    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._dynamodb = dynamodb
        self._name = name

    def read(self, key: str) -> tuple[Record, datetime]:
        """See `LedgerTable`."""
        answer = self._dynamodb.get_item(TableName=self._name, Key={"Resource": {"S": key}}, ConsistentRead=True)
        return _decode(answer.get("Item") or {}), clock.service_time(dict(answer))

    def write(self, key: str, record: Record) -> bool:
        """See `LedgerTable`."""
        try:
            self._dynamodb.update_item(
                TableName=self._name,
                Key={"Resource": {"S": key}},
                UpdateExpression="SET Version = :next, Content = :content, ExpiresAt = :expires",
                ConditionExpression="Version = :version OR (attribute_not_exists(Version) AND :version = :never)",
                ExpressionAttributeValues={
                    ":version": {"N": str(record.version)},
                    ":next": {"N": str(record.version + 1)},
                    ":never": {"N": "0"},
                    ":content": {"S": _encode(record)},
                    ":expires": {"N": str(int(clock.wall_clock() + _KEPT_FOR.total_seconds()))},
                },
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _encode(record: Record) -> str:
    content = {
        "generation": record.generation,
        "lease": [record.lease.holder, record.lease.expires] if record.lease else None,
        "requests": {
            key: [its.generation, its.began.isoformat(), its.verdict, its.created, *_later(its)]
            for key, its in record.requests.items()
        },
        "served": dict(record.served),
        "setOut": {name: at.isoformat() for name, at in record.set_out.items()},
        "deleted": {name: at.isoformat() for name, at in record.deleted.items()},
    }
    # What is empty is left out, so that an older version still reads the record of a resource that needs nothing new.
    kept = {member: value for member, value in content.items() if value or member in _ALWAYS}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _later(entry: Entry) -> list[str | int]:
    told: list[str | int] = [entry.asked, entry.looks, entry.answers, entry.found]
    while told and not told[-1]:
        told.pop()
    return told


def _decode(item: Mapping[str, Any]) -> Record:
    if not item:
        return Record()
    content = json.loads(item["Content"]["S"])
    lease = content["lease"]
    return Record(
        generation=content["generation"],
        requests={
            key: Entry(generation, datetime.fromisoformat(began), *notes)
            for key, (generation, began, *notes) in content["requests"].items()
        },
        lease=Lease(*lease) if lease else None,
        served=content.get("served", {}),
        set_out=_times(content, "setOut"),
        deleted=_times(content, "deleted"),
        version=int(item["Version"]["N"]),
    )


def _times(content: Mapping[str, Any], member: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in content.get(member, {}).items()}
