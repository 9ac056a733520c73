"""Where a data file comes from. Its content is never shown, whatever is wrong with it."""

import functools
import hashlib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from bedrock_tuning.base_models.wording import shown, suggestion
from stacks.settings.problems import FieldError

_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/v1"
_KINDS: Final = ("path",)


class FileSource(BaseModel):
    """A data file on this machine: a JSON Lines file, not empty.

    `path` is absolute; in the settings file it may be relative to that file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["path"] = "path"
    path: Path

    @functools.cached_property
    def sha256(self) -> str:
        """The SHA-256 of the file's bytes in lower-case hexadecimal, read once for each loaded source."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def is_same_as(self, other: "FileSource") -> bool:
        """Tell whether both are one file, or two files with the same bytes."""
        if self.path.samefile(other.path):
            return True
        return self.path.stat().st_size == other.path.stat().st_size and self.sha256 == other.sha256


def read_source(value: object, info: ValidationInfo) -> FileSource:
    """Return the data source that a table such as `{ path = "train.jsonl" }` names.

    Relative paths start at the validation context's `folder`. Raises FieldError for a kind of source that is not
    known, and for a file that is missing, empty, unreadable, not a file, or a Git LFS pointer.
    """
    if isinstance(value, FileSource):
        return value
    example = 'write { path = "train.jsonl" }'
    if not isinstance(value, dict):
        raise FieldError(f"{shown(value)} is not a data source; allowed a table with a path; {example}")
    unknown = [key for key in value if key not in _KINDS]
    if unknown:
        raise FieldError(below=[(key, _unknown_kind(key)) for key in unknown])
    if not value:
        raise FieldError(f"the table is empty; allowed {', '.join(_KINDS)}; {example}")
    context: dict[str, Any] = info.context or {}
    return FileSource(path=_checked_path(value["path"], folder=context.get("folder", Path.cwd())))


# One kind today. Others join as classes with another `kind`, as `FileSource | OtherSource`, and in _KINDS.
DataSource = Annotated[FileSource, BeforeValidator(read_source)]


def _unknown_kind(key: str) -> str:
    advice = suggestion(key, known=_KINDS, otherwise="use one of these")
    return f"is not a kind of data source; allowed {', '.join(_KINDS)}; {advice}"


def _checked_path(value: object, *, folder: Path) -> Path:
    advice = "write where the file is, relative to this settings file"
    if not isinstance(value, str) or not value:
        raise FieldError(below=[("path", f"{shown(value)} is not a path; allowed text in quotes; {advice}")])
    try:
        path = (folder / value).resolve()
        complaint = _complaint(path)
    except (OSError, ValueError, RuntimeError) as error:  # not readable; a null character; a loop of links
        reason = error.strerror if isinstance(error, OSError) else "not a possible path"
        complaint = f"cannot be read ({reason}); allowed a readable file; {advice}"
    if complaint:
        raise FieldError(below=[("path", f"{shown(value)} {complaint}")])
    return path


def _complaint(path: Path) -> str | None:
    if not path.exists():
        return "does not exist; allowed an existing file; create it, or correct the path"
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        return f"is {kind}; allowed one JSON Lines file; write the path of the file itself"
    with path.open("rb") as file:
        start = file.read(len(_LFS_POINTER))
    if not start:
        return "is empty; allowed a file with at least one record; put the data into it"
    if start == _LFS_POINTER:
        return "is a Git LFS pointer; allowed the data itself; run git lfs pull"
    return None
