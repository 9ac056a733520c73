"""Requests as CloudFormation sends them: every primitive is a string."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.request import Request
from tests.support.bedrock_client import ACCOUNT, REGION

STACK: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/any"
STACK_ID: Final = f"{STACK}/00000000-0000-4000-8000-000000000000"
SECRET: Final = "X-Amz-Signature=secret"
RESPONSE_URL: Final = f"https://cloudformation-custom-resource-response.example/any?{SECRET}"
NOW: Final = datetime(2024, 11, 15, 12, tzinfo=UTC)


def any_event(**changes: Any) -> dict[str, Any]:
    """Return a request with these fields changed; `...` takes a field out."""
    event = {
        "RequestType": "Create",
        "RequestId": "00000000-0000-4000-8000-000000000001",
        "StackId": STACK_ID,
        "ResponseURL": RESPONSE_URL,
        "ResourceType": contract.TRAINING_AWAIT,
        "LogicalResourceId": "Await1",
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:::function:any",
            "TrainingName": "any-prod-000000000000-1",
            "Rung": "1",
            "Rungs": "1",
        },
    }
    return {name: value for name, value in (event | changes).items() if value is not ...}


def any_request(**changes: Any) -> Request:
    return Request.parse(any_event(**changes))


def training_properties(**changes: str | Mapping[str, str]) -> dict[str, Any]:
    """Return the properties of a customization job."""
    properties: dict[str, Any] = {
        "ServiceToken": "arn:aws:lambda:::function:any",
        "ContractVersion": "1",
        "Name": "faq",
        "Environment": "prod",
        "TrainingId": "0123456789ab",
        "Attempt": "1",
    }
    return properties | changes


def throughput_properties(**changes: str | Mapping[str, str]) -> dict[str, Any]:
    """Return the properties of a Provisioned Throughput."""
    return training_properties(BaseModel="any.model-v1:0:8k", ModelUnits="1") | changes


def deployment_properties(**changes: str | Mapping[str, str]) -> dict[str, Any]:
    """Return the properties of a custom model deployment."""
    return training_properties(BaseModel="any.model-v1:0:8k") | changes
