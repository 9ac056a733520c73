"""A cache that nothing depends on: what is damaged, missing or cannot be written costs time and no more."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bedrock_tuning.common.cache import Cache

DOCUMENT = {"any": ["thing", 1, None, {"ä": 0.5}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "not there yet" / "cache"


def stored(folder: Path) -> Path:
    """Return the one file of a cache."""
    (path,) = (each for each in folder.rglob("*") if each.is_file())
    return path


def test_keeps_a_document(folder: Path) -> None:
    Cache(folder).put("kind", "key", DOCUMENT)
    assert Cache(folder).get("kind", "key") == DOCUMENT


@pytest.mark.parametrize(("kind", "key"), [("kind", "other"), ("other", "key"), ("kind", "key/../key")])
def test_finds_nothing_under_another_name(folder: Path, kind: str, key: str) -> None:
    Cache(folder).put("kind", "key", DOCUMENT)
    assert Cache(folder).get(kind, key) is None


def test_keeps_the_newest_of_two(folder: Path) -> None:
    cache = Cache(folder)
    cache.put("kind", "key", "old")
    cache.put("kind", "key", "new")
    assert cache.get("kind", "key") == "new"
    assert stored(folder)


def test_has_no_key_in_clear_and_is_its_owners_alone(folder: Path) -> None:
    Cache(folder).put("kind", "/home/somebody/secret-project/train.jsonl", DOCUMENT)
    path = stored(folder)
    assert "secret" not in str(path.relative_to(folder))
    assert "secret" not in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("size", range(0, 120, 7))
def test_does_not_believe_a_document_that_is_cut_off(folder: Path, size: int) -> None:
    Cache(folder).put("kind", "key", DOCUMENT)
    path = stored(folder)
    assert path.stat().st_size > 119
    path.write_bytes(path.read_bytes()[:size])
    assert Cache(folder).get("kind", "key") is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"null", b"{}", b'{"document": 1}', b"[" * 100_000])
def test_does_not_believe_what_is_no_document(folder: Path, content: bytes) -> None:
    Cache(folder).put("kind", "key", DOCUMENT)
    stored(folder).write_bytes(content)
    assert Cache(folder).get("kind", "key") is None


def test_does_not_believe_a_document_that_somebody_edited(folder: Path) -> None:
    Cache(folder).put("kind", "key", {"accepted": False})
    path = stored(folder)
    path.write_text(json.dumps({**json.loads(path.read_text()), "document": {"accepted": True}}))
    assert Cache(folder).get("kind", "key") is None


def test_mends_a_damaged_document_with_the_next(folder: Path) -> None:
    Cache(folder).put("kind", "key", DOCUMENT)
    stored(folder).write_bytes(b"damaged")
    Cache(folder).put("kind", "key", DOCUMENT)
    assert Cache(folder).get("kind", "key") == DOCUMENT


def test_a_reader_beside_many_writers_sees_a_whole_document_or_none(folder: Path) -> None:
    cache = Cache(folder)
    documents = [str(number) * 10_000 for number in range(8)]

    def write(document: str) -> None:
        for _ in range(50):
            cache.put("kind", "key", document)

    with ThreadPoolExecutor(8) as pool:
        written = [pool.submit(write, document) for document in documents]
        seen = {cache.get("kind", "key") for _ in range(500)}
        for each in written:
            each.result()
    assert seen <= {None, *documents}
    assert cache.get("kind", "key") in documents
    assert stored(folder)  # and no half-written one is left beside it


@pytest.mark.parametrize("folder", [None, Path("/dev/null/cache")])
def test_does_without_a_folder(folder: Path | None) -> None:
    Cache(folder).put("kind", "key", DOCUMENT)
    assert Cache(folder).get("kind", "key") is None


def test_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BEDROCK_TUNING_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    Cache.of_user().put("kind", "key", DOCUMENT)
    assert stored(tmp_path).is_relative_to(tmp_path / "bedrock-tuning")
    monkeypatch.setenv("BEDROCK_TUNING_CACHE", str(tmp_path / "own"))
    assert Cache.of_user().get("kind", "key") is None
    Cache.of_user().put("kind", "key", "own")
    assert stored(tmp_path / "own")


@pytest.mark.parametrize("home", ["", "relative/folder"])
def test_is_in_the_home_folder_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str) -> None:
    monkeypatch.delenv("BEDROCK_TUNING_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    monkeypatch.setenv("HOME", str(tmp_path))
    Cache.of_user().put("kind", "key", DOCUMENT)
    assert stored(tmp_path).is_relative_to(tmp_path / ".cache" / "bedrock-tuning")


def test_is_none_for_somebody_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("BEDROCK_TUNING_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setattr(Path, "home", homeless)
    assert Cache.of_user().get("kind", "key") is None
