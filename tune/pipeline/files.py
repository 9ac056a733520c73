"""What a pipeline's file is, and when it may be written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tune.terminal.problems import CannotBeDone

GITHUB: Final = Path(".github") / "workflows"
"""Where GitHub looks for workflows, from the top of the repository."""


class IsYours(CannotBeDone):
    """The file exists and says something else."""


class NotAtTheTop(CannotBeDone):
    """The project is in a folder of its repository."""


def text(name: str) -> str:
    """Return the workflow of that name, such as `review.yml`, as this checkout has it."""
    return (Path(__file__).parent / "github" / name).read_text(encoding="utf-8")


def refuse_below_the_top(root: Path) -> None:
    """Raise NotAtTheTop where a project is in a folder of its repository: GitHub would never run what is in it."""
    if (root / ".git").exists():
        return
    if top := next((each for each in root.parents if (each / ".git").exists()), None):
        project = root.relative_to(top).as_posix()
        raise NotAtTheTop(
            f"GitHub runs only workflows in {top / GITHUB}, and this project is in {project}/: save what --print "
            f"prints there, add working-directory: {project} below defaults: run:, and begin each path: of "
            f"upload-artifact and download-artifact with {project}/"
        )


def write(wanted: Mapping[str, str], folder: Path, *, force: bool) -> list[str]:
    """Write workflows by their names into a folder, which is made; return those that were not the same already.

    force: Whether a file that says something else may be replaced.

    Raises IsYours when one may not, before any is written, and OSError when one cannot be written.
    """
    files = {folder / name: text.encode() for name, text in wanted.items()}
    new = {path: its for path, its in files.items() if not (path.exists() and path.read_bytes() == its)}
    if not force and (yours := [str(path) for path in new if path.exists()]):
        differ = "is yours and differs" if len(yours) == 1 else "are yours and differ"
        raise IsYours(f"{', '.join(yours)} {differ}: compare with --print, or replace with --force")
    folder.mkdir(parents=True, exist_ok=True)
    for path, its in new.items():
        path.write_bytes(its)
    return [path.name for path in new]
