"""Real boto3 clients whose requests go to a simulated Bedrock instead of a socket."""

from typing import TYPE_CHECKING, Any, Literal, cast, overload
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from sandbox.bedrock import SimulatedBedrock
from tests.support.wire import body_of, headers_of, response

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

ACCOUNT = "111122223333"
REGION = "us-west-2"
CALLER_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deployer/session"


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
        headers, body = headers_of(request), body_of(request)
        if service == "service-quotas":
            its = simulated.handle_service_quotas(headers, body, account, region)
        else:
            query = parse_qs(url.query, keep_blank_values=True)
            its = simulated.handle(service, request.method, url.path, query, headers, body, account, region, caller_arn)
        return response(request, its.status, its.headers, its.body)

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
