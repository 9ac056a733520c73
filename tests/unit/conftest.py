"""A server that takes the answers of the lifecycle, and a bucket that is empty."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from ministack.services import s3 as ministack_s3

from tests.support.dataset_requests import Dataset
from tests.support.https_server import AnswerServer, serving
from tests.support.s3_service import S3Service, s3_client


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnswerServer]:
    """What stands behind the signed URL of a request, with a certificate that is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    # The opener that urllib keeps may have read other certificates.
    monkeypatch.setattr(urllib.request, "_opener", None)
    with serving(tmp_path) as answers:
        yield answers


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    """The dataset's custom resource, with a bucket that is empty."""
    service = S3Service()
    yield Dataset(s3_client(service), service)
    ministack_s3.reset()
