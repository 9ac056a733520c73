"""When a candidate was asked for last, by which run, and when its end began: what Bedrock does not show is remembered.

Nobody promises that a deployment is seen as soon as it was asked for, a function that was stopped may still ask, and
the event of a run that died may come when the next one is under way.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import counter_key
from bedrock_lifecycle.engine import clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NO_CONDITION: Final = "ConditionalCheckFailedException"
_IS_NOT_OF_A_NEWER_RUN: Final = "(attribute_not_exists(CandidateRun) OR CandidateRun <= :run)"
_IS_NOT_ENDED: Final = "(attribute_not_exists(CandidateEnds) OR CandidateEnds < :before)"


class CandidateMarks:
    """Marks on the item of an evaluation's counter, for one run of it.

    `run` is its name; one that an older definition began has none, and is older than all others. The age of a candidate
    is measured by the service's clock, and by the wall clock how long a function may still run.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str, evaluation: str, run: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._key = {"Resource": {"S": counter_key(evaluation)}}
        self._run = contract.run_number(run, evaluation)

    def takes(self) -> datetime | None:
        """Note that the candidate is this run's, and return the time.

        None while a function may run that is to end it, and if it is a newer run's: this one is over, or is to be.
        """
        return self._take()

    def begins(self, now: datetime) -> bool:
        """Note that the candidate is about to be asked for, at the time that `takes` told; False as above.

        A function asks right after this, within the time-outs of its client, which a lease outlasts: whoever asks for
        it later than that is of another run.
        """
        return self._take(CandidateAsked=int(now.timestamp())) is not None

    def ends(self) -> bool:
        """Note that the candidate is being deleted; False if it is a newer run's, whose it stays."""
        return self._set(_IS_NOT_OF_A_NEWER_RUN, {}, CandidateEnds=int(clock.wall_clock())) is not None

    def forgets(self) -> None:
        """Note that the candidate that was asked for was seen, or was refused."""
        self._dynamodb.update_item(TableName=self._table, Key=self._key, UpdateExpression="REMOVE CandidateAsked")

    def may_appear(self) -> bool:
        """Tell whether a candidate was asked for so short a time ago that it may not be seen yet."""
        found = self._dynamodb.get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        asked = found.get("Item", {}).get("CandidateAsked")
        if asked is None:
            return False
        return clock.service_time(found) - datetime.fromtimestamp(int(asked["N"]), UTC) < clock.SEEN_WITHIN

    def _take(self, **marks: int) -> datetime | None:
        ended_before = int(clock.wall_clock()) - contract.LEASE_SECONDS
        condition = f"{_IS_NOT_ENDED} AND {_IS_NOT_OF_A_NEWER_RUN}"
        return self._set(condition, {":before": ended_before}, CandidateRun=self._run, **marks)

    def _set(self, condition: str, values: dict[str, int], **marks: int) -> datetime | None:
        """Set marks, and return the service's time; None where the condition does not hold."""
        values = {":run": self._run, **values, **{f":{name}": value for name, value in marks.items()}}
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in marks),
                ConditionExpression=condition,
                ExpressionAttributeValues={name: {"N": str(value)} for name, value in values.items()},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == _NO_CONDITION:
                return None
            raise
        return clock.service_time(answer)
