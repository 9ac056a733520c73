"""Real boto3 clients whose requests go to a simulated Bedrock instead of a socket."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, cast, overload
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from sandbox.bedrock import SimulatedBedrock

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

ACCOUNT = "111122223333"
REGION = "us-west-2"
CALLER_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deployer/session"


class _RawBody(BytesIO):
    """A body in the form in which urllib3 hands it to botocore."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@overload
def client(
    simulated: SimulatedBedrock,
    service: Literal["bedrock"],
    account: str = ...,
    region: str = ...,
    caller_arn: str = ...,
    *,
    attempts: int = ...,
    validate: bool = ...,
) -> "BedrockClient": ...


@overload
def client(
    simulated: SimulatedBedrock,
    service: Literal["bedrock-runtime"],
    account: str = ...,
    region: str = ...,
    caller_arn: str = ...,
    *,
    attempts: int = ...,
    validate: bool = ...,
) -> "BedrockRuntimeClient": ...


@overload
def client(
    simulated: SimulatedBedrock,
    service: Literal["service-quotas"],
    account: str = ...,
    region: str = ...,
    caller_arn: str = ...,
    *,
    attempts: int = ...,
    validate: bool = ...,
) -> Any: ...


def client(
    simulated: SimulatedBedrock,
    service: Literal["bedrock", "bedrock-runtime", "service-quotas"],
    account: str = ACCOUNT,
    region: str = REGION,
    caller_arn: str = CALLER_ARN,
    *,
    attempts: int = 1,
    validate: bool = True,
) -> Any:
    """Return a client of the simulation; no socket is opened.

    `attempts` above 1 lets botocore retry as it would. With `validate=False` botocore sends what it would
    refuse by itself, so that the answer is the service's.
    """

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        url = urlsplit(request.url)
        headers = {name: _text(value) for name, value in request.headers.items()}
        body = _bytes(request.body)
        if service == "service-quotas":
            response = simulated.handle_service_quotas(headers, body, account, region)
        else:
            query = parse_qs(url.query, keep_blank_values=True)
            response = simulated.handle(
                service, request.method, url.path, query, headers, body, account, region, caller_arn
            )
        return AWSResponse(
            request.url, response.status, HTTPHeaders.from_dict(response.headers), _RawBody(response.body)
        )

    made = boto3.client(
        service,
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            parameter_validation=validate,
            # Both take botocore a fifth of a call, and nobody reads them here.
            signature_version=UNSIGNED,
            user_agent="tests",
        ),
    )
    made.meta.events.register(f"before-send.{service}", answer)
    return cast("Any", made)


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(cast("bytes", body))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
