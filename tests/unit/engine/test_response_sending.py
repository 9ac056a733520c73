"""An answer is put to the signed URL as CloudFormation's bucket wants it, and the URL stays out of every error."""

import socket
import traceback
from collections.abc import Callable

import pytest

from bedrock_lifecycle.engine import response
from tests.support.events import SECRET
from tests.support.https_server import AnswerServer


def error_of(call: Callable[[], object]) -> str:
    """Return everything that a log would show of the error that a call raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is, it would be logged
        return "".join(traceback.format_exception(error))
    pytest.fail("nothing was raised")


def test_an_answer_is_put_as_it_is(server: AnswerServer) -> None:
    assert response.send(server.url, b'{"any": 1}') is True
    assert server.bodies == [b'{"any": 1}']
    assert server.paths == ["/answer?X-Amz-Signature=secret"]


def test_the_content_type_is_there_and_empty_because_the_url_is_signed_so(server: AnswerServer) -> None:
    response.send(server.url, b"any")
    assert [value for name, value in server.headers[0] if name.lower() == "content-type"] == [""]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_answer_that_nobody_takes_any_more_is_no_error(server: AnswerServer, status: int) -> None:
    server.status = status
    assert response.send(server.url, b"any") is False


@pytest.mark.parametrize("status", [302, 307, 400, 429, 500, 503])
def test_an_answer_that_is_refused_is_raised_with_the_status_and_without_the_url(
    server: AnswerServer, status: int
) -> None:
    server.status = status
    told = error_of(lambda: response.send(server.url, b"any"))
    assert f"HTTP status {status}" in told
    assert "secret" not in told


def test_a_connection_that_is_refused_is_raised_without_the_url() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"https://localhost:{closed.getsockname()[1]}/answer?{SECRET}"
    told = error_of(lambda: response.send(url, b"any"))
    assert "RuntimeError" in told
    assert "ConnectionRefusedError" in told
    assert "secret" not in told


def test_a_connection_that_is_lost_is_raised_without_the_url(server: AnswerServer) -> None:
    server.status = 0
    told = error_of(lambda: response.send(server.url, b"any"))
    assert "RuntimeError" in told
    assert "secret" not in told


def test_a_url_that_no_client_takes_is_raised_without_the_url() -> None:
    url = f"https://localhost/a path?{SECRET}"
    told = error_of(lambda: response.send(url, b"any"))
    assert "RuntimeError" in told
    assert "InvalidURL" in told
    assert "secret" not in told


@pytest.mark.parametrize("url", ["http://localhost/?X-Amz-Signature=secret", "file:///etc/passwd?secret", ""])
def test_an_answer_goes_over_tls_or_not_at_all(url: str) -> None:
    told = error_of(lambda: response.send(url, b"any"))
    assert "https://" in told
    assert "secret" not in told
