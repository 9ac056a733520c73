"""A file's digest: taken once for as long as the file stays as it is, and never taken on trust when it might not."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bedrock_tuning.common.cache import Cache
from bedrock_tuning.data.sources import NotADigest, check_digest, digests, sha256_of

OLD = b"one and the same length: old\n"
NEW = b"one and the same length: new\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Looked:
    """Digests with a cache of their own, how often bytes were read, and a clock that can be turned."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cache = Cache(folder)
        self.reads = 0
        self.while_reading: Callable[[], object] = lambda: None
        self.ahead_seconds = 60.0
        real, now = hashlib.file_digest, time.time_ns

        def counted(file: Any, name: str) -> Any:
            self.reads += 1
            digest = real(file, name)
            self.while_reading()
            return digest

        monkeypatch.setattr(hashlib, "file_digest", counted)
        # A file that was written just now is an old one at once.
        monkeypatch.setattr(time, "time_ns", lambda: now() + int(self.ahead_seconds * 1e9))

    def __call__(self, path: Path) -> str:
        return sha256_of(path, self.cache)


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looked:
    return Looked(tmp_path / "cache", monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_bytes(OLD)
    return path


def test_an_unchanged_file_is_read_once(look: Looked, file: Path) -> None:
    assert [look(file), look(file), look(file)] == [sha256(OLD)] * 3
    assert look.reads == 1


def test_a_file_is_the_same_by_every_way_to_it(look: Looked, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "link.jsonl").symlink_to(file)
    look(file)
    monkeypatch.chdir(file.parent)
    for way in (Path("train.jsonl"), Path("link.jsonl"), file.parent / "." / "train.jsonl"):
        assert look(way) == sha256(OLD)
    assert look.reads == 1


def test_a_file_of_another_length_is_read_again(look: Looked, file: Path) -> None:
    look(file)
    file.write_bytes(OLD + NEW)
    assert look(file) == sha256(OLD + NEW)


def test_a_file_of_the_same_length_and_time_of_modification_is_read_again(look: Looked, file: Path) -> None:
    before = file.stat()
    look(file)
    file.write_bytes(NEW)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert look(file) == sha256(NEW)


def test_another_file_in_its_place_is_read(look: Looked, file: Path) -> None:
    look(file)
    other = file.with_name("other.jsonl")
    other.write_bytes(NEW)
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert look(file) == sha256(NEW)


@pytest.mark.parametrize(("age_seconds", "reads"), [(0.0, 2), (1.5, 2), (2.5, 1)])
def test_a_file_so_young_that_another_change_might_not_show_is_read_again(
    look: Looked, file: Path, age_seconds: float, reads: int
) -> None:
    look.ahead_seconds = age_seconds
    assert look(file) == look(file) == sha256(OLD)
    assert look.reads == reads


def test_a_racy_change_shows(look: Looked, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written again within one tick of the file system's clock: its state is what it was."""
    look.ahead_seconds = 0.0
    state = digests._state(file.stat())
    monkeypatch.setattr(digests, "_state", lambda _: state)
    look(file)
    file.write_bytes(NEW)
    assert look(file) == sha256(NEW)


def test_a_file_that_changes_while_it_is_read_is_not_remembered(look: Looked, file: Path) -> None:
    look.while_reading = lambda: file.write_bytes(NEW + NEW)
    assert look(file) == sha256(OLD)
    look.while_reading = lambda: None
    assert look(file) == sha256(NEW + NEW)


@pytest.mark.parametrize("known", [None, [], {}, {"sha256": "?"}, "text"])
def test_what_the_cache_should_not_hold_is_not_believed(look: Looked, file: Path, known: Any) -> None:
    state = digests._state(file.stat())
    look.cache.put("digests", str(file), {**state, **known} if isinstance(known, dict) else known)
    assert look(file) == sha256(OLD)
    assert look.reads == 1


def test_a_file_that_cannot_be_read_is_told_as_such(look: Looked, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look(tmp_path / "missing.jsonl")


def test_a_file_that_is_gone_is_not_remembered(look: Looked, file: Path) -> None:
    look(file)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        look(file)


def test_without_a_cache_every_look_reads(look: Looked, file: Path) -> None:
    look.cache = Cache(None)
    assert look(file) == look(file)
    assert look.reads == 2


def test_a_digest_is_64_lower_case_digits() -> None:
    assert check_digest(sha256(b"")) == sha256(b"")
    with pytest.raises(NotADigest, match="64"):
        check_digest(sha256(b"").upper())
