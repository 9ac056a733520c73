"""The assemblies to compare: folders that are there, a revision of the repository, or the checkout as it is."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bedrock_tuning.common.cache import folder_of_user
from settings.folder import ENVIRONMENTS_CONTEXT
from tune.deployment.cdk_cli import CDK, environment
from tune.terminal.folders import DEFAULT_FOLDER, ROOT
from tune.terminal.problems import CannotBeDone

_PINS: Final = ("requirements.txt", "package-lock.json")
_LAST_LINES: Final = 12
_DEEPER: Final = "run git fetch --unshallow (in GitHub Actions, actions/checkout with fetch-depth: 0)"
# As the rule packs report them, and as Python does.
_ERROR: Final = re.compile(r"ERROR |\[Error at |[\w.]*(Error|Exception): ")
# What only says that something else failed.
_OF_THE_CLI: Final = "Subprocess exited with error"


class BaseMissing(CannotBeDone):
    """There is no such revision, or it cannot be synthesized."""


def commit_of(revision: str) -> str:
    """Return the commit at which a revision and the checkout part: what came to the other side since is not ours.

    Raises BaseMissing when git does not know the revision, or not where both part.
    """
    if revision.startswith("-"):
        raise BaseMissing(f"--since: must be a commit, branch or tag (got {revision!r})")
    if _git("rev-parse", "--git-dir").returncode:
        raise BaseMissing(f"{ROOT} is in no git repository: give an assembly with --base")
    known = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if known.returncode:
        raise BaseMissing(_unknown(revision))
    found = _git("merge-base", "HEAD", known.stdout.strip())
    if found.returncode == 0:
        return found.stdout.strip()
    if _is_shallow():
        raise BaseMissing(f"this clone is shallow, and ends before HEAD and {revision!r} part: {_DEEPER}")
    raise BaseMissing(f"HEAD and {revision!r} have no commit in common; compare with another revision")


def _unknown(revision: str) -> str:
    remote, _, branch = revision.partition("/")
    if branch and remote in _git("remote").stdout.split():
        fetch = f"git fetch {remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
        return f"git does not know {revision!r} here; if {remote} has a branch {branch}, run {fetch}"
    if _is_shallow():
        return f"git does not know {revision!r} here, and this clone is shallow: check its spelling, or {_DEEPER}"
    return f"git does not know {revision!r} here: check its spelling; git branch --all and git tag list what it knows"


def _is_shallow() -> bool:
    return _git("rev-parse", "--is-shallow-repository").stdout.strip() == "true"


def checkout_name() -> str:
    """Return what the checkout is called: by its commit, and whether something in it is not of that."""
    found = _git("rev-parse", "--verify", "HEAD")
    if found.returncode:
        return "this checkout"
    changes = _git("status", "--porcelain", "--", ".").stdout.strip()
    return f"this checkout@{found.stdout.strip()[:12]}{' with changes' if changes else ''}"


def assembly_of(commit: str, folder: Path) -> tuple[Path, list[str]]:
    """Return the assembly of a commit, synthesized once and kept, and what one has to know of it.

    folder: That of the environments.

    Raises BaseMissing when it cannot be synthesized.
    """
    inside = _inside(folder)
    # The project may be in a folder of its repository.
    project = Path(_git("rev-parse", "--show-prefix").stdout.strip())
    notes = [
        f"{name} is another one in {commit[:12]}: its base was made with the packages that are installed here"
        for name in _PINS
        if _git("diff", "--quiet", commit, "--", name).returncode == 1
    ]
    kept = _cache() / f"{commit}-{hashlib.sha256(str(project / inside).encode()).hexdigest()[:8]}"
    if not (kept / "manifest.json").is_file():
        with _worktree(commit) as worktree, TemporaryDirectory(dir=_made(kept.parent)) as made:
            checkout = worktree / project
            if not (checkout / inside).is_dir():
                raise BaseMissing(
                    f"{commit[:12]} has no folder {project / inside}, which this command reads: compare with a "
                    "later revision, or give its assembly with --base"
                )
            synthesize(checkout, checkout / inside, Path(made) / "out", name=commit[:12])
            shutil.rmtree(kept, ignore_errors=True)
            (Path(made) / "out").rename(kept)
    return kept, notes


def synthesize(checkout: Path, folder: Path, output: Path, *, name: str) -> None:
    """Synthesize a checkout's environments into a folder.

    Raises BaseMissing with the errors that it finds, or the end of what it says; `name` is what the message calls the
    checkout.
    """
    if not CDK.exists():
        raise BaseMissing("the CDK CLI is not installed: run make setup-deploy")
    if not folder.is_dir():
        raise BaseMissing(f"{folder} is no folder: name the environments' folder with --environments")
    context = [] if folder == checkout / DEFAULT_FOLDER.name else ["-c", f"{ENVIRONMENTS_CONTEXT}={folder}"]
    done = subprocess.run(
        [str(CDK), "synth", "--quiet", "--output", str(output), "--app", f"{sys.executable} app.py", *context],
        cwd=checkout,
        env=environment(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # Folders of the moment say nothing to who reads it.
        said = f"{done.stdout}\n{done.stderr}".replace(f"{output}/", "").replace(f"{checkout}/", "")
        raise BaseMissing(f"{name} cannot be synthesized:\n{errors_in(said)}")


def errors_in(said: str) -> str:
    """Return the lines of what a synthesis says that are about errors; where none is, its last lines."""
    lines = [line for line in said.splitlines() if line.strip() and _OF_THE_CLI not in line]
    errors = [number for number, line in enumerate(lines) if _ERROR.match(line)]
    # The line below says where, and is indented.
    shown = [lines[at] for at in range(len(lines)) if at in errors or (at - 1 in errors and lines[at][0] == " ")]
    return "\n".join(shown[:_LAST_LINES] or lines[-_LAST_LINES:])


@contextmanager
def _worktree(commit: str) -> Iterator[Path]:
    with TemporaryDirectory(prefix="bedrock-tuning-review-") as name:
        checkout = Path(name) / "checkout"
        added = _git("worktree", "add", "--detach", "--force", str(checkout), commit)
        if added.returncode:
            raise BaseMissing(f"{commit} cannot be checked out: {_reason(added)}")
        try:
            yield checkout
        finally:
            _git("worktree", "remove", "--force", str(checkout))


def _inside(folder: Path) -> Path:
    absolute = folder.resolve()
    if not absolute.is_relative_to(ROOT):
        raise BaseMissing(f"{folder} is outside of the repository, which has no earlier version of it: give --base")
    return absolute.relative_to(ROOT)


def _cache() -> Path:
    folder = folder_of_user()
    if folder is None:
        raise BaseMissing("nobody's home folder is known, which keeps assemblies: set BEDROCK_TUNING_CACHE")
    return folder / "assemblies"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _git(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)


def _reason(done: "subprocess.CompletedProcess[str]") -> str:
    return next(iter(done.stderr.strip().splitlines()), "git gives no reason")
