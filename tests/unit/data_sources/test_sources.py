"""The kinds of sources, as a CDK app makes them."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from bedrock_tuning import DataSource
from bedrock_tuning.data.sources import NotADigest, PinnedFileChanged
from bedrock_tuning.data.sources.locations import region_of_key
from tests.support.messages import saying

SHA256 = hashlib.sha256(b"any\n").hexdigest()
KEY = "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b"any\n")
    return path


def test_every_source_of_the_same_bytes_has_the_same_digest(file: Path) -> None:
    sources = (
        DataSource.file(file),
        DataSource.file(file, sha256=SHA256),
        DataSource.pushed(SHA256),
        DataSource.s3("s3://bucket/key", version_id="null", sha256=SHA256),
    )
    assert {source.sha256 for source in sources} == {SHA256}
    assert [source.kind for source in sources] == ["path", "path", "sha256", "s3"]


def test_a_source_is_called_as_its_user_calls_it(file: Path) -> None:
    assert DataSource.file(file).file_name == "questions.jsonl"
    assert DataSource.s3("s3://bucket/a/b.jsonl", version_id="1", sha256=SHA256).file_name == "b.jsonl"
    assert DataSource.pushed(SHA256).file_name == ""


def test_a_pinned_file_that_is_another_one_is_refused_with_both_digests(file: Path) -> None:
    file.write_bytes(b"another\n")
    received = hashlib.sha256(b"another\n").hexdigest()
    with pytest.raises(PinnedFileChanged, match=saying(SHA256, received)):
        DataSource.file(file, sha256=SHA256)


@pytest.mark.parametrize("arguments", [{"sha256": "?"}, {"sha256": SHA256.upper()}])
def test_a_digest_that_is_none_is_refused(file: Path, arguments: dict[str, Any]) -> None:
    for make in (DataSource.pushed, lambda sha256: DataSource.file(file, sha256=sha256)):
        with pytest.raises(NotADigest):
            make(**arguments)


@pytest.mark.parametrize(
    "changes",
    [{"uri": "bucket/key"}, {"uri": "s3://bucket/*"}, {"version_id": ""}, {"sha256": "?"}, {"kms_key_arn": "alias/x"}],
    ids=str,
)
def test_an_object_that_is_not_told_in_full_is_refused(changes: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"uri": "s3://bucket/key", "version_id": "1", "sha256": SHA256, **changes}
    with pytest.raises(ValueError, match=saying(repr(next(iter(changes.values()))))):
        DataSource.s3(arguments.pop("uri"), **arguments)


def test_a_key_is_in_the_region_that_its_arn_says() -> None:
    assert region_of_key(KEY) == "cn-north-1"
    with pytest.raises(ValueError, match="'alias/x'"):
        region_of_key("alias/x")
