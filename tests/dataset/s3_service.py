"""MiniStack's S3 in this process, behind the hook in which botocore would send."""

import asyncio
import io
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from ministack.services import s3 as ministack_s3

BUCKET = "any-bucket"


class RawBody(io.BytesIO):
    """What botocore expects of urllib3's response."""

    def stream(self, amount: int = 65_536, decode_content: bool | None = None) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk


class S3Service:
    """MiniStack's S3 behind botocore's `before-send`, with a record of what was asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.errors: dict[str, tuple[int, str]] = {}
        self.lost_bytes = 0
        self._lock = threading.Lock()

    def send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        with self._lock:
            status, headers, body = self._answer(request)
        if self.calls[-1] == "GetObject" and self.lost_bytes:
            body = body[: -self.lost_bytes]
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), RawBody(body))

    def _answer(self, request: AWSPreparedRequest) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(request.url)
        query = parse_qs(url.query, keep_blank_values=True)
        call = _name(request.method, query)
        self.calls.append(call)
        if call in self.errors:
            status, code = self.errors[call]
            return status, {}, b"" if call == "HeadObject" else f"<Error><Code>{code}</Code></Error>".encode()
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        answer: tuple[int, dict[str, str], bytes] = asyncio.run(
            ministack_s3.handle_request(request.method, url.path, headers, _bytes(request.body), query)
        )
        return answer


def _name(method: str, query: dict[str, list[str]]) -> str:
    if "uploads" in query:
        return "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    if "uploadId" in query:
        return {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}[method]
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[method]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")
