"""Sessions of AWS: that of the credentials, or of a role that they assume; and who calls, for what AWS refuses."""

from typing import Any, Final

import boto3
import botocore.session
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)

SESSION_NAME: Final = "bedrock-tuning"
# Members that `note_call` adds to the answer of a call that AWS refuses.
CALLER: Final = "Caller"
ACTION: Final = "Action"
# S3 names its permissions otherwise than its operations (S3 user guide, "Required permissions for API operations").
_ACTIONS: Final = {
    "CompleteMultipartUpload": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "DeleteObjects": "s3:DeleteObjectVersion",
    "HeadObject": "s3:GetObject",
    "ListBuckets": "s3:ListAllMyBuckets",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListObjectsV2": "s3:ListBucket",
    "ListParts": "s3:ListMultipartUploadParts",
    "UploadPart": "s3:PutObject",
}


def action_of(service: str, operation: str) -> str:
    """Return the IAM action that a call needs; `service` is what its requests are signed for."""
    return _ACTIONS.get(operation, f"s3:{operation}") if service == "s3" else f"{service}:{operation}"


def assumed(source: boto3.Session, role_arn: str) -> boto3.Session:
    """Return a session of a role, which is assumed again whenever it is about to end, as long as the source may."""
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=source.client,
        source_credentials=source.get_credentials(),
        role_arn=role_arn,
        extra_args={"RoleSessionName": SESSION_NAME},
    )
    # The hook that botocore has for a source of credentials of one's own.
    session = botocore.session.Session()
    session.register_component("credential_provider", CredentialResolver([_Assumed(fetcher)]))
    return boto3.Session(botocore_session=session, region_name=source.region_name)


class _Assumed(CredentialProvider):
    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)


def note_calls(client: Any, caller: str) -> None:
    """Let each refusal of a client say who has called, and which IAM action it needs: not every service says it."""

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if "Error" in parsed:
            parsed |= {CALLER: caller, ACTION: action_of(model.service_model.signing_name, model.name)}

    client.meta.events.register("after-call", note)
