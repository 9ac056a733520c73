"""Serves `Custom::BedrockTuningDataset`: one function run per request, nothing that bills, safe to repeat."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.dataset import BYTES, RECORDS, VERSION_ID, WARNINGS, DatasetProperties
from bedrock_lifecycle.contract.properties import BadProperty, Properties
from bedrock_lifecycle.dataset.checked_reader import TimeLeft, without_end
from bedrock_lifecycle.dataset.errors import DatasetError, DatasetRefused, DestinationDenied, Helps, SourceDenied
from bedrock_lifecycle.dataset.objects import S3
from bedrock_lifecycle.dataset.report_file import read_report, write_report
from bedrock_lifecycle.dataset.request import DatasetRequest
from bedrock_lifecycle.dataset.text import copy_text
from bedrock_lifecycle.engine import aws_errors, response, stacks
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request

T = TypeVar("T")

KIND: Final = "dataset"
_TRIES: Final = 3
_DENIED_PAUSE_SECONDS: Final = 10


class DatasetResource:
    """`status_of` returns the status of a stack, by its id; `helps` is what the app has told."""

    def __init__(
        self,
        s3: S3,
        status_of: Callable[[str], str],
        send: response.Send = response.send,
        pause: Callable[[float], None] = time.sleep,
        *,
        helps: Helps | None = None,
    ) -> None:
        self._s3 = s3
        self._status_of = status_of
        self._send = send
        self._pause = pause
        self._helps = helps or Helps()

    def serve(self, event: Mapping[str, Any], time_left: TimeLeft = without_end) -> None:
        """Serve one request and answer it; only an answer that could not be sent is raised, and so tried again.

        `time_left` tells how many seconds the function may still run: a file that cannot be checked in that time is
        refused in words, where a function that is ended would leave CloudFormation waiting.
        """
        physical_id = str(event.get("PhysicalResourceId") or "none")
        outcome: Outcome
        try:
            request = Request.parse(event)
            physical_id = _physical_id(request)
            outcome = self._outcome(request, event["ResourceProperties"], time_left)
        except DatasetError as error:
            outcome = Failed(error.told(self._helps))
        except (Refusal, BadProperty) as refusal:
            outcome = Failed(str(refusal))
        except ClientError as error:
            outcome = Failed(aws_errors.sentence(error))
        except BotoCoreError as error:
            outcome = Failed(f"the connection to Amazon S3 failed {_TRIES} times: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation must not wait for its hour
            # The type alone: the text of an unforeseen error could quote what it failed on.
            outcome = Failed(f"the dataset could not be checked: {type(error).__name__}")
        self._send(str(event["ResponseURL"]), _body(event, outcome, physical_id))

    def _outcome(self, request: Request, raw: Mapping[str, Any], time_left: TimeLeft) -> Outcome:
        if request.request_type == "Delete":
            return Settled(detail="the data stays in the data store")
        goes_back = request.request_type == "Update" and self._is_rollback(request)
        if DatasetProperties(Properties(raw)).is_text:
            return self._text(raw, goes_back=goes_back)
        wanted = DatasetRequest.read(raw)
        if goes_back:
            return Settled(_as_accepted(read_report(self._s3, wanted)), "rolled back: the data was not checked again")
        try:
            checked = self._patiently(lambda: wanted.ensure(self._s3, time_left))
        except DatasetRefused as refused:
            told = write_report(self._s3, refused.report, wanted)
            return Failed(f"{refused}; {told}" if told else str(refused))
        report = checked.report
        attributes = {
            RECORDS: str(report.records),
            BYTES: str(report.bytes),
            WARNINGS: str(report.warning_count),
            VERSION_ID: checked.version_id,
        }
        return Settled(attributes, detail=write_report(self._s3, report, wanted, checked.version_id))

    def _text(self, raw: Mapping[str, Any], *, goes_back: bool) -> Settled:
        if goes_back:  # nothing is evaluated again, and the file may be gone
            return Settled(detail="rolled back: the text was not copied again")
        self._patiently(lambda: copy_text(self._s3, raw))
        return Settled(detail="the text is in the data store")

    def _is_rollback(self, request: Request) -> bool:
        """Tell whether the request takes back an update; what CloudFormation does not tell is checked as ever."""
        try:
            return stacks.is_rollback(request, self._status_of(request.stack_id))
        except (BotoCoreError, ClientError):
            return False

    def _patiently(self, check: Callable[[], T]) -> T:
        """Try again after a stream that broke off, and while new permissions may not have arrived everywhere."""
        broken = denied = 0
        while True:
            try:
                return check()
            except BotoCoreError:
                # What was uploaded was aborted, so it can start again.
                broken += 1
                if broken == _TRIES:
                    raise
            except (SourceDenied, DestinationDenied):
                denied += 1
                if denied * _DENIED_PAUSE_SECONDS > aws_errors.PROPAGATION.total_seconds():
                    raise
                self._pause(_DENIED_PAUSE_SECONDS)


def _as_accepted(report: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes of data that was accepted before, as far as its report tells them."""
    told = {RECORDS: "records", BYTES: "bytes", WARNINGS: "warnings", VERSION_ID: "versionId"}
    return {name: str(report.get(member, contract.UNKNOWN)) for name, member in told.items()}


def _physical_id(request: Request) -> str:
    if request.physical_id:
        # Constant over updates: the copy of another file stays, so there is nothing to clean up.
        return request.physical_id
    return str(PhysicalId(KIND, request.logical_id))


def _body(event: Mapping[str, Any], outcome: Outcome, physical_id: str) -> bytes:
    if isinstance(outcome, Settled):
        return response.compose(
            event=event, status="SUCCESS", physical_id=physical_id, reason=outcome.detail, attributes=outcome.attributes
        )
    reason = outcome.reason if isinstance(outcome, Failed) else ""
    return response.compose(event=event, status="FAILED", physical_id=physical_id, reason=reason)
