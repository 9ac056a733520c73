"""A real S3 client whose requests are served in this process."""

from collections.abc import Iterator

import pytest
from ministack.services import s3 as ministack_s3
from mypy_boto3_s3 import S3Client

from tests.support.s3_service import S3Service, s3_client
from tests.unit.dataset_function.copying import Copy


@pytest.fixture
def s3_service() -> Iterator[S3Service]:
    yield S3Service()
    ministack_s3.reset()


@pytest.fixture
def s3(s3_service: S3Service) -> S3Client:
    return s3_client(s3_service)


@pytest.fixture
def copy(s3: S3Client, s3_service: S3Service) -> Copy:
    return Copy(s3, s3_service)
