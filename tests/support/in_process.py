"""Real boto3 clients whose requests are served by MiniStack in this process."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from tests.support.bedrock_client import REGION
from tests.support.wire import body_of, headers_of, response


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
        query = parse_qs(url.query, keep_blank_values=True)
        answer = module.handle_request(request.method, url.path, headers_of(request), body_of(request), query)
        status, answered, body = asyncio.run(answer)
        return response(request, status, answered, body)

    client.meta.events.register(f"before-send.{service}", send)
    return client
