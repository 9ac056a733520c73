"""The assemblies to compare: folders that are there, a revision of the repository, or the checkout as it is."""

import hashlib
import os
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


class BaseMissing(CannotBeDone):
    """There is no such revision, or it cannot be synthesized."""


def commit_of(revision: str) -> str:
    """Return the commit at which a revision and the checkout part: what came to the other side since is not ours.

    Raises BaseMissing when git does not know the revision.
    """
    found = _git("merge-base", "HEAD", revision)
    if found.returncode:
        raise BaseMissing(f"git knows no common ancestor of HEAD and {revision!r}: {_reason(found)}")
    return found.stdout.strip()


def checkout_name() -> str:
    """Return what the checkout is called: by its commit, and whether something in it is not of that."""
    found = _git("rev-parse", "--verify", "HEAD")
    if found.returncode:
        return "this checkout"
    changes = _git("status", "--porcelain").stdout.strip()
    return f"this checkout@{found.stdout.strip()[:12]}{' with changes' if changes else ''}"


def assembly_of(commit: str, folder: Path) -> tuple[Path, list[str]]:
    """Return the assembly of a commit, synthesized once and kept, and what one has to know of it.

    folder: That of the environments.

    Raises BaseMissing when it cannot be synthesized.
    """
    inside = _inside(folder)
    notes = [
        f"{name} is another one in {commit[:12]}: its base was made with the packages that are installed here"
        for name in _PINS
        if _git("diff", "--quiet", commit, "--", name).returncode == 1
    ]
    kept = _cache() / f"{commit}-{hashlib.sha256(str(inside).encode()).hexdigest()[:8]}"
    if not (kept / "manifest.json").is_file():
        with _worktree(commit) as checkout, TemporaryDirectory(dir=_made(kept.parent)) as made:
            if not (checkout / inside).is_dir():
                raise BaseMissing(
                    f"{commit[:12]} has no folder {inside}, which this command reads: compare with a later revision, "
                    "or give its assembly with --base"
                )
            synthesize(checkout, checkout / inside, Path(made) / "out", name=commit[:12])
            shutil.rmtree(kept, ignore_errors=True)
            (Path(made) / "out").rename(kept)
    return kept, notes


def synthesize(checkout: Path, folder: Path, output: Path, *, name: str) -> None:
    """Synthesize a checkout's environments into a folder.

    Raises BaseMissing with the end of what the CDK CLI says; `name` is what the message calls the checkout.
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
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:])
        raise BaseMissing(f"{name} cannot be synthesized:\n{said}")


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
