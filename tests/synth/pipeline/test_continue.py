"""The schedule of the workflow that deploys: which environment it continues, with which assembly."""

import io
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from settings import EnvironmentLocation
from tests.support.github_jobs import Ended, Jobs
from tune.pipeline.deploy import workflow

pytestmark = pytest.mark.slow

REPOSITORY: Final = "acme/models"
OWN: Final = 7
TOKEN: Final = "a-secret"
DIGEST: Final = "d1"
ENVIRONMENTS: Final = [
    EnvironmentLocation(name=name, account="111122223333", region="us-east-1") for name in ("dev", "prod")
]


@dataclass
class GitHub:
    """The part of the API that the job uses."""

    artifacts: list[dict[str, Any]] = field(default_factory=list)
    records: dict[int, dict[str, str]] = field(default_factory=dict)
    running: dict[str, list[int]] = field(default_factory=lambda: {"in_progress": [OWN]})
    dispatched: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def record(
        self, environment: str, state: str, *, at: int, branch: str = "main", owner: int = 1, **more: Any
    ) -> None:
        """Add the record of a job that ran at some second."""
        number = len(self.artifacts) + 100
        self.records[number] = {"state": state, "run": str(at), "commit": f"c{at}", "digest": DIGEST}
        self.artifacts.append(
            {
                "id": number,
                "name": f"deploy-{environment}",
                "expired": False,
                "created_at": f"2026-01-01T00:00:{at:02}Z",
                "workflow_run": {"head_branch": branch, "repository_id": 1, "head_repository_id": owner},
                **more,
            }
        )


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


@pytest.fixture
def github() -> Iterator[GitHub]:
    """GitHub on this machine."""
    if missing := [name for name in ("bash", "curl", "jq", "unzip") if shutil.which(name) is None]:
        pytest.skip(f"not run: there is no {', '.join(missing)}")
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


def found(github: GitHub, folder: Path, environment: str = "") -> Ended:
    """Run the job, on the schedule or for an environment."""
    text = yaml.safe_load(workflow(ENVIRONMENTS))
    checkout = folder / "checkout"
    checkout.mkdir()
    variables = {
        "PATH": "/usr/bin:/bin",
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": str(OWN),
        **text["env"],
    }
    known = {"github.token": TOKEN, "inputs.environment": environment}
    done = Jobs(text, checkout, folder, variables).run("continue", run=str(OWN), known=known, credentials=lambda _: {})
    assert done.failed == "", done.log
    assert TOKEN not in done.log
    return done


def continued(github: GitHub, folder: Path) -> list[str]:
    """Return the environments that the schedule continues."""
    found(github, folder)
    assert {each["ref"] for each in github.dispatched} <= {"main"}
    return [each["inputs"]["environment"] for each in github.dispatched]


@pytest.mark.parametrize(
    ("state", "expected"),
    [("begun", ["dev"]), ("goes_on", ["dev"]), ("done", []), ("failed", []), ("failure", []), ("cancelled", [])],
)
def test_what_was_begun_and_what_goes_on_is_continued(
    github: GitHub, tmp_path: Path, state: str, expected: list[str]
) -> None:
    github.record("dev", state, at=1)
    assert continued(github, tmp_path) == expected


def test_each_environment_is_continued_by_itself(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=2)
    github.record("prod", "begun", at=1)
    assert continued(github, tmp_path) == ["dev", "prod"]


def test_the_last_record_counts(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "done", at=2)
    github.record("dev", "goes_on", at=1)
    assert continued(github, tmp_path) == []


@pytest.mark.parametrize("more", [{"branch": "mine"}, {"owner": 2}, {"expired": True}], ids=str)
def test_a_record_of_another_branch_of_a_fork_or_that_has_expired_does_not_count(
    github: GitHub, tmp_path: Path, more: dict[str, Any]
) -> None:
    github.record("dev", "goes_on", at=2, **more)
    github.record("prod", "goes_on", at=1)
    assert continued(github, tmp_path) == ["prod"]


@pytest.mark.parametrize("status", ["queued", "pending", "in_progress"])
def test_while_another_run_is_not_done_nothing_is_continued(github: GitHub, tmp_path: Path, status: str) -> None:
    github.record("dev", "goes_on", at=1)
    github.running = {"in_progress": [OWN], status: [OWN + 1]}
    assert continued(github, tmp_path) == []


def test_a_run_for_an_environment_takes_the_assembly_that_was_begun_there(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=3)
    github.record("prod", "begun", at=2)
    done = found(github, tmp_path, "dev")
    assert done.outputs == {"run": "3", "commit": "c3", "digest": DIGEST}
    assert github.dispatched == []


def test_a_run_for_an_environment_in_which_nothing_is_in_progress_finds_nothing(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=3)
    github.record("prod", "done", at=2)
    assert found(github, tmp_path, "prod").outputs == {"run": "", "commit": "", "digest": ""}
