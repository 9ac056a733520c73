"""The workflow that a team is given: each step runs as it stands, with a host and its API on this machine."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.conftest import ROOT
from tests.support import github
from tests.support.github import BOT, READS, WRITES, Comments, Ended
from tune.review.markdown import MARK

pytestmark = pytest.mark.slow
_FILE: Final = Path(".github") / "workflows" / "review.yml"
_MODEL: Final = Path("environments") / "dev" / "docstrings.toml"
_EPOCHS: Final = "epochCount = 2 "
_LINKED: Final = (".venv", "node_modules")
_AUTHOR: Final = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *_AUTHOR, "-c", "gc.auto=0", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tune(checkout: Path, *arguments: str) -> str:
    command = [".venv/bin/python", "-m", "tune", *arguments]
    return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout


def repository(folder: Path, host: Path) -> Path:
    """Return a new repository with what is installed here; git does not see the links."""
    git(folder.parent, "init", "--quiet", "--initial-branch", "main", str(folder))
    (folder / ".git" / "info" / "exclude").write_text("\n".join(_LINKED), encoding="utf-8")
    for name in _LINKED:
        (folder / name).symlink_to((ROOT / name).resolve())
    git(folder, "remote", "add", "origin", str(host))
    return folder


@dataclass
class Project:
    """A team's repository with a pull request, as its host has it."""

    folder: Path
    host: Path
    author: Path

    def propose(self, epochs: int) -> None:
        """Push a change to the pull request's branch; the host merges it as a trial."""
        git(self.author, "switch", "--quiet", "--force-create", "change", "main")
        model = self.author / _MODEL
        text = model.read_text(encoding="utf-8")
        assert text.count(_EPOCHS) == 1
        model.write_text(text.replace(_EPOCHS, f"epochCount = {epochs} "), encoding="utf-8")
        git(self.author, "commit", "--quiet", "--all", "--message", "More epochs")
        git(self.author, "switch", "--quiet", "--detach", "main")
        git(self.author, "merge", "--quiet", "--no-ff", "--message", "Trial", "change")
        git(self.author, "push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{github.NUMBER}/merge")

    def run(self, comments: Comments, token: str, **env: str) -> Ended:
        """Check the trial merge out as GitHub's own action does with the whole history, and run the job."""
        self.folder.joinpath("jobs").mkdir(exist_ok=True)
        checkout = self.folder / "jobs" / str(len(list(self.folder.joinpath("jobs").iterdir())))
        repository(checkout, self.host)
        trial = f"refs/remotes/pull/{github.NUMBER}/merge"
        refs = ("+refs/heads/*:refs/remotes/origin/*", f"+refs/pull/{github.NUMBER}/merge:{trial}")
        git(checkout, "fetch", "--quiet", "origin", *refs)
        git(checkout, "checkout", "--quiet", "--detach", trial)
        # What is installed already is newer than what asks for it, so that nothing is installed here.
        for name in ("Makefile", "requirements.txt", "package.json", "package-lock.json"):
            os.utime(checkout / name, (0, 0))
        subprocess.run(["make", "--question", "setup-deploy"], cwd=checkout, check=True)
        workflow: dict[str, Any] = yaml.safe_load((checkout / _FILE).read_text(encoding="utf-8"))
        ended = github.run(workflow, "review", checkout, self.folder / "home", comments, token, **env)
        assert token not in ended.log
        return ended


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository with the files of this checkout, in which somebody has asked for the workflow."""
    if missing := [name for name in ("bash", "curl", "jq", "make") if shutil.which(name) is None]:
        pytest.skip(f"not run: there is no {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("workflow")
    (folder / "home").mkdir()
    host = folder / "host.git"
    git(folder, "init", "--quiet", "--bare", str(host))
    author = repository(folder / "author", host)
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if (ROOT / name).is_file():
            (author / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, author / name)
    tune(author, "pipeline", "github", "--review")
    git(author, "add", "--all")
    git(author, "commit", "--quiet", "--message", "All of it")
    git(author, "push", "--quiet", "origin", "main")
    return Project(folder, host, author)


@pytest.fixture
def comments() -> Iterator[Comments]:
    """The comments of a pull request that many have talked about, and one of whom pretends to be the review."""
    with github.serving() as served:
        served.add("mallory", f"{MARK}\nNothing to see here.")
        for number in range(130):
            served.add("somebody", f"Remark {number}")
        yield served


def test_a_pull_request_has_one_comment_that_says_what_the_review_printed_last(
    project: Project, comments: Comments
) -> None:
    project.propose(epochs=3)
    first = project.run(comments, WRITES)
    assert (first.failed, first.code) == ("", 0), first.log
    [posted] = comments.of(BOT)
    assert posted["body"] == first.artifact["review.md"] == first.summary
    assert posted["body"].startswith(MARK)
    assert "56,460 tokens" in posted["body"]
    assert json.loads(first.artifact["review.json"])["counts"]["trains"] == 1

    project.propose(epochs=4)
    second = project.run(comments, WRITES, FAIL_ON="buys,trains")
    assert (second.failed, second.code) == ("Result", 1), second.log
    [patched] = comments.of(BOT)
    assert patched["id"] == posted["id"]
    assert patched["body"] == second.artifact["review.md"] == second.summary != first.summary
    assert comments.changes == ["POST", "PATCH"]
    assert comments.all[0]["body"] == f"{MARK}\nNothing to see here."


def test_a_fork_has_the_summary_and_the_artifact(project: Project, comments: Comments) -> None:
    project.propose(epochs=3)
    done = project.run(comments, READS, FAIL_ON="buys")
    assert (done.failed, done.code) == ("", 0), done.log
    assert (comments.of(BOT), comments.changes) == ([], [])
    assert "56,460 tokens" in done.summary == done.artifact["review.md"]
    assert "::notice::" in done.log
    assert "Resource not accessible by integration" in done.log


def test_what_cannot_be_compared_replaces_the_comment_and_fails(project: Project, comments: Comments) -> None:
    project.propose(epochs=3)
    old = comments.add(BOT, f"{MARK}\nOf an earlier commit.")
    done = project.run(comments, WRITES, GITHUB_BASE_REF="nowhere")
    assert (done.failed, done.code) == ("Result", 2), done.log
    assert old["body"] == done.summary
    assert done.summary.startswith(MARK)
    assert "origin/nowhere" in done.summary


def test_a_comment_that_was_not_taken_fails(project: Project, comments: Comments) -> None:
    project.propose(epochs=3)
    comments.broken = True
    done = project.run(comments, WRITES, GITHUB_BASE_REF="nowhere")
    assert (done.failed, done.code) == ("Comment", 1), done.log
    assert "500" in done.log
