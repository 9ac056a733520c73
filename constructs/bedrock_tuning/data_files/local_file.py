"""Opens a data file of this machine, and notices when it is none or changes while it is read."""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from bedrock_tuning.data_files.batches import Batch, batches

_BUFFER_BYTES: Final = 256 * 1024
_KINDS: Final = {
    stat.S_IFDIR: "is a directory",
    stat.S_IFIFO: "is a pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


class UncheckedError(Exception):
    """The file could not be checked; the message continues a sentence that starts with its name."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class LocalFile:
    """An open file, read once from its start to the end that it had when it was opened."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before = os.fstat(descriptor)
        kind = stat.S_IFMT(self._before.st_mode)
        if kind != stat.S_IFREG:
            raise _unreadable(f"{_KINDS.get(kind, 'is no file')}: name a regular file")

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open a regular file; raise UncheckedError for anything else, without waiting for a pipe's other end."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise _unreadable(f"cannot be read: {_reason(error)}") from None
        except ValueError:
            raise _unreadable("cannot be read: its name holds a null character") from None
        try:
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    @property
    def size(self) -> int:
        """How many bytes the file had when it was opened."""
        return self._before.st_size

    def batches(self, max_line_bytes: int) -> Iterator[Batch]:
        """Yield the lines of the file; raise UncheckedError when it is not what it was when it was opened."""
        read = 0
        with io.FileIO(self._descriptor, closefd=False) as raw:
            lines = batches(io.BufferedReader(raw, _BUFFER_BYTES), max_line_bytes)
            while batch := self._next(lines):
                read += batch.bytes
                if read > self.size:
                    break  # it grows, perhaps for ever
                yield batch
        after = os.fstat(self._descriptor)
        if (read, after.st_mtime_ns) != (self.size, self._before.st_mtime_ns):
            raise UncheckedError("file-changed", "changed while it was read: check it when nothing writes to it")

    def sha256(self) -> str:
        """Return the digest of the file as it is now."""
        with io.FileIO(self._descriptor, closefd=False) as raw:
            raw.seek(0)
            return hashlib.file_digest(raw, "sha256").hexdigest()

    def read(self, offset: int, size: int) -> bytes:
        """Return a part of the file; fewer bytes than `size` when it is shorter by now."""
        try:
            return os.pread(self._descriptor, size, offset)
        except OSError:
            return b""

    @staticmethod
    def _next(lines: Iterator[Batch]) -> Batch | None:
        try:
            return next(lines, None)
        except OSError as error:
            raise _unreadable(f"cannot be read: {_reason(error)}") from None


def _unreadable(message: str) -> UncheckedError:
    return UncheckedError("file-unreadable", message)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
