"""A real S3 client whose requests are served in this process."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from ministack.services import s3 as ministack_s3
from mypy_boto3_s3 import S3Client

from tests.dataset.copying import Copy
from tests.dataset.s3_service import BUCKET, S3Service


@pytest.fixture
def s3_service() -> Iterator[S3Service]:
    ministack_s3.reset()
    yield S3Service()
    ministack_s3.reset()


@pytest.fixture
def s3(s3_service: S3Service) -> S3Client:
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
    events.register("before-send.s3", s3_service.send)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3_service.calls.clear()
    return client


@pytest.fixture
def copy(s3: S3Client, s3_service: S3Service) -> Copy:
    return Copy(s3, s3_service)
