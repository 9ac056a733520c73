"""MiniStack's S3 in this process, behind the hook in which botocore would send."""

import asyncio
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from ministack.services import s3 as ministack_s3
from mypy_boto3_s3 import S3Client

from tests.support.wire import body_of, headers_of, response

BUCKET = "any-bucket"


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
        return response(request, status, headers, body)

    def _answer(self, request: AWSPreparedRequest) -> tuple[int, dict[str, str], bytes]:
        url = urlsplit(request.url)
        query = parse_qs(url.query, keep_blank_values=True)
        call = _name(request.method, query)
        self.calls.append(call)
        if call in self.errors:
            status, code = self.errors[call]
            return status, {}, b"" if call == "HeadObject" else f"<Error><Code>{code}</Code></Error>".encode()
        answer: tuple[int, dict[str, str], bytes] = asyncio.run(
            ministack_s3.handle_request(request.method, url.path, headers_of(request), body_of(request), query)
        )
        return answer


def s3_client(service: S3Service) -> S3Client:
    """Return a client of an S3 that is empty but for one bucket."""
    ministack_s3.reset()
    client: S3Client = boto3.client(
        "s3",
        region_name="us-west-2",
        endpoint_url="https://s3.invalid",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        # MiniStack takes the framing of trailing checksums off in front of its S3.
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
        ),
    )
    events: Any = client.meta.events
    events.register("before-send.s3", service.send)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    service.calls.clear()
    return client


def _name(method: str, query: dict[str, list[str]]) -> str:
    if "uploads" in query:
        return "CreateMultipartUpload" if method == "POST" else "ListMultipartUploads"
    if "uploadId" in query:
        calls = {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}
        return {**calls, "GET": "ListParts"}[method]
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[method]
