"""The ledger: one DynamoDB item per resource, which decides who may act on it.

Every request gets a generation when it is first seen; the same request seen again keeps its own. Mutating calls are
made only under the lease, and only the newest generation gets the lease. So a duplicate, a late delivery or an
execution that was overtaken can look, but never act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.request import Request

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Lambda delivers an event for at most six hours, so older requests can no longer come back.
_REQUESTS_KEPT_FOR: Final = timedelta(days=2)
_ITEM_KEPT_FOR: Final = timedelta(days=400)
_REGISTER_TRIES: Final = 20


@dataclass(frozen=True)
class Entry:
    """What the ledger knows of one request."""

    generation: int
    began: datetime
    verdict: str = ""
    """The definite failure that this request will be answered with once what it made is undone."""
    created: str = ""
    """The name of what this request set out to create that bills by the hour."""


@dataclass(frozen=True)
class Granted:
    entry: Entry
    now: datetime


@dataclass(frozen=True)
class Busy:
    """Another invocation holds the lease, until then at most."""

    seconds: int


@dataclass(frozen=True)
class Overtaken:
    """A newer request rules this resource."""


class Ledger:
    """The ledger's table. `holder` names an invocation, so not even a retry shares a lease with its predecessor."""

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        *,
        lease_seconds: int,
        wall_clock: clock.WallClock = clock.wall_clock,
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._lease_seconds = lease_seconds
        self._wall_clock = wall_clock

    def register(self, request: Request) -> Entry:
        """Record a request and return its entry; a request seen before keeps the one it has."""
        for _ in range(_REGISTER_TRIES):
            item, now = self._read(request)
            known = _entries(item).get(request.request_id)
            if known:
                return known
            entry = Entry(generation=_generation(item) + 1, began=now)
            if self._add(request, item, entry):
                return entry
        raise RuntimeError(f"the ledger is contended: {request.logical_id} could not be registered")

    def take_lease(self, request: Request, generation: int, holder: str) -> Granted | Busy | Overtaken:
        """Take the lease for one invocation; a newer generation waits while an older one may still act."""
        wall = int(self._wall_clock())
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(request),
                UpdateExpression="SET LeaseHolder = :holder, LeaseExpires = :expires",
                ConditionExpression="Generation = :generation AND "
                "(attribute_not_exists(LeaseHolder) OR LeaseExpires < :wall OR LeaseHolder = :holder)",
                ExpressionAttributeValues={
                    ":holder": {"S": holder},
                    ":expires": {"N": str(wall + self._lease_seconds)},
                    ":generation": {"N": str(generation)},
                    ":wall": {"N": str(wall)},
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not _condition_failed(error):
                raise
            item = cast("dict[str, Any]", error.response.get("Item") or {})
            if _generation(item) != generation:
                return Overtaken()
            expires = int(item.get("LeaseExpires", {}).get("N", wall))
            return Busy(seconds=max(1, expires - wall + 1))
        item = answer["Attributes"]
        return Granted(_entries(item)[request.request_id], clock.service_time(dict(answer)))

    def release(self, request: Request, holder: str) -> None:
        """Give the lease back; losing it meanwhile is no error."""
        self._update_if(
            request, "REMOVE LeaseHolder, LeaseExpires", "LeaseHolder = :holder", {":holder": {"S": holder}}
        )

    def note(self, request: Request, holder: str, *, verdict: str = "", created: str = "") -> None:
        """Write down, under the lease, what this request has come to; raise when the lease was lost."""
        changes = {"Verdict": verdict, "Created": created}
        given = {name: value for name, value in changes.items() if value}
        values = {f":{name}": {"S": value} for name, value in given.items()}
        written = self._update_if(
            request,
            "SET " + ", ".join(f"Requests.#id.{name} = :{name}" for name in given),
            "LeaseHolder = :holder",
            {":holder": {"S": holder}, **values},
            names={"#id": request.request_id},
        )
        if not written:
            raise RuntimeError("the lease was lost before the effect: nothing was done")

    def close(self, request: Request, entry: Entry) -> None:
        """Overtake a request that will never be served, so that no execution of it can act any more."""
        self._update_if(
            request,
            "SET Generation = :next",
            "Generation = :generation",
            {":generation": {"N": str(entry.generation)}, ":next": {"N": str(entry.generation + 1)}},
        )

    def _read(self, request: Request) -> tuple[Mapping[str, Any], datetime]:
        answer = self._dynamodb.get_item(TableName=self._table, Key=_key(request), ConsistentRead=True)
        return answer.get("Item") or {}, clock.service_time(dict(answer))

    def _add(self, request: Request, item: Mapping[str, Any], entry: Entry) -> bool:
        kept = {
            request_id: known
            for request_id, known in _entries(item).items()
            if entry.began - known.began < _REQUESTS_KEPT_FOR
        }
        requests = {request_id: _encode(known) for request_id, known in (kept | {request.request_id: entry}).items()}
        return self._update_if(
            request,
            "SET Generation = :generation, Requests = :requests, ExpiresAt = :expires",
            "Generation = :before OR (attribute_not_exists(Generation) AND :before = :zero)",
            {
                ":generation": {"N": str(entry.generation)},
                ":before": {"N": str(entry.generation - 1)},
                ":zero": {"N": "0"},
                ":requests": {"M": requests},
                ":expires": {"N": str(int(self._wall_clock() + _ITEM_KEPT_FOR.total_seconds()))},
            },
        )

    def _update_if(
        self,
        request: Request,
        update: str,
        condition: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> bool:
        optional: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(request),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **optional,
            )
        except ClientError as error:
            if _condition_failed(error):
                return False
            raise
        return True


def _key(request: Request) -> dict[str, Any]:
    return {"Resource": {"S": request.resource_key}}


def _condition_failed(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException"


def _generation(item: Mapping[str, Any]) -> int:
    return int(item.get("Generation", {}).get("N", 0))


def _entries(item: Mapping[str, Any]) -> dict[str, Entry]:
    requests = item.get("Requests", {}).get("M", {})
    return {request_id: _decode(stored["M"]) for request_id, stored in requests.items()}


def _encode(entry: Entry) -> dict[str, Any]:
    stored = {
        "Generation": {"N": str(entry.generation)},
        "Began": {"S": entry.began.isoformat()},
        "Verdict": {"S": entry.verdict},
        "Created": {"S": entry.created},
    }
    return {"M": stored}


def _decode(stored: Mapping[str, Any]) -> Entry:
    return Entry(
        generation=int(stored["Generation"]["N"]),
        began=datetime.fromisoformat(stored["Began"]["S"]),
        verdict=stored.get("Verdict", {}).get("S", ""),
        created=stored.get("Created", {}).get("S", ""),
    )
