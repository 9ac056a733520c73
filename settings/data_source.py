"""Where a data file comes from, as a settings file says it. Its content is never shown, whatever is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, InstanceOf, ValidationInfo

from bedrock_tuning.common.messages import shown, suggestion
from bedrock_tuning.data.sources import DataSource, FileSource, PinnedFileChanged, check_digest
from bedrock_tuning.data.sources.locations import S3Location, check_key_arn, check_version_id
from settings.problems import FieldError

Table = Mapping[str, Any]

_LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/v1"
# What each kind of source is made of: its required keys, then its optional ones.
_KINDS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "path": (("path",), ("sha256",)),
    "sha256": (("sha256",), ()),
    "s3": (("s3", "version_id", "sha256"), ("kms_key_arn",)),
}
_KEYS: Final = ("path", "sha256", "s3", "version_id", "kms_key_arn")
# What is wrong with a path is mostly near its end.
_LONGEST_PATH: Final = 200
_EXAMPLE: Final = 'write { sha256 = "…" } for pushed data, or { path = "train.jsonl" }'
_S3_EXAMPLE: Final = 'write { s3 = "s3://…", version_id = "…", sha256 = "…" }'
_HOW_TO_FIND: Final = {
    "sha256": "python -m tune dataset push prints it, and so does sha256sum",
    "version_id": "aws s3api head-object prints it; in a bucket without versioning it is null",
}


def read_source(value: object, info: ValidationInfo) -> DataSource:
    """Return the data source that a table names: `{ path = … }`, `{ sha256 = … }` or `{ s3 = … }`.

    Relative paths start at the validation context's `folder`. Raises FieldError with everything that is wrong: keys
    that are not known, missing or in the wrong company, values that are not what they must be, and a file that is
    missing, empty, unreadable, not a file, a Git LFS pointer, or not the one that is pinned.
    """
    if isinstance(value, DataSource):
        return value
    if not isinstance(value, Mapping):
        example = _S3_EXAMPLE if str(value).startswith("s3://") else _EXAMPLE
        raise FieldError(f"must be a table that names a data source (got {shown(value)}); {example}")
    if not value:
        raise FieldError(f"the table must have some of the keys {', '.join(_KEYS)} (got none); {_EXAMPLE}")
    kind = next((kind for kind in ("path", "s3", "sha256") if kind in value), "path")
    context: dict[str, Any] = info.context or {}
    fields = _Fields(value, folder=context.get("folder", Path.cwd()))
    problems = [*_misplaced(value, kind), *fields.problems]
    if problems:
        raise FieldError(below=problems)
    return _source(kind, fields.checked)


def read_file(value: object, info: ValidationInfo) -> FileSource:
    """Return the file on this machine that a path names; relative paths start as those of `read_source`.

    Raises FieldError when it is no path, and as `read_source` for what is wrong with a file.
    """
    context: dict[str, Any] = info.context or {}
    try:
        return FileSource(_checked_path(value, folder=context.get("folder", Path.cwd())))
    except ValueError as error:
        raise FieldError(str(error)) from None


# A file on this machine, data that was pushed, or an object in another bucket.
Source = Annotated[InstanceOf[DataSource], BeforeValidator(read_source)]
QuestionsFile = Annotated[InstanceOf[FileSource], BeforeValidator(read_file)]


def _source(kind: str, checked: Table) -> DataSource:
    if kind == "sha256":
        return DataSource.pushed(checked["sha256"])
    if kind == "s3":
        return DataSource.s3(
            checked["s3"],
            version_id=checked["version_id"],
            sha256=checked["sha256"],
            kms_key_arn=checked.get("kms_key_arn"),
        )
    try:
        return DataSource.file(checked["path"], sha256=checked.get("sha256"))
    except PinnedFileChanged as changed:
        raise FieldError(below=[("sha256", str(changed))]) from None
    except OSError as error:
        raise FieldError(below=[("path", _unreadable(error))]) from None


def _misplaced(table: Table, kind: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the keys of a table."""
    required, optional = _KINDS[kind]
    for key in table:
        if key not in _KEYS:
            advice = suggestion(key, known=_KEYS, otherwise="use one of these")
            yield key, f"is not a key of a data source; the keys are {', '.join(_KEYS)}; {advice}"
        elif key not in (*required, *optional):
            allowed = ", ".join((*required, *optional))
            yield key, f"has no meaning beside {kind}, which goes with {allowed}; remove one of them"
    for key in required:
        if key not in table:
            how = _HOW_TO_FIND.get(key, _EXAMPLE)
            yield key, f"is missing, and {kind} requires it; add it: {how}"


class _Fields:
    """The values of a table, each checked by itself, and the problems of those that are wrong."""

    def __init__(self, table: Table, *, folder: Path) -> None:
        checks: Mapping[str, Callable[[object], Any]] = {
            "path": lambda value: _checked_path(value, folder=folder),
            "sha256": check_digest,
            "s3": _checked_uri,
            "version_id": check_version_id,
            "kms_key_arn": check_key_arn,
        }
        self.checked: dict[str, Any] = {}
        self.problems: list[tuple[str, str]] = []
        for key in (key for key in _KEYS if key in table):
            try:
                self.checked[key] = checks[key](table[key])
            except ValueError as error:
                self.problems.append((key, str(error)))


def _checked_uri(value: object) -> object:
    S3Location.parse(value)
    return value


def _checked_path(value: object, *, folder: Path) -> Path:
    advice = "write where the file is, relative to this settings file"
    if not isinstance(value, str) or not value:
        raise ValueError(f"must be a path in quotes (got {shown(value)}); {advice}")
    try:
        path = (folder / value).resolve()
        complaint = _complaint(path)
    except OSError as error:
        complaint = _unreadable(error)
    except (ValueError, RuntimeError):  # a null character; a loop of links
        complaint = f"cannot be read (not a possible path); {advice}"
    if complaint:
        raise ValueError(f"{shown(value, longest=_LONGEST_PATH)} {complaint}")
    return path


def _unreadable(error: OSError) -> str:
    return f"cannot be read ({error.strerror}); correct the path or the permissions of the file"


def _complaint(path: Path) -> str | None:
    if not path.exists():
        return "does not exist; create it, or correct the path"
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        return f"is {kind}, and must be one JSON Lines file; write the path of the file itself"
    with path.open("rb") as file:
        start = file.read(len(_LFS_POINTER))
    if not start:
        return "is empty, and must have at least one record; put the data into it"
    if start == _LFS_POINTER:
        return "is a Git LFS pointer, not the data itself; run git lfs pull"
    return None
