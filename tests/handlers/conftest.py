"""Settings of the lifecycle's tests, and a server that takes its answers."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from ministack.services import s3 as ministack_s3

from tests.handlers.dataset_requests import Dataset
from tests.handlers.https_server import AnswerServer, serving
from tests.support.s3_service import S3Service, s3_client

# A busy machine is no failure, and examples are not kept in the checkout.
settings.register_profile("handlers", deadline=None, database=None, max_examples=60)
settings.load_profile("handlers")


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
