"""What was worked out once and would be again: small documents in the user's cache folder.

Nothing depends on it. A document that is missing, damaged or cannot be written costs time and no more.
"""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_VARIABLE: Final = "BEDROCK_TUNING_CACHE"


def folder_of_user() -> Path | None:
    """Return where what was worked out is kept: `$BEDROCK_TUNING_CACHE`, by default `~/.cache/bedrock-tuning`.

    None where nobody's home is known.
    """
    if own := os.environ.get(_VARIABLE):
        return Path(own)
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(home) if Path(home).is_absolute() else Path.home() / ".cache") / "bedrock-tuning"
    except RuntimeError:
        return None


class Cache:
    """JSON documents by kind and key. Keys are stored as digests, so no path or name stands in a file name.

    Args:
        folder: Where they are; None for a cache that keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def of_user(cls) -> "Cache":
        """Return the cache of whoever runs this, in `folder_of_user`."""
        return cls(folder_of_user())

    def get(self, kind: str, key: str) -> Any:
        """Return a document, or None where there is none that is whole."""
        if self._folder is None:
            return None
        try:
            stored = json.loads(self._path(self._folder, kind, key).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(stored, dict) or "document" not in stored:
            return None
        return stored["document"] if stored.get("sha256") == _digest(stored["document"]) else None

    def put(self, kind: str, key: str, document: Any) -> None:
        """Keep a document; whoever reads at the same time sees the old one or the new one, whole."""
        if self._folder is None:
            return
        path = self._path(self._folder, kind, key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_whole(path, json.dumps({"sha256": _digest(document), "document": document}))

    @staticmethod
    def _path(folder: Path, kind: str, key: str) -> Path:
        return folder / kind / f"{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()}.json"


def _write_whole(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _digest(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
