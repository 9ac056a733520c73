"""A real S3 client whose requests are served in this process, with a bucket."""

from typing import Any

import boto3
from botocore.config import Config
from ministack.services import s3 as ministack_s3
from mypy_boto3_s3 import S3Client

from tests.dataset.s3_service import BUCKET, S3Service


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
