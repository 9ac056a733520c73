"""GitHub for a workflow's steps: what runs them as its runner does, and the part of its API for pull requests."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.conftest import ROOT

REPOSITORY: Final = "team/models"
NUMBER: Final = 7
_PULLS: Final = f"/repos/{REPOSITORY}/pulls"
BOT: Final = "github-actions[bot]"
WRITES: Final = "may-write"
READS: Final = "may-read"  # what a pull request from a fork gets
# With `shell: bash`; https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
_BASH: Final = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
_EXPRESSION: Final = re.compile(r"\$\{\{ *(.*?) *\}\}")


class Comments:
    """The comments of pull requests, of which one exists already, and the calls that changed them."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.threads: dict[int, list[dict[str, Any]]] = {NUMBER: []}
        self.pulls: list[dict[str, Any]] = []
        """Those that were opened, oldest first."""
        self.changes: list[str] = []
        self.broken = False
        self.opens_none = False
        """Whether the repository's settings let no workflow open a pull request."""

    @property
    def all(self) -> list[dict[str, Any]]:
        """The comments of the one that exists already."""
        return self.threads[NUMBER]

    def add(self, author: str, body: str, number: int = NUMBER) -> dict[str, Any]:
        """Add a comment as its author would."""
        ids = sum(map(len, self.threads.values()))
        made = {"id": 1000 + ids, "user": {"login": author}, "body": body, "html_url": self.url}
        self.threads[number].append(made)
        return made

    def of(self, author: str, number: int = NUMBER) -> list[dict[str, Any]]:
        return [each for each in self.threads[number] if each["user"]["login"] == author]

    def open(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Open a pull request."""
        number = NUMBER + 1 + len(self.pulls)
        self.threads[number] = []
        self.pulls.append({"number": number, "state": "open", "user": {"login": BOT}, **asked})
        return self.pulls[-1]


@contextmanager
def serving() -> Iterator[Comments]:
    """Serve the API on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    comments = _Handler.comments = Comments(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield comments
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    comments: Comments

    def do_GET(self) -> None:
        """List a page of comments, 30 without `per_page` and never more than 100; or the pull requests of a branch.

        There are no artifacts.
        """
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == _PULLS:
            if self._may("GET"):
                owner = REPOSITORY.partition("/")[0]
                found = [each for each in self.comments.pulls if query["head"] == [f"{owner}:{each['head']}"]]
                self._answer(200, [each for each in reversed(found) if query["state"] == ["all"]])
        elif path == f"/repos/{REPOSITORY}/actions/artifacts":
            if self._may("GET"):
                self._answer(200, {"artifacts": []})
        elif (number := self._thread(path)) and self._may("GET"):
            size = min(int(query.get("per_page", ["30"])[0]), 100)
            start = size * (int(query.get("page", ["1"])[0]) - 1)
            self._answer(200, self.comments.threads[number][start : start + size])

    def do_POST(self) -> None:
        """Add a comment, or open a pull request."""
        if self.path == _PULLS:
            if self._may("POST"):
                if self.comments.opens_none:
                    words = "GitHub Actions is not permitted to create or approve pull requests."
                    self._answer(403, {"message": words})
                else:
                    self._answer(201, self.comments.open(self._document()))
        elif (number := self._thread(self.path)) and self._may("POST"):
            self._answer(201, self.comments.add(BOT, self._body(), number))

    def do_PATCH(self) -> None:
        """Change a comment."""
        for each in self.comments.all:
            if self.path == f"/repos/{REPOSITORY}/issues/comments/{each['id']}" and self._may("PATCH"):
                each["body"] = self._body()
                self._answer(200, each)

    def _thread(self, path: str) -> int | None:
        """Return the number of the pull request whose comments a path names."""
        for number in self.comments.threads:
            if path == f"/repos/{REPOSITORY}/issues/{number}/comments":
                return number
        self._answer(404, {"message": "Not Found"})
        return None

    def _may(self, method: str) -> bool:
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        if self.comments.broken:
            self._answer(500, {"message": "Server Error"})
        elif token not in (WRITES, READS):
            self._answer(401, {"message": "Bad credentials"})
        elif method != "GET" and token != WRITES:
            self._answer(403, {"message": "Resource not accessible by integration"})
        else:
            self.comments.changes += [method] * (method != "GET")
            return True
        return False

    def _body(self) -> str:
        return str(self._document()["body"])

    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return found

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Ended:
    """A job that ran until a step failed, or to its end."""

    failed: str = ""
    code: int = 0
    log: str = ""
    summary: str = ""
    artifact: dict[str, str] = field(default_factory=dict)


def run(
    workflow: Mapping[str, Any], job: str, checkout: Path, home: Path, comments: Comments, token: str, **env: str
) -> Ended:
    """Run the `run` text of each step of a job, as it stands; `env` replaces what the workflow's own `env` says."""
    ended = Ended()
    known = {"github.token": token}
    files = {name: home / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_EVENT_PATH")}
    given = {
        "HOME": str(home),
        "PATH": os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if str(ROOT) not in each),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": comments.url,
        "GITHUB_BASE_REF": "main",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "1",
        "GITHUB_SERVER_URL": "https://github.example",
        **{name: str(path) for name, path in files.items()},
    }
    files["GITHUB_EVENT_PATH"].write_text(json.dumps({"pull_request": {"number": NUMBER}}), encoding="utf-8")
    files["GITHUB_STEP_SUMMARY"].write_text("", encoding="utf-8")
    for step in workflow["jobs"][job]["steps"]:
        if step.get("uses", "").startswith("actions/upload-artifact@"):
            paths = [checkout / line for line in step["with"]["path"].splitlines()]
            ended.artifact = {path.name: path.read_text(encoding="utf-8") for path in paths if path.exists()}
        if "run" not in step:
            continue
        files["GITHUB_OUTPUT"].write_text("", encoding="utf-8")
        script = home / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        said = {name: _value(text, known) for name, text in {**workflow["env"], **step.get("env", {})}.items()}
        done = subprocess.run(
            [*_BASH, str(script)],
            cwd=checkout,
            env={**given, **said, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        ended.log += done.stdout
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{name}"] = value
        if done.returncode:
            ended.failed, ended.code = step.get("name", step["run"]), done.returncode
            break
    ended.summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    return ended


def _value(text: str, known: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: known[found[1]], text)
