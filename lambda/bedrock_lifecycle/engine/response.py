"""The answer to CloudFormation: composed within its limits, and put to the signed URL."""

import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

# "The total size of the response body can't exceed 4096 bytes", CloudFormation user guide, custom resource response
# objects. A longer one is ignored, and the stack hangs until its time-out.
MAX_BODY_BYTES = 4096
_TIMEOUT_SECONDS = 10
# Puts an answer's body to its URL, and tells whether CloudFormation took it.
Send = Callable[[str, bytes], bool]
_SIGNED_QUERY = re.compile(r"(https?://[^\s?\"']+)\?\S+")


_LOG = logging.getLogger(__name__)
_NO_ANSWER = "it was answered before, its hour is over, or the policy of a VPC endpoint blocks the answer"


def compose(
    *,
    event: Mapping[str, Any],
    status: str,
    physical_id: str,
    reason: str = "",
    attributes: Mapping[str, str] | None = None,
) -> bytes:
    """Return the body of an answer, its reason cut so that the whole stays within the limit."""
    body: dict[str, Any] = {
        "Status": status,
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Reason": "",
        "Data": dict(attributes or {}),
    }
    room = MAX_BODY_BYTES - len(_encode(body))
    body["Reason"] = _fit(one_line(reason), room)
    return _encode(body)


def one_line(text: str) -> str:
    """Return text as one line, without the query of any URL, which may hold a signature."""
    printable = text.encode(errors="replace").decode()
    return _SIGNED_QUERY.sub(r"\1", " ".join(printable.split()))


def send(response_url: str, body: bytes) -> bool:
    """Put an answer; return False when CloudFormation no longer takes one for this request.

    Anything that another try may cure is raised. The content type must be empty: the URL is signed without one.
    """
    if not response_url.startswith("https://"):
        raise ValueError("the response URL of a CloudFormation request must start with https://")
    put = urllib.request.Request(response_url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310
    try:
        with urllib.request.urlopen(put, timeout=_TIMEOUT_SECONDS):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        error.close()
        # Expired or answered by the last resort: nothing is left to say, and a retry cannot change that.
        if error.code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            _LOG.warning("CloudFormation did not accept the answer (HTTP status %d): %s", error.code, _NO_ANSWER)
            return False
        raise RuntimeError(f"the answer to CloudFormation was refused with HTTP status {error.code}") from None
    except (OSError, HTTPException) as error:
        # The kind of error alone: the text of some (`InvalidURL`) quotes the signed URL.
        kind = type(getattr(error, "reason", error)).__name__
        raise RuntimeError(f"the answer to CloudFormation could not be sent: {kind}") from None


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _fit(text: str, room: int) -> str:
    if len(json.dumps(text, ensure_ascii=False).encode()) - 2 <= room:
        return text
    kept = text
    while kept and len(json.dumps(kept + "…", ensure_ascii=False).encode()) - 2 > room:
        kept = kept[: max(0, len(kept) - max(1, len(kept) // 16))]
    return kept + "…"
