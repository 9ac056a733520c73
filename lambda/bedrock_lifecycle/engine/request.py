"""A CloudFormation custom-resource request, parsed once into typed values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.contract.properties import BadProperty, Properties

# Amazon S3 user guide, "Authenticating requests: using query parameters (AWS Signature Version 4)". That CloudFormation
# signs its URLs like this is seen in public examples and documented nowhere, so nothing depends on it.
_SIGNING_DATE = re.compile(r"[?&]X-Amz-Date=(\d{8}T\d{6}Z)(?:&|$)")


@dataclass(frozen=True)
class Request:
    """One request of CloudFormation.

    Field names follow the request object of the CloudFormation user guide ("Custom resource request fields").
    `response_url` is a signed URL, which is a credential: it is kept out of `repr` and never logged.
    """

    request_type: RequestType
    request_id: str
    stack_id: str
    logical_id: str
    resource_type: str
    physical_id: str | None
    properties: Properties
    old_properties: Properties
    signed: datetime | None = None
    """When CloudFormation signed the response URL, where the URL tells: that is when its hour began."""

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> "Request":
        """Read an event; raise `BadProperty` when a field of the protocol is missing."""
        fields = Properties(event)
        request_type = fields.text("RequestType")
        if request_type not in ("Create", "Update", "Delete"):
            raise BadProperty(f"RequestType: must be Create, Update or Delete, got {request_type!r}")
        return cls(
            request_type=cast("RequestType", request_type),
            request_id=fields.text("RequestId"),
            stack_id=fields.text("StackId"),
            logical_id=fields.text("LogicalResourceId"),
            resource_type=fields.text("ResourceType"),
            physical_id=fields.optional_text("PhysicalResourceId"),
            properties=Properties(event.get("ResourceProperties") or {}),
            old_properties=Properties(event.get("OldResourceProperties") or {}),
            signed=_signed(str(event.get("ResponseURL", ""))),
        )

    @property
    def resource_key(self) -> str:
        """The key of the ledger: one resource of one stack, whatever physical id it has at the moment."""
        return f"{self.stack_id}|{self.logical_id}"

    @property
    def stack_owner(self) -> str:
        """What the owner tag says of what the stack makes."""
        return contract.owner_of(self.stack_id)


def _signed(response_url: str) -> datetime | None:
    found = _SIGNING_DATE.search(response_url)
    try:
        return datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
