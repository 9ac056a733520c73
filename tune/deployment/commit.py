"""The commit of the settings that something is deployed from."""

import subprocess
from pathlib import Path

from tune.account.operations import UNKNOWN_COMMIT


def commit_of(folder: Path) -> str:
    """Return the first 12 digits of the commit of a folder, with `-changed` where tracked files of it are changed.

    UNKNOWN_COMMIT where git is not installed or knows none.
    """
    commit = _git(folder, "rev-parse", "--short=12", "HEAD")
    if not commit:
        return UNKNOWN_COMMIT
    # What is not tracked may be what the pipeline itself has put there: an assembly, a report.
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{commit[:12]}{'-changed' if changed else ''}"


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()
