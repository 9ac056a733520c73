"""Requests to the dataset's custom resource, with the bucket that it works on and the answers that it gives."""

import hashlib
import json
from typing import Any

from mypy_boto3_s3 import S3Client

from bedrock_lifecycle import contract
from bedrock_lifecycle.dataset.checked_reader import TimeLeft, without_end
from bedrock_lifecycle.dataset.errors import Helps
from bedrock_lifecycle.dataset.resource import DatasetResource
from tests.support.events import RESPONSE_URL, any_event
from tests.support.s3_service import BUCKET, S3Service
from tests.unit.dataset_rules.samples import any_limits, any_record, lines, turn

CANARY = "canary-in-the-training-data"
GOOD = lines(*[any_record(system=CANARY)] * 3)
BAD = lines(any_record(), any_record(messages=[turn("user", CANARY)]))
KEY = "assets/any.jsonl"


class Dataset:
    """The resource with a bucket, and what it answered."""

    def __init__(self, s3: S3Client, service: S3Service) -> None:
        self.s3 = s3
        self.service = service
        self.sent: list[tuple[str, bytes]] = []
        self.pauses: list[float] = []
        self.push = "any --push"
        self.stack_status: str | Exception = "UPDATE_IN_PROGRESS"

    def serve(self, s3: Any = None, time_left: TimeLeft = without_end, **changes: Any) -> dict[str, Any]:
        """Serve one request and return the answer to it."""
        helps = Helps(push=self.push)
        resource = DatasetResource(s3 or self.s3, self._status_of, self._send, self.pauses.append, helps=helps)
        resource.serve(any_event(ResourceType=contract.DATASET, **changes), time_left)
        url, body = self.sent[-1]
        assert url == RESPONSE_URL
        assert CANARY.encode() not in body
        answer: dict[str, Any] = json.loads(body)
        return answer

    def _send(self, url: str, body: bytes) -> bool:
        self.sent.append((url, body))
        return True

    def _status_of(self, stack_id: str) -> str:
        assert stack_id == any_event()["StackId"]
        if isinstance(self.stack_status, Exception):
            raise self.stack_status
        return self.stack_status

    def put(self, data: bytes) -> dict[str, str]:
        """Store a file and return the properties of the resource that copies it."""
        self.s3.put_object(Bucket=BUCKET, Key=KEY, Body=data)
        self.service.calls.clear()
        return properties(data)

    def copied(self, data: bytes) -> bool:
        """Tell whether the copy is there, whole."""
        keys = [each["Key"] for each in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return (
            destination(data) in keys
            and self.s3.get_object(Bucket=BUCKET, Key=destination(data))["Body"].read() == data
        )


def destination(data: bytes) -> str:
    return f"train/{hashlib.sha256(data).hexdigest()}.jsonl"


def properties(data: bytes, **changes: str) -> dict[str, str]:
    """Return properties as CloudFormation sends them: strings only."""
    return {
        "ServiceToken": "arn:aws:lambda:::function:any",
        "SourceBucket": BUCKET,
        "SourceKey": KEY,
        "DestinationBucket": BUCKET,
        "DestinationKey": destination(data),
        "Sha256": hashlib.sha256(data).hexdigest(),
        **any_limits().to_properties(),
        **changes,
    }
