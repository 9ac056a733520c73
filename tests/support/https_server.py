"""A server with a certificate that takes answers, and says what was on the wire."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


class AnswerServer:
    """Takes `PUT`; `status` is what it answers with."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.status = 200
        self.bodies: list[bytes] = []
        self.headers: list[list[tuple[str, str]]] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/answer?X-Amz-Signature=secret"


@contextmanager
def serving(certificates: Path) -> Iterator[AnswerServer]:
    """Serve on this machine; the authority to trust is `authority.pem` among the certificates."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(certificates / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    answers = AnswerServer(server.server_address[1])
    _Handler.answers = answers
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield answers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    answers: AnswerServer

    def do_PUT(self) -> None:
        """Take an answer."""
        self.answers.paths.append(self.path)
        self.answers.headers.append(self.headers.items())
        self.answers.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        if self.answers.status == 0:
            # Gone without a word, as a server that is restarted.
            self.close_connection = True
            return
        self.send_response(self.answers.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
