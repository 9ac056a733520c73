"""The part of GitHub's API with which a workflow that deploys finds what it has begun, and compares commits."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

REPOSITORY: Final = "acme/models"
TOKEN: Final = "a-secret"
DIGEST: Final = "d1"


@dataclass
class GitHub:
    """Artifacts, runs and the commits of `main`, the oldest first."""

    artifacts: list[dict[str, Any]] = field(default_factory=list)
    records: dict[int, dict[str, str]] = field(default_factory=dict)
    running: dict[str, list[int]] = field(default_factory=dict)
    dispatched: list[dict[str, Any]] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """What a step knows of it."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": REPOSITORY}

    def record(
        self, environment: str, state: str, *, at: int, branch: str = "main", owner: int = 1, **more: Any
    ) -> None:
        """Add the record of a job that ran at some second."""
        record = {"state": state, "run": str(at), "commit": f"c{at}", "digest": DIGEST, "tries": "0"}
        self.keep(f"deploy-{environment}", record, at=at, branch=branch, owner=owner, **more)

    def keep(
        self,
        name: str,
        record: dict[str, str],
        *,
        at: int | None = None,
        branch: str = "main",
        owner: int = 1,
        **more: Any,
    ) -> None:
        """Keep a record as an artifact, made at some second. Default: after all others."""
        number = len(self.artifacts) + 100
        at = len(self.artifacts) if at is None else at
        self.records[number] = record
        self.artifacts.append(
            {
                "id": number,
                "name": name,
                "expired": False,
                "created_at": f"2026-01-01T00:{at // 60:02}:{at % 60:02}Z",
                "workflow_run": {"head_branch": branch, "repository_id": 1, "head_repository_id": owner},
                **more,
            }
        )

    def compare(self, base: str, head: str) -> str:
        """Say where a commit of `main` is, seen from another one."""
        first, second = (self.commits.index(each) for each in (base, head))
        return "identical" if first == second else "ahead" if first < second else "behind"


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def do_GET(self) -> None:
        """List runs or artifacts, or send one; its bytes are elsewhere, as on GitHub."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        actions = f"/repos/{REPOSITORY}/actions"
        if path.startswith("/blob/"):
            self._answer(200, _zip(self.github.records[int(path.rpartition("/")[2])]))
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401)
        elif path == f"{actions}/workflows/deploy.yml/runs":
            runs = self.github.running.get(query["status"][0], [])
            self._answer(200, json.dumps({"workflow_runs": [{"id": each} for each in runs]}).encode())
        elif path == f"{actions}/artifacts":
            found = [each for each in self.github.artifacts if each["name"] == query["name"][0]]
            self._answer(200, json.dumps({"artifacts": found}).encode())
        elif path.startswith(f"/repos/{REPOSITORY}/compare/"):
            base, head = path.rpartition("/")[2].split("...")
            if {base, head} <= set(self.github.commits):
                self._answer(200, json.dumps({"status": self.github.compare(base, head)}).encode())
            else:
                self._answer(404)
        elif path.startswith(f"{actions}/artifacts/") and path.endswith("/zip"):
            self._answer(302, location=f"{self.github.url}/blob/{path.split('/')[-2]}")
        else:
            self._answer(404)

    def do_POST(self) -> None:
        """Start a run."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == f"/repos/{REPOSITORY}/actions/workflows/deploy.yml/dispatches":
            self.github.dispatched.append(json.loads(body))
            self._answer(204)
        else:
            self._answer(404)

    def _answer(self, status: int, body: bytes = b"", location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _zip(record: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("record.json", json.dumps(record))
    return buffer.getvalue()


@contextmanager
def serving() -> Iterator[GitHub]:
    """Serve the API on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    its = _Handler.github = GitHub(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield its
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
