"""Opens a data file of this machine, and notices when it is none or changes while it is read."""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, Self

from bedrock_tuning.data.checker.batches import Batch, batches, skip_line

_BUFFER_BYTES: Final = 1024 * 1024
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

    @classmethod
    def changed(cls) -> "UncheckedError":
        return cls("file-changed", "changed while it was read: check it again when nothing writes to it")


class Digest(Protocol):
    """What `hashlib` hands out."""

    def update(self, data: bytes, /) -> None: ...


class LocalFile:
    """An open file, read once from its start to the end that it had when it was opened."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before = os.fstat(descriptor)
        kind = stat.S_IFMT(self._before.st_mode)
        if kind != stat.S_IFREG:
            raise _unreadable(f"{_KINDS.get(kind, 'is not a file')}: name a regular file")

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open a regular file; raise UncheckedError for anything else, without waiting for a pipe's other end."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise _unreadable(f"cannot be read: {_reason(error)}") from None
        except ValueError:
            raise _unreadable("cannot be read: its name has a null character") from None
        try:
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    @property
    def size(self) -> int:
        """How many bytes the file had when it was opened."""
        return self._before.st_size

    @property
    def identity(self) -> tuple[int, ...]:
        """What tells the file, as it was when it was opened, from every other and from itself once it is changed."""
        return _identity(self._before)

    def batches(self, max_line_bytes: int, start: int = 0, end: int | None = None) -> Iterator[Batch]:
        """Yield the lines that start between two offsets; of a line that starts before, its rest is left out.

        Raises UncheckedError when the file is not what it was when it was opened.
        """
        last = self.size if end is None else end
        with io.FileIO(self._descriptor, closefd=False) as raw:
            # A line starts at `start` when the byte before it ends one.
            raw.seek(max(start - 1, 0))
            stream = io.BufferedReader(raw, _BUFFER_BYTES)
            read = start - 1 + skip_line(stream) if start else 0
            lines = batches(stream, max_line_bytes, until=last - read) if read < last else iter(())
            while batch := self._next(lines):
                read += batch.bytes
                if read > self.size:
                    break  # it grows, perhaps for ever
                yield batch
        if self._is_changed or not last <= read <= self.size:
            raise UncheckedError.changed()

    def digested(self, digest: Digest) -> Iterator[int]:
        """Show a digest the whole file, piece by piece; yield the bytes of each. Raises as `batches`."""
        read = 0
        while read < self.size:
            try:
                piece = os.pread(self._descriptor, min(_BUFFER_BYTES, self.size - read), read)
            except OSError as error:
                raise _unreadable(f"cannot be read: {_reason(error)}") from None
            if not piece:
                break
            digest.update(piece)
            read += len(piece)
            yield len(piece)
        if self._is_changed or read < self.size:
            raise UncheckedError.changed()

    def sha256(self) -> str:
        """Return the digest of the file as it is now."""
        with io.FileIO(self._descriptor, closefd=False) as raw:
            raw.seek(0)
            return hashlib.file_digest(raw, "sha256").hexdigest()

    @property
    def _is_changed(self) -> bool:
        return self.identity != _identity(os.fstat(self._descriptor))

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


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _unreadable(message: str) -> UncheckedError:
    return UncheckedError("file-unreadable", message)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
