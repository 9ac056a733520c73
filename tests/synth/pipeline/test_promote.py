"""The job that proposes a promotion: its lines as they stand, with a bare repository as the host, and its API."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from settings import EnvironmentLocation
from tests.support import github
from tests.support.github import BOT, REPOSITORY, WRITES, Comments
from tests.support.github_jobs import Ended, Jobs
from tests.support.messages import says
from tune.pipeline.deploy import workflow
from tune.review.markdown import MARK

pytestmark = pytest.mark.slow

_AUTHOR: Final = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "gc.auto=0")
_JOB: Final = "promote-staging"
_FIRST, _SECOND = "4ffdfb6dcb25-1", "c0ffee000000-1"
# In the place of this project's commands. `ends` says how a promotion of a model ends, and `training` what it writes.
_TUNE: Final = """#!/usr/bin/env python3
import json, os, pathlib, sys
assert "TOKEN" not in os.environ
folder = pathlib.Path(__file__).parent
arguments = sys.argv[sys.argv.index("tune") + 1 :]
if arguments[0] == "promote":
    giver, taker, model, form = arguments[1:]
    assert form == "--json"
    ended = folder / f"ends-{model}"
    if ended.exists():
        print(f"{model} has not finished", file=sys.stderr)
        sys.exit(int(ended.read_text()))
    training = (folder / "training").read_text()
    path = pathlib.Path("environments", taker, f"{model}.toml")
    text = f'[promotion]\\nfrom = "{giver}"\\ntraining = "{training}"\\n'
    is_new = not path.exists() or path.read_text() != text
    path.write_text(text)
    print(json.dumps({"training": training, "written": is_new}))
elif (folder / "ends-review").exists():
    print("the base does not synthesize", file=sys.stderr)
    sys.exit(2)
else:
    (compared,) = (its for name, its in zip(arguments, arguments[1:]) if name == "--since")
    assert len(compared) == 40, compared
    found = sorted(str(path) for path in pathlib.Path("environments", "staging").glob("*.toml"))
    print("<!-- bedrock-tuning-review -->", *found, sep="\\n")
"""


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *_AUTHOR, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Team:
    """A repository whose pipeline has deployed what is on `main`, the host of that repository, and the host's API."""

    def __init__(self, folder: Path, comments: Comments) -> None:
        self._folder = folder
        self._comments = comments
        self.author, self.host, self.commands = (folder / name for name in ("author", "host.git", "commands"))
        for each in (self.host, self.author):
            git(folder, "init", "--quiet", "--initial-branch", "main", *(["--bare"] * (each == self.host)), str(each))
        git(self.author, "remote", "add", "origin", str(self.host))
        self.commands.mkdir()
        (self.commands / "python").write_text(_TUNE, encoding="utf-8")
        (self.commands / "python").chmod(0o755)
        self.trains(_FIRST)
        (self.author / "Makefile").write_text("setup-deploy:\n", encoding="utf-8")
        (self.author / ".gitignore").write_text("/.venv\n", encoding="utf-8")
        for name in ("dev/environment", "dev/docstrings", "staging/environment"):
            self.write(name, "")
        self.deployed = self.push()

    def trains(self, training: str) -> None:
        """Let another training be the one that dev has."""
        (self.commands / "training").write_text(training, encoding="utf-8")

    def ends(self, what: str, code: int) -> None:
        """Let a promotion of a model, or the review, end otherwise."""
        (self.commands / f"ends-{what}").write_text(str(code), encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        path = self.author / "environments" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def push(self) -> str:
        """Bring what is written to `main`; return the commit."""
        git(self.author, "add", "--all")
        git(self.author, "commit", "--quiet", "--message", "Any")
        git(self.author, "push", "--quiet", "origin", "main")
        return git(self.author, "rev-parse", "HEAD")

    def merge(self, branch: str) -> None:
        git(self.author, "fetch", "--quiet", "origin")
        git(self.author, "merge", "--quiet", "--no-ff", "--message", "Merge", f"origin/{branch}")
        git(self.author, "push", "--quiet", "origin", "main")

    @property
    def branches(self) -> dict[str, list[str]]:
        """The files that each branch of the host changes."""
        names = git(self.host, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        return {name: git(self.host, "diff", "--name-only", f"main...{name}").split() for name in names}

    def run(self, models: str = "", **env: str) -> Ended:
        """Run the job in a new checkout of `main`, after a run has deployed a commit."""
        checkout = self._folder / f"job-{len(list(self._folder.iterdir()))}"
        git(self._folder, "clone", "--quiet", str(self.host), str(checkout))
        (checkout / ".venv").mkdir()
        (checkout / ".venv" / "bin").symlink_to(self.commands)
        text = yaml.safe_load(WORKFLOW)
        text["jobs"][_JOB]["env"]["MODELS"] = models
        summary = self._folder / "summary"
        variables = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._folder),
            "GIT_TERMINAL_PROMPT": "0",
            "GITHUB_API_URL": self._comments.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": "3",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_STEP_SUMMARY": str(summary),
            **env,
        }
        known = {"github.token": WRITES, "github.sha": self.deployed, "vars.DEPLOY_ROLE": "any"}
        roles: list[str] = []

        def credentials(role: str) -> dict[str, str]:
            roles.append(role)
            return {}

        done = Jobs(text, checkout, self._folder, variables).run(_JOB, run="3", known=known, credentials=credentials)
        assert roles == ["any"]
        assert WRITES not in done.log
        return done


