"""Writes a report to a file; one with the words of records only where nobody else comes to read it by accident."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tune.metrics.files import MODE, NotWritten, write
from tune.report.html import BEGINS
from tune.terminal.folders import ROOT
from tune.terminal.labels import name_of

# What continuous integration sets, GitHub's and others' (GitHub Actions, "Default environment variables").
_PIPELINE: Final = "CI"
_OWNERS: Final = 0o600
_NOT_IGNORED: Final = 1


def default_file(environment: str, model: str, evaluation: str) -> Path:
    """Return where a report goes that no file is named for: a folder of the checkout that git ignores."""
    return ROOT / "build" / "reports" / f"{environment}-{model}-{evaluation}.html"


def write_page(file: Path, page: str, *, has_content: bool) -> None:
    """Write a report as HTML, over nothing but another report; raise NotWritten, or `Unusable`.

    has_content: Whether it has words of records; then only its owner may read it.
    """
    write(file, page.encode(), BEGINS.encode(), "report", _OWNERS if has_content else MODE)


def refuse_for_content(file: Path, variables: Mapping[str, str]) -> None:
    """Raise NotWritten where a file with words of records would be published, or committed.

    variables: Those of the environment: what a pipeline writes is kept, and seen by who sees the pipeline.
    """
    why = "--show-content writes questions and answers"
    if variables.get(_PIPELINE, "") not in ("", "0", "false"):
        raise NotWritten(f"{why}, and a pipeline publishes them ({_PIPELINE} is set): run it on your own machine")
    if _git_would_take(file.resolve()):
        raise NotWritten(
            f"{why}, and git would commit {name_of(file)}: name a file outside of the repository, or one that "
            ".gitignore covers"
        )


def _git_would_take(file: Path) -> bool:
    """Tell whether a file lies in a work tree that does not ignore it; without git there is none."""
    folder = next(each for each in file.parents if each.is_dir())
    command = ["git", "-C", str(folder), "check-ignore", "--quiet", "--", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == _NOT_IGNORED
