"""Real boto3 clients whose requests are served by MiniStack in this process."""

import asyncio
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from tests.support.bedrock_client import REGION


class _RawBody(io.BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def in_process(service: str, module: Any) -> Any:
    """Return a client of a service of MiniStack, which is empty at first."""
    module.reset()
    client: Any = boto3.client(
        service,
        region_name=REGION,
        endpoint_url=f"https://{service}.invalid",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
        ),
    )

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        url = urlsplit(request.url)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        query = parse_qs(url.query, keep_blank_values=True)
        answer = module.handle_request(request.method, url.path, headers, _bytes(request.body), query)
        status, answered, body = asyncio.run(answer)
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(answered), _RawBody(_bytes(body)))

    client.meta.events.register(f"before-send.{service}", send)
    return client


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")