WORKFLOW: Final = workflow(
    [EnvironmentLocation(name=name, account="111122223333", region="us-east-1") for name in ("dev", "staging")],
    {"staging": ["dev"]},
)


@pytest.fixture
def comments() -> Iterator[Comments]:
    """GitHub's API on this machine."""
    if missing := [name for name in ("bash", "curl", "git", "jq", "make") if shutil.which(name) is None]:
        pytest.skip(f"not run: there is no {', '.join(missing)}")
    with github.serving() as served:
        yield served


@pytest.fixture
def team(tmp_path: Path, comments: Comments) -> Team:
    return Team(tmp_path, comments)


def branch_of(training: str, model: str = "docstrings") -> str:
    return f"promote/staging/{model}/{training}"


def test_it_proposes_one_file_on_a_branch_with_the_review_as_its_first_comment(team: Team, comments: Comments) -> None:
    done = team.run()
    assert done.failed == "", done.log
    assert team.branches == {"main": [], branch_of(_FIRST): ["environments/staging/docstrings.toml"]}
    (pull,) = comments.pulls
    assert (pull["head"], pull["base"]) == (branch_of(_FIRST), "main")
    assert says(pull["title"], "docstrings", "staging", _FIRST)
    assert f"https://github.example/{REPOSITORY}/actions/runs/3" in pull["body"]
    (said,) = comments.threads[pull["number"]]
    assert said["user"]["login"] == BOT
    assert said["body"].splitlines() == [
        MARK,
        "environments/staging/docstrings.toml",
        "environments/staging/environment.toml",
    ]
    written = git(team.host, "show", f"{branch_of(_FIRST)}:environments/staging/docstrings.toml")
    assert f'training = "{_FIRST}"' in written


def test_again_changes_nothing(team: Team, comments: Comments) -> None:
    team.run()
    branches, changes = git(team.host, "for-each-ref"), list(comments.changes)
    assert team.run().failed == ""
    assert git(team.host, "for-each-ref") == branches
    assert comments.changes == changes


@pytest.mark.parametrize("merged", [True, False])
def test_what_was_merged_or_closed_is_not_proposed_again_and_another_training_is(
    team: Team, comments: Comments, merged: bool
) -> None:
    team.run()
    comments.pulls[0]["state"] = "closed"
    if merged:
        team.merge(branch_of(_FIRST))
        # What was promoted is taken back by a revert, which is a decision too.
        team.write("staging/docstrings", "# reverted")
        team.push()
    git(team.author, "push", "--quiet", "origin", "--delete", branch_of(_FIRST))
    comments.threads[comments.pulls[0]["number"]].clear()
    comments.changes.clear()
    assert team.run().failed == ""
    assert comments.changes == []
    assert (len(comments.pulls), list(team.branches)) == (1, ["main"])

    team.trains(_SECOND)
    assert team.run().failed == ""
    assert [each["head"] for each in comments.pulls] == [branch_of(_FIRST), branch_of(_SECOND)]


def test_what_is_there_already_is_not_proposed(team: Team, comments: Comments) -> None:
    team.run()
    team.merge(branch_of(_FIRST))
    comments.pulls.clear()
    assert team.run().failed == ""
    assert comments.pulls == []


@pytest.mark.parametrize("name", ["dev/docstrings", "dev/environment"])
def test_while_main_says_something_of_the_giver_that_is_not_deployed_nothing_is_proposed(
    team: Team, comments: Comments, name: str
) -> None:
    team.write(name, "# newer")
    team.push()
    done = team.run()
    assert (done.failed, comments.pulls, list(team.branches)) == ("", [], ["main"])
    assert "::notice::" in done.log


