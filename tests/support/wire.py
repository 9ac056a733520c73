"""Requests as botocore would send them, for what answers them in this process."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders


class _RawBody(io.BytesIO):
    """A body in the form in which urllib3 hands it to botocore."""

    def stream(self, amount: int = 65_536, **_: object) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


def headers_of(request: AWSPreparedRequest) -> dict[str, str]:
    """Return the headers of a request, by their names in lower case."""
    return {name.lower(): _text(value) for name, value in request.headers.items()}


def body_of(request: AWSPreparedRequest) -> bytes:
    """Return the whole body of a request."""
    body: Any = request.body
    return _bytes(body.read() if hasattr(body, "read") else body)


def response(request: AWSPreparedRequest, status: int, headers: Mapping[str, str], body: bytes | str) -> AWSResponse:
    """Return an answer as botocore gets it."""
    return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), _RawBody(_bytes(body)))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")
