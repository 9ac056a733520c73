"""The CDK's library runs in a process of Node.js: what that needs before the first import, its failures in words."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

_PACKAGE_CACHE: Final = "JSII_RUNTIME_PACKAGE_CACHE"
_PACKAGE_CACHE_ROOT: Final = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"
_OF_LIBRARY: Final = "jsii"
# How Node.js names what the operating system refuses: no space (ENOSPC), no right (EACCES), read-only (EROFS).
_REFUSED_BY_SYSTEM: Final = re.compile(r"\bE[A-Z]{3,}: ")


def prepare() -> None:
    """Set what its process reads, where it is not set already. Call it before `aws_cdk` is imported."""
    # It unpacks itself into a cache in the home folder, and ends where it cannot; without the cache it takes longer.
    if _PACKAGE_CACHE_ROOT not in os.environ and not _can_be_written(_cache_of_user()):
        os.environ.setdefault(_PACKAGE_CACHE, "disabled")


def end_in_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """End the app with one line where the operating system refused something to the library (for `sys.excepthook`)."""
    words = in_words(error)
    if words is None:
        sys.__excepthook__(kind, error, trace)
        return
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
    os._exit(1)  # the library's own clearing up would fail in its turn


def in_words(error: BaseException) -> str | None:
    """Return in one line what the operating system refused to the library; None for every other error."""
    causes = list(_causes(error))
    if not any(_is_of_library(cause) for cause in causes):
        return None
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return _told(f"{cause.strerror}{f': {cause.filename}' if cause.filename else ''}")
        if _REFUSED_BY_SYSTEM.search(str(cause)):
            return _told(str(cause).strip().splitlines()[0])
    return None


def _told(what: str) -> str:
    folder = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - named, not used
    needs = f"it needs space in {folder} (TMPDIR), and a writable home folder or none"
    return f"the AWS CDK library cannot run: {what}; {needs}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_of_library(error: BaseException) -> bool:
    if type(error).__module__.partition(".")[0] == _OF_LIBRARY:
        return True
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] == _OF_LIBRARY:
            return True
        trace = trace.tb_next
    return False


def _cache_of_user() -> Path | None:
    try:
        return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache/aws")
    except RuntimeError:  # nobody's home is known: the library takes a temporary folder then
        return None


def _can_be_written(folder: Path | None) -> bool:
    """Tell whether a folder is there to be written to, or can be made."""
    if folder is None:
        return True
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK)
