"""Opens a data file of this machine, and notices when it is none or changes while it is read."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

BLOCK_BYTES: Final = 1 << 20

_KINDS: Final = {
    stat.S_IFDIR: "is a directory",
    stat.S_IFIFO: "is a pipe",
    stat.S_IFSOCK: "is a socket",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}


class UnreadableError(Exception):
    """The file cannot be read; the message continues a sentence that starts with its name."""


class ChangedError(Exception):
    """Something wrote to the file while it was read; the message continues a sentence that starts with its name."""


class LocalFile:
    """An open file, read once from its start to the end that it had when it was opened."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._before = os.fstat(descriptor)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open a regular file; raise UnreadableError for anything else, without waiting for a pipe's other end."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise UnreadableError(_words(error)) from None
        except ValueError:
            raise UnreadableError("cannot be read: its name holds a null character") from None
        try:
            file = cls(descriptor)
            kind = stat.S_IFMT(file._before.st_mode)
            if kind != stat.S_IFREG:
                raise UnreadableError(f"{_KINDS.get(kind, 'is no file')}: name a regular file")
            yield file
        finally:
            os.close(descriptor)

    @property
    def size(self) -> int:
        return self._before.st_size

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes of the file; raise ChangedError when they are not those that it had at the start."""
        left = self.size
        while left:
            block = self._read(min(left, BLOCK_BYTES))
            if not block:
                raise ChangedError("became shorter while it was read: check it again when nothing writes to it")
            left -= len(block)
            yield block
        after = os.fstat(self.descriptor)
        if (after.st_size, after.st_mtime_ns) != (self.size, self._before.st_mtime_ns):
            raise ChangedError("changed while it was read: check it again when nothing writes to it")

    def _read(self, amount: int) -> bytes:
        try:
            return os.read(self.descriptor, amount)
        except OSError as error:
            raise UnreadableError(_words(error)) from None


def _words(error: OSError) -> str:
    return f"cannot be read: {error.strerror or type(error).__name__}"
