"""A file appears under its name when it is complete, or not at all."""

import os
from pathlib import Path

import pytest

from tests.support.messages import saying
from tune.dataset.files import Unusable
from tune.dataset.output import written


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.jsonl"
    path.write_bytes(b"source")
    return path


def write(path: Path, source: Path, data: bytes = b"new", *, force: bool = False) -> None:
    with written(path, source=source, force=force) as file:
        file.write(data)


def test_the_file_is_not_there_before_the_block_ends(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "new.jsonl"
    with written(path, source=source, force=False) as file:
        file.write(b"new")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["new.jsonl", "source.jsonl"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, Unusable, ValueError])
def test_nothing_is_left_when_the_block_fails(tmp_path: Path, source: Path, failure: type[BaseException]) -> None:
    def fail() -> None:
        with written(tmp_path / "new.jsonl", source=source, force=False) as file:
            file.write(b"half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert list(tmp_path.iterdir()) == [source]


def test_a_replaced_file_stays_whole_when_the_block_fails(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), written(path, source=source, force=True):
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"


def test_a_full_disk_is_told_and_nothing_is_left(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unusable, match=saying("new.jsonl", "No space left on device")):
        write(tmp_path / "new.jsonl", source)
    assert list(tmp_path.iterdir()) == [source]


def test_a_file_that_is_there_is_replaced_only_when_told_to(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(b"old")
    with pytest.raises(Unusable, match=saying("old.jsonl", "--force")):
        write(path, source)
    assert path.read_bytes() == b"old"
    write(path, source, force=True)
    assert path.read_bytes() == b"new"


def test_a_file_that_comes_meanwhile_is_not_replaced(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "new.jsonl"
    with pytest.raises(Unusable, match=saying("new.jsonl")), written(path, source=source, force=False):
        path.write_bytes(b"of somebody else")
    assert path.read_bytes() == b"of somebody else"


@pytest.mark.parametrize("name", ["same", "other-path", "link", "hard-link", "link-to-link"])
def test_the_source_is_never_written_over_however_it_is_named(tmp_path: Path, source: Path, name: str) -> None:
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "link-to-link").symlink_to(tmp_path / "link")
    (tmp_path / "hard-link").hardlink_to(source)
    (tmp_path / "folder").mkdir()
    paths = {"same": source, "other-path": tmp_path / "folder" / ".." / source.name}
    with pytest.raises(Unusable, match=saying("read")):
        write(paths.get(name, tmp_path / name), source, force=True)
    assert source.read_bytes() == b"source"
    assert (tmp_path / "hard-link").samefile(source)


def test_through_a_link_its_target_is_written(tmp_path: Path, source: Path) -> None:
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(target)
    write(link, source)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path, source: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(Unusable, match=saying(path, "regular")):
            write(path, source, force=True)


def test_nobody_may_read_the_new_file_who_may_not_read_the_source(tmp_path: Path, source: Path) -> None:
    source.chmod(0o600)
    write(tmp_path / "new.jsonl", source)
    assert (tmp_path / "new.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_replaced_file_keeps_who_may_read_it(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.touch(0o600)
    source.chmod(0o644)
    write(path, source, force=True)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["missing/new.jsonl", "source.jsonl/new.jsonl", "x" * 300, "nul\0l"])
def test_an_impossible_place_is_told_in_one_line(tmp_path: Path, source: Path, name: str) -> None:
    with pytest.raises(Unusable) as told:
        write(tmp_path / name, source)
    assert "\n" not in str(told.value)


def test_a_loop_of_links_is_told(tmp_path: Path, source: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(Unusable, match="loop"):
        write(tmp_path / "loop", source)


def test_a_missing_source_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=saying("none.jsonl")):
        write(tmp_path / "new.jsonl", tmp_path / "none.jsonl")
