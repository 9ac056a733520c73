"""Which errors mean "again", which are definite."""

from datetime import timedelta

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)
from hypothesis import example, given
from hypothesis import strategies as st

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Failed, Waiting
from tests.support.calls import client_error

LONG_AGO = timedelta(hours=1)
AT_ONCE = timedelta()
TWO_MINUTES = timedelta(minutes=2)
ENDPOINT = "https://bedrock.example/train?X-Amz-Signature=secret"
ASSUME = "Could not assume provided IAM role arn:aws:iam::111122223333:role/any"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 429),
        ("Throttling", 400),
        ("KmsThrottlingException", 400),
        ("TooManyRequestsException", 429),
        ("RequestTimeout", 408),
        ("ProvisionedThroughputExceededException", 400),
        ("RequestLimitExceeded", 400),
        ("ThrottledException", 400),
        ("TransactionInProgressException", 400),
        ("InternalServerException", 500),
        ("ServiceUnavailableException", 503),
        ("NobodyKnows", 502),
    ],
)
def test_what_passes_by_itself_is_waited_for_however_long_it_takes(code: str, status: int) -> None:
    outcome = aws_errors.interpret(client_error(code, "slow down", status, "Any"), waited=LONG_AGO)
    assert outcome == Waiting(f"{code}: slow down")


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url=ENDPOINT),
        ConnectTimeoutError(endpoint_url=ENDPOINT),
        ReadTimeoutError(endpoint_url=ENDPOINT),
        ConnectionClosedError(endpoint_url=ENDPOINT),
        SSLError(endpoint_url=ENDPOINT, error=OSError("any")),
    ],
)
def test_a_connection_that_failed_is_waited_for(error: BotoCoreError) -> None:
    outcome = aws_errors.interpret(error, waited=LONG_AGO)
    assert isinstance(outcome, Waiting)
    assert "bedrock.example" in outcome.detail
    assert type(error).__name__ in outcome.detail
    assert "secret" not in outcome.detail


def test_a_failure_without_an_endpoint_is_told_as_well() -> None:
    outcome = aws_errors.interpret(NoCredentialsError(), waited=LONG_AGO)
    assert isinstance(outcome, Waiting)
    assert "NoCredentialsError" in outcome.detail


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "no"),
        ("AccessDenied", "no"),
        ("UnrecognizedClientException", "no"),
        ("InvalidClientTokenId", "no"),
        ("ValidationException", ASSUME),
    ],
)
@given(waited=st.timedeltas(timedelta(), timedelta(hours=2)))
@example(waited=TWO_MINUTES)
def test_a_permission_that_may_still_be_on_its_way_is_waited_for_two_minutes(
    code: str, message: str, waited: timedelta
) -> None:
    outcome = aws_errors.interpret(client_error(code, message, 400, "Any"), waited=waited)
    expected = Waiting if waited < TWO_MINUTES else Failed
    assert outcome == expected(f"{code}: {message}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ServiceQuotaExceededException", "1 model units were requested, the quota is 0"),
        ("ValidationException", "Value 'x' at 'jobName' failed to satisfy constraint"),
        ("ConflictException", "the name is taken"),
        ("TooManyTagsException", "51 tags"),
        ("ResourceNotFoundException", "no such model"),
    ],
)
def test_a_definite_error_is_told_in_the_service_s_words(code: str, message: str) -> None:
    outcome = aws_errors.interpret(client_error(code, message, 400, "Any"), waited=AT_ONCE)
    assert outcome == Failed(f"{code}: {message}")


def test_a_request_that_botocore_refuses_is_definite() -> None:
    error = ParamValidationError(report="Missing required parameter in input: jobName")
    outcome = aws_errors.interpret(error, waited=AT_ONCE)
    assert outcome == Failed("Parameter validation failed:\nMissing required parameter in input: jobName")


def test_an_error_that_says_nothing_is_told_as_such() -> None:
    error = client_error("any", "any", 400, "Any")
    error.response = {}
    assert isinstance(aws_errors.interpret(error, waited=AT_ONCE), Failed)


@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied", "KmsAccessDeniedException", "403"])
def test_what_may_not_be_read_is_denied_also_for_the_key_of_what_is_encrypted(code: str) -> None:
    assert aws_errors.is_denied(client_error(code, "any", 400, "DescribeExecution"))


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 429, True),
        ("RequestTimeout", 400, False),
        ("InternalServerException", 500, False),
        ("ValidationException", 400, False),
    ],
)
def test_only_what_was_throttled_was_turned_away(code: str, status: int, *, expected: bool) -> None:
    assert aws_errors.was_turned_away(client_error(code, "any", status, "Any")) is expected


def test_only_not_found_is_not_found() -> None:
    errors = {
        "ResourceNotFoundException": 404,
        "NoSuchModel": 404,
        "ValidationException": 400,
        "AccessDeniedException": 403,
        "ThrottlingException": 429,
    }
    found = [aws_errors.is_not_found(client_error(code, "not found", status, "Any")) for code, status in errors.items()]
    assert found == [True, True, False, False, False]
