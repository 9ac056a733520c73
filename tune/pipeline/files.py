"""What a pipeline's file is, and when it may be written."""

from pathlib import Path
from typing import Final

from tune.terminal.problems import CannotBeDone

GITHUB: Final = Path(".github") / "workflows"
"""Where GitHub looks for workflows, from the top of the repository."""


class IsYours(CannotBeDone):
    """The file exists and says something else."""


def text(name: str) -> str:
    """Return the workflow of that name, such as `review.yml`, as this checkout has it."""
    return (Path(__file__).parent / "github" / name).read_text(encoding="utf-8")


def write(name: str, folder: Path, *, force: bool) -> bool:
    """Write a workflow into a folder, which is made; return False when the file is the same already.

    force: Whether a file that says something else may be replaced.

    Raises IsYours when it may not, and OSError when the file cannot be written.
    """
    path = folder / name
    wanted = text(name).encode()
    if path.exists():
        if path.read_bytes() == wanted:
            return False
        if not force:
            raise IsYours(f"{path} is yours and differs: compare it with --print, or replace it with --force")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wanted)
    return True
