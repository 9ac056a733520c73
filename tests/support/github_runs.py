"""The part of GitHub's API with which a workflow that deploys finds what it has begun, and compares commits."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

REPOSITORY: Final = "acme/models"
TOKEN: Final = "a-secret"
DIGEST: Final = "d1" * 32
_NOTHING: Final[Mapping[str, str]] = {}
WORKFLOW: Final = ".github/workflows/deploy.yml"
MINE: Final = "e" * 40
"""A commit that is not on `main`."""


def commit(number: int) -> str:
    """Return the name of a commit."""
    return f"{number:040x}"


@dataclass
class GitHub:
    """Artifacts, runs and the commits of `main`, the oldest first."""

    artifacts: list[dict[str, Any]] = field(default_factory=list)
    records: dict[int, dict[str, str]] = field(default_factory=dict)
    running: dict[str, list[int]] = field(default_factory=dict)
    dispatched: list[dict[str, Any]] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    runs: dict[int, dict[str, str]] = field(default_factory=dict)
    page: int = 100
    url: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """What a step knows of it."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": REPOSITORY}

    def record(self, environment: str, state: str, *, at: int, says: Mapping[str, str] = _NOTHING, **of: Any) -> None:
        """Add the record of a job that ran at some second; `says` is what it says besides or instead."""
        record = {"state": state, "run": str(at), "commit": commit(at), "digest": DIGEST, "tries": "0", **says}
        self.keep(f"deploy-{environment}", record, at=at, **of)

    def keep(
        self,
        name: str,
        record: dict[str, str],
        *,
        at: int | None = None,
        branch: str = "main",
        owner: int = 1,
        expired: bool = False,
        **run: str,
    ) -> None:
        """Keep a record as an artifact, made at some second by a run. Default: at the end, by a push to `main`."""
        number = len(self.artifacts) + 100
        at = len(self.artifacts) if at is None else at
        head = self.commits[-1] if self.commits else ""
        self.records[number] = record
        self.runs[number + 1000] = {"event": "push", "path": WORKFLOW, "head_sha": head, **run}
        of = {"id": number + 1000, "head_branch": branch, "repository_id": 1, "head_repository_id": owner}
        made = f"2026-01-01T00:{at // 60:02}:{at % 60:02}Z"
        self.artifacts.append({"id": number, "name": name, "expired": expired, "created_at": made, "workflow_run": of})

    def compare(self, base: str, head: str) -> str:
        """Say where a commit of `main` is, seen from another one; nothing where they share nothing."""
        if not {base, head} <= set(self.commits):
            return "diverged" if {base, head} <= {*self.commits, MINE} else ""
        first, second = (self.commits.index(each) for each in (base, head))
        return "identical" if first == second else "ahead" if first < second else "behind"


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def do_GET(self) -> None:
        """Answer a question, or send an artifact; its bytes are elsewhere, as on GitHub."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path.startswith("/blob/"):
            self._answer(200, _zip(self.github.records[int(path.rpartition("/")[2])]))
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401)
        elif path.endswith("/zip"):
            self._answer(302, location=f"{self.github.url}/blob/{path.split('/')[-2]}")
        else:
            found = self._found(path.removeprefix(f"/repos/{REPOSITORY}/"), {key: its[0] for key, its in query.items()})
            self._answer(200 if found else 404, json.dumps(found).encode())

    def _found(self, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what there is at a path of the repository."""
        github = self.github
        match path.split("/"):
            case ["actions", "workflows", "deploy.yml", "runs"]:
                return {"workflow_runs": [{"id": each} for each in github.running.get(query["status"], [])]}
            case ["actions", "artifacts"]:
                named = [each for each in github.artifacts if each["name"] == query["name"]]
                named.sort(key=lambda its: str(its["created_at"]), reverse=True)
                first = (int(query["page"]) - 1) * github.page
                return {"artifacts": named[first : first + github.page]}
            case ["actions", "runs", number]:
                return github.runs.get(int(number))
            case ["git", "ref", "heads", "main"]:
                return {"ref": "refs/heads/main", "object": {"type": "commit", "sha": github.commits[-1]}}
            case ["compare", both]:
                status = github.compare(*both.split("..."))
                return {"status": status} if status else None
        return None

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
