"""S3 as a folder, with the calls of boto3's client that an evaluation makes, each of them counted."""

import bisect
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from botocore.exceptions import ClientError

BUCKET: Final = "bench"
# A moment ago, whatever time is simulated.
_WRITTEN: Final = datetime.now(UTC)


class FolderS3:
    """Objects are files; lists are kept in memory, one for each folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.calls: Counter[str] = Counter()
        self._keys: dict[str, list[str]] = {}
        for path in sorted(each for each in root.rglob("*") if each.is_file()):
            self._note(str(path.relative_to(root)))

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:  # noqa: N803 - the API's names
        del Bucket
        self.calls["GET"] += 1
        try:
            return {"Body": BytesIO((self._root / Key).read_bytes())}
        except FileNotFoundError:
            raise _error("NoSuchKey", "GetObject") from None

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str = "") -> None:  # noqa: N803
        del Bucket
        self.calls["PUT"] += 1
        path = self._root / Key
        if path.exists():
            if IfNoneMatch:
                raise _error("PreconditionFailed", "PutObject")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._note(Key)
        path.write_bytes(Body)

    def get_paginator(self, _operation: str) -> "FolderS3":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Mapping[str, Any]]:  # noqa: N803
        """Yield one page of at most 1,000 keys after the other."""
        del Bucket
        keys = self._keys.get(Prefix.rpartition("/")[0], [])
        first = bisect.bisect_left(keys, Prefix)
        found = []
        for key in keys[first:]:
            if not key.startswith(Prefix):
                break
            found.append({"Key": key, "LastModified": _WRITTEN})
        for start in range(0, max(len(found), 1), 1_000):
            self.calls["LIST"] += 1
            yield {"Contents": found[start : start + 1_000]}

    def opened(self, key: str) -> BinaryIO:
        """Return an object for writing, which is in no list."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")

    def rename(self, made: Path, key: str) -> None:
        """Let a file of `opened` be the object of a key."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        made.rename(path)

    def _note(self, key: str) -> None:
        bisect.insort(self._keys.setdefault(key.rpartition("/")[0], []), key)


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