def test_another_commit_since_then_keeps_nothing_back_and_is_in_the_branch(team: Team, comments: Comments) -> None:
    team.write("other", "# newer")
    newest = team.push()
    assert team.run().failed == ""
    assert git(team.host, "rev-parse", f"{branch_of(_FIRST)}^") == newest
    assert len(comments.pulls) == 1


def test_each_model_has_its_own_and_one_that_cannot_be_promoted_keeps_no_other_back(
    team: Team, comments: Comments
) -> None:
    for name in ("another", "zebra"):
        team.write(f"dev/{name}", "")
    team.deployed = team.push()
    team.ends("another", 1)
    done = team.run()
    assert done.failed == "", done.log
    assert "\nanother has not finished\n::warning::another " in done.log
    assert team.branches == {
        "main": [],
        **{branch_of(_FIRST, each): [f"environments/staging/{each}.toml"] for each in ("docstrings", "zebra")},
    }
    heads = [each["head"] for each in comments.pulls]
    assert heads == [branch_of(_FIRST, each) for each in ("docstrings", "zebra")]
    assert all(len(comments.of(BOT, each["number"])) == 1 for each in comments.pulls)


def test_only_the_models_that_are_named_are_proposed(team: Team, comments: Comments) -> None:
    for name in ("doc", "zebra"):
        team.write(f"dev/{name}", "")
    team.deployed = team.push()
    assert team.run(models="zebra doc").failed == ""
    heads = [each["head"] for each in comments.pulls]
    assert heads == [branch_of(_FIRST, each) for each in ("doc", "zebra")]


def test_settings_or_credentials_that_are_wrong_fail_the_job(team: Team, comments: Comments) -> None:
    team.ends("docstrings", 2)
    done = team.run()
    assert (done.failed, done.code, comments.pulls) == ("Promote", 2, [])


def test_what_cannot_be_reviewed_is_proposed_says_so_and_fails_the_job(team: Team, comments: Comments) -> None:
    team.ends("review", 2)
    done = team.run()
    assert (done.failed, done.code) == ("Promote", 2)
    ((said,),) = (comments.of(BOT, each["number"]) for each in comments.pulls)
    assert said["body"].startswith(MARK)
    assert "the base does not synthesize" in said["body"]


def _without_pull_request(team: Team, comments: Comments) -> None:
    comments.opens_none = True
    done = team.run()
    assert (done.failed, done.code) == ("Promote", 1)
    assert says(done.log, "403", "not permitted to create")
    comments.opens_none = False


def _without_comment(team: Team, comments: Comments) -> None:
    assert team.run().failed == ""
    comments.threads[comments.pulls[0]["number"]].clear()


@pytest.mark.parametrize("ended", [_without_pull_request, _without_comment])
def test_a_run_that_ended_between_two_steps_is_finished_by_the_next(
    team: Team, comments: Comments, ended: Callable[[Team, Comments], None]
) -> None:
    ended(team, comments)
    done = team.run()
    assert done.failed == "", done.log
    assert team.branches == {"main": [], branch_of(_FIRST): ["environments/staging/docstrings.toml"]}
    (pull,) = comments.pulls
    assert len(comments.of(BOT, pull["number"])) == 1


def test_what_somebody_else_has_pushed_is_never_proposed_in_place_of_the_promotion(
    team: Team, comments: Comments
) -> None:
    team.write("prod/docstrings", "# theirs")
    git(team.author, "add", "--all")
    git(team.author, "commit", "--quiet", "--message", "Theirs")
    git(team.author, "push", "--quiet", "origin", f"HEAD:refs/heads/{branch_of(_FIRST)}")
    assert team.run().failed == ""
    assert team.branches == {"main": [], branch_of(_FIRST): ["environments/staging/docstrings.toml"]}
    assert len(comments.pulls) == 1


def test_what_somebody_else_has_proposed_gets_no_review(team: Team, comments: Comments) -> None:
    theirs = comments.open({"head": branch_of(_FIRST), "base": "main", "user": {"login": "mallory"}})
    assert team.run().failed == ""
    assert (list(team.branches), comments.pulls, comments.changes) == (["main"], [theirs], [])


def test_somebody_elses_comment_is_no_review(team: Team, comments: Comments) -> None:
    _without_comment(team, comments)
    number = comments.pulls[0]["number"]
    comments.add("mallory", f"{MARK}\nNothing to see here.", number)
    assert team.run().failed == ""
    assert len(comments.of(BOT, number)) == 1


def test_an_api_that_fails_fails_the_job_and_pushes_nothing(team: Team, comments: Comments) -> None:
    comments.broken = True
    done = team.run()
    assert (done.failed, done.code) == ("Promote", 1)
    assert "500" in done.log
    assert list(team.branches) == ["main"]
