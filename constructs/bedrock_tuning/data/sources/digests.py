"""Digests of files, each file read once for as long as it stays as it is."""

import hashlib
import os
import re
import time
from pathlib import Path
from typing import Any, Final

from bedrock_tuning.common.cache import Cache
from bedrock_tuning.common.messages import shown

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_KIND: Final = "digests"
# No file system in use has coarser time stamps (FAT: two seconds).
_COARSEST_TIMESTAMP_NS: Final = 2_000_000_000


class NotADigest(ValueError):
    """A text is not a SHA-256 digest."""


def check_digest(value: object) -> str:
    """Return a SHA-256 digest in lower-case hexadecimal; raise `NotADigest` for anything else."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        form = "must be a SHA-256 digest, 64 lowercase hexadecimal digits"
        raise NotADigest(f"{form} (got {shown(value)}); run sha256sum on the file to find it")
    return value


def sha256_of(path: Path, cache: Cache | None = None) -> str:
    """Return the SHA-256 of a file's bytes; a file that is known to be unchanged is not read again.

    Raises OSError when the file cannot be read.
    """
    cache = cache or Cache.of_user()
    # The open file is looked at, not its name: the name may be another file's a moment later.
    with path.open("rb") as file:
        key = str(path.resolve())
        state = _state(os.fstat(file.fileno()))
        began = time.time_ns()
        known = cache.get(_KIND, key)
        if _is_of(known, state):
            return str(known["sha256"])
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if _state(os.fstat(file.fileno())) == state and _is_settled(state, began):
            cache.put(_KIND, key, {**state, "sha256": digest})
    return digest


def _state(status: os.stat_result) -> dict[str, int]:
    return {
        "device": status.st_dev,
        "inode": status.st_ino,
        "size": status.st_size,
        "modified_ns": status.st_mtime_ns,
        # Unlike the time of modification, this one cannot be set by whoever writes the file.
        "changed_ns": status.st_ctime_ns,
    }


def _is_of(known: Any, state: dict[str, int]) -> bool:
    return (
        isinstance(known, dict)
        and _DIGEST.fullmatch(str(known.get("sha256"))) is not None
        and {name: known.get(name) for name in state} == state
    )


def _is_settled(state: dict[str, int], began: int) -> bool:
    """Tell whether every change after reading began would show in the time stamps.

    A file that was written within the same tick of its file system's clock could be written again without a trace: what
    git calls racy. Such a file's digest is not kept, and the next look reads it again.
    """
    return max(state["modified_ns"], state["changed_ns"]) <= began - _COARSEST_TIMESTAMP_NS
