"""Files that appear under their names only when they are complete."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tune.dataset.files import Unusable
from tune.terminal.labels import name_of, reason


@contextmanager
def written(path: Path, *, source: Path, force: bool) -> Iterator[BinaryIO]:
    """Write a new file, which appears when the block ends well; otherwise nothing is left of it.

    Who may read it is taken from the file that it replaces, or from the source.

    Args:
        path: Where it goes. Through a link, what the link points to is written.
        source: The file that is never written over, however `path` names it.
        force: Whether another file that is there already may be replaced.

    Raises:
        Unusable: When it must not or cannot be written.
    """
    with completed(path, allowed_mode(path, source=source, force=force)) as file:
        yield file
        # Once more, for what came there meanwhile.
        allowed_mode(path, source=source, force=force)


@contextmanager
def completed(path: Path, mode: int) -> Iterator[BinaryIO]:
    """Write a file beside its place, and put it there when the block ends well; otherwise nothing is left of it."""
    place = path.resolve()
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
            yield file
            settle(file)
        beside.replace(place)
    except OSError as error:
        raise Unusable(f"{name_of(path)} cannot be written: {reason(error)}") from None
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def settle(file: BinaryIO) -> None:
    """Have what was written on the disk, so that a full one shows before anything gets its name."""
    file.flush()
    os.fsync(file.fileno())


def allowed_mode(path: Path, *, source: Path, force: bool) -> int:
    """Return the permissions of a file that is to be written; raise Unusable when it must not be."""
    read = _found(source)
    if read is None:
        raise Unusable(f"{name_of(source)} does not exist: correct the path")
    there = _found(path)
    if there is None:
        return stat.S_IMODE(read.st_mode)
    # By device and file number: another path, a link and a hard link are the same file.
    if os.path.samestat(there, read):
        raise Unusable(f"{name_of(path)} is {name_of(source)}, the file that is read: name another output")
    if not stat.S_ISREG(there.st_mode):
        raise Unusable(f"{name_of(path)} exists and is not a regular file: name another output")
    if not force:
        raise Unusable(f"{name_of(path)} already exists: name another output, or give --force to replace it")
    return stat.S_IMODE(there.st_mode)


def _found(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Unusable(f"{name_of(path)} cannot be used: {reason(error)}") from None
