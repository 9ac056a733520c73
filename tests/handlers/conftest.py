"""Settings of the lifecycle's tests, and a server that takes its answers."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.handlers.https_server import AnswerServer, serving

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
