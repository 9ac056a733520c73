"""Data files: found from the settings file, read once, and refused by name when they cannot be data."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from bedrock_tuning.data.sources import FileSource
from settings import Data
from tests.support.messages import says
from tests.unit.settings.settings_files import changed, data_of, load_file, problems_of, train, write

SECRET = "a record that no message may show"


def problem(folder: Path, value: object, *, place: str = "data.train.path") -> str:
    found = problems_of(write(folder, changed(("data.train", value))))
    assert set(found) == {place}
    assert SECRET not in found[place]
    return found[place]


def test_finds_files_relative_to_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environments, examples = tmp_path / "environments", tmp_path / "examples"
    environments.mkdir()
    examples.mkdir()
    (examples / "train.jsonl").write_text("{}\n")
    path = write(environments, changed(("data.train", {"path": "../../examples/train.jsonl"})))
    monkeypatch.chdir(tmp_path)
    source = data_of(load_file(path.relative_to(tmp_path))).train
    assert source == FileSource(path=examples / "train.jsonl")
    assert source.kind == "path"


def test_starts_at_the_working_directory_without_a_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, changed())
    monkeypatch.chdir(tmp_path / "dev")
    source = FileSource(path=tmp_path / "dev" / "train.jsonl")
    assert Data.model_validate({"train": source}).train is source
    assert Data.model_validate({"train": {"path": "train.jsonl"}}).train == source


def test_takes_an_absolute_path(tmp_path: Path) -> None:
    path = tmp_path / "dev" / "test.jsonl"
    path.write_text("{}")
    assert train(tmp_path, {"path": str(tmp_path / "dev" / "test.jsonl")}) == FileSource(
        path=tmp_path / "dev" / "test.jsonl"
    )


def test_digests_the_bytes_of_a_large_file_once(tmp_path: Path) -> None:
    content = b"x" * 3_000_001
    (tmp_path / "dev" / "large.jsonl").write_bytes(content)
    source = FileSource(path=tmp_path / "dev" / "large.jsonl")
    assert source.sha256 == hashlib.sha256(content).hexdigest()
    (tmp_path / "dev" / "large.jsonl").write_bytes(b"changed while the settings are in use")
    assert source.sha256 == hashlib.sha256(content).hexdigest()
    assert FileSource(path=tmp_path / "dev" / "large.jsonl").sha256 != source.sha256


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    assert says(problem(tmp_path, {"path": "no.jsonl"}), "'no.jsonl'", "create it")
    long = f"{'folder/' * 15}converse/trian.jsonl"
    assert says(problem(tmp_path, {"path": long}), f"'{long}'")
    endless = problem(tmp_path, {"path": f"{'folder/' * 50}converse/trian.jsonl"})
    assert endless.startswith("'folder/")
    assert says(endless, "converse/trian.jsonl'")
    assert len(endless) < 300


def test_refuses_a_folder(tmp_path: Path) -> None:
    assert says(problem(tmp_path, {"path": "."}), "'.'", "folder", "JSON Lines")


def test_refuses_what_is_not_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "dev" / "pipe")
    assert says(problem(tmp_path, {"path": "pipe"}), "'pipe'", "regular")


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "dev" / "empty.jsonl").touch()
    assert says(problem(tmp_path, {"path": "empty.jsonl"}), "'empty.jsonl'", "empty")


def test_refuses_a_git_lfs_pointer(tmp_path: Path) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n{SECRET}"
    (tmp_path / "dev" / "pointer.jsonl").write_text(pointer)
    assert says(problem(tmp_path, {"path": "pointer.jsonl"}), "'pointer.jsonl'", "Git LFS", "git lfs pull")
    assert SECRET not in problem(tmp_path, {"path": "pointer.jsonl"})


def test_takes_data_that_only_mentions_git_lfs(tmp_path: Path) -> None:
    (tmp_path / "dev" / "data.jsonl").write_text('{"text": "version https://git-lfs.github.com/spec/v1"}')
    load_file(write(tmp_path, changed(("data.train", {"path": "data.jsonl"}))))


@pytest.mark.parametrize("path", ["a\0b", "a" * 300, "loop.jsonl"])
def test_refuses_paths_that_cannot_be_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "dev" / "loop.jsonl").symlink_to("loop.jsonl")
    assert problem(tmp_path, {"path": path})


def test_says_why_a_file_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, changed())

    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", refuse)
        found = problems_of(path)
    assert set(found) == {"data.train.path", "data.validation.path"}
    assert says(found["data.train.path"], "Permission denied")


@pytest.mark.parametrize("value", [3, "", [], True])
def test_refuses_what_is_not_a_path(tmp_path: Path, value: object) -> None:
    assert says(problem(tmp_path, {"path": value}), "quotes")


@pytest.mark.parametrize("value", ["train.jsonl", 3, []])
def test_refuses_what_is_not_a_table(tmp_path: Path, value: object) -> None:
    message = problem(tmp_path, value, place="data.train")
    assert says(message, '{ sha256 = "…" }', '{ path = "train.jsonl" }')


def test_refuses_an_empty_table(tmp_path: Path) -> None:
    message = problem(tmp_path, {}, place="data.train")
    assert says(message, "path, sha256, s3, version_id, kms_key_arn", "{ sha256")


@pytest.mark.parametrize("key", ["url", "bucket"])
def test_refuses_other_keys_with_what_is_allowed(tmp_path: Path, key: str) -> None:
    message = problem(tmp_path, {"path": "train.jsonl", key: "x"}, place=f"data.train.{key}")
    assert says(message, "path, sha256, s3, version_id, kms_key_arn")


def test_proposes_the_key_that_was_meant(tmp_path: Path) -> None:
    message = problem(tmp_path, {"path": "train.jsonl", "Path": "x"}, place="data.train.Path")
    assert says(message, "path?")


def test_refuses_the_training_file_as_validation_data(tmp_path: Path) -> None:
    found = problems_of(write(tmp_path, changed(("data.validation", {"path": "./train.jsonl"}))))
    assert says(found["data.validation"], "training data")


def test_refuses_a_link_to_or_a_copy_of_the_training_file_as_validation_data(tmp_path: Path) -> None:
    write(tmp_path, changed())
    (tmp_path / "dev" / "link.jsonl").symlink_to("train.jsonl")
    shutil.copy(tmp_path / "dev" / "train.jsonl", tmp_path / "dev" / "copy.jsonl")
    for name in ("link.jsonl", "copy.jsonl"):
        found = problems_of(write(tmp_path, changed(("data.validation", {"path": name}))))
        assert set(found) == {"data.validation"}


def test_takes_validation_data_of_the_same_length(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    (tmp_path / "dev" / "validation.jsonl").write_bytes(
        (tmp_path / "dev" / "train.jsonl").read_bytes().replace(b"t", b"T")
    )
    assert data_of(load_file(path)).validation is not None
