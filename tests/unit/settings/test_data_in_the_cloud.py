"""Data that lies in S3: pushed before, or in a bucket of somebody else's; and files that are pinned by their digest."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from bedrock_tuning.data.sources import DataSource
from tests.support.messages import says
from tests.unit.settings.settings_files import changed, load_file, problems_of, train, write

TRAIN = b'{"split": "train"}\n'  # what `write` puts into train.jsonl
SHA256 = hashlib.sha256(TRAIN).hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
S3 = {"s3": "s3://data-lake/faq/2026 (final)/train.jsonl", "version_id": "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"}


def refused(folder: Path, value: object) -> dict[str, str]:
    """Return what is wrong with the training data, by key; nothing else may be wrong."""
    found = problems_of(write(folder, changed(("data.train", value))))
    assert all(place.startswith("data.train.") for place in found)
    return {place.removeprefix("data.train."): message for place, message in found.items()}


def test_takes_a_file_that_is_the_pinned_one(tmp_path: Path) -> None:
    source = train(tmp_path, {"path": "train.jsonl", "sha256": SHA256})
    assert (source.kind, source.sha256) == ("path", SHA256)


def test_refuses_a_file_that_is_not_the_pinned_one_with_both_digests_and_what_to_do(tmp_path: Path) -> None:
    found = refused(tmp_path, {"path": "train.jsonl", "sha256": OTHER})
    assert found.keys() == {"sha256"}
    assert says(found["sha256"], tmp_path / "dev" / "train.jsonl", OTHER, SHA256, "pin")


def test_takes_pushed_data_without_a_file_here(tmp_path: Path) -> None:
    assert train(tmp_path, {"sha256": OTHER}) == DataSource.pushed(OTHER)


def test_takes_one_version_of_an_object_anywhere(tmp_path: Path) -> None:
    source = train(tmp_path, {**S3, "sha256": OTHER, "kms_key_arn": KEY})
    assert source == DataSource.s3(S3["s3"], version_id=S3["version_id"], sha256=OTHER, kms_key_arn=KEY)


def test_takes_an_object_of_a_bucket_without_versioning_as_s3_calls_it(tmp_path: Path) -> None:
    assert train(tmp_path, {**S3, "version_id": "null", "sha256": OTHER}).sha256 == OTHER


@pytest.mark.parametrize(
    "value", [{"path": "train.jsonl"}, {"path": "train.jsonl", "sha256": SHA256}, {"sha256": SHA256}, {**S3}]
)
def test_the_same_bytes_are_the_same_training_from_every_source(tmp_path: Path, value: dict[str, Any]) -> None:
    value = {**value, "sha256": SHA256} if "s3" in value else value
    expected = load_file(write(tmp_path, changed())).training_id
    assert load_file(write(tmp_path, changed(("data.train", value)))).training_id == expected


@pytest.mark.parametrize("value", [{"sha256": SHA256}, {**S3, "sha256": SHA256}, {"path": "train.jsonl"}])
def test_refuses_the_training_data_as_validation_data_from_every_source(tmp_path: Path, value: object) -> None:
    found = problems_of(write(tmp_path, changed(("data.validation", value))))
    assert says(found["data.validation"], "training data")


@pytest.mark.parametrize("value", [3, "", "0" * 63, "0" * 65, "G" * 64, "A" * 64, [], True])
def test_refuses_what_is_no_digest(tmp_path: Path, value: object) -> None:
    message = refused(tmp_path, {"sha256": value})["sha256"]
    assert says(message, "SHA-256", 64)


@pytest.mark.parametrize(
    "uri",
    [
        3,
        "",
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "https://bucket/key",
        "s3://Bucket/key",
        "s3://b/key",
        "s3://bucket/ä",
        "s3://bucket/a\nb",
    ],
)
def test_refuses_what_is_not_the_place_of_an_object(tmp_path: Path, uri: object) -> None:
    message = refused(tmp_path, {**S3, "s3": uri, "sha256": OTHER})["s3"]
    assert says(message, "s3://bucket/key")


@pytest.mark.parametrize("uri", ["s3://bucket/*", "s3://bucket/a?.jsonl", "s3://bucket/${aws:username}"])
def test_refuses_a_key_that_would_open_other_objects_to_the_function(tmp_path: Path, uri: str) -> None:
    assert says(refused(tmp_path, {**S3, "s3": uri, "sha256": OTHER})["s3"], uri, "policy")


def test_refuses_a_prefix(tmp_path: Path) -> None:
    assert says(refused(tmp_path, {**S3, "s3": "s3://bucket/folder/", "sha256": OTHER})["s3"], "prefix")


@pytest.mark.parametrize("value", [3, "", "a b", "ü", []])
def test_refuses_what_is_no_version(tmp_path: Path, value: object) -> None:
    message = refused(tmp_path, {**S3, "version_id": value, "sha256": OTHER})["version_id"]
    assert says(message, "VersionId")


@pytest.mark.parametrize(
    "value", [3, "", "alias/data", "arn:aws:kms:eu-central-1:111122223333:alias/data", "*", KEY * 2]
)
def test_refuses_what_is_not_the_arn_of_a_key(tmp_path: Path, value: object) -> None:
    message = refused(tmp_path, {**S3, "kms_key_arn": value, "sha256": OTHER})["kms_key_arn"]
    assert says(message, "arn:aws:kms:<region>:<account>:key/<id>")


def test_says_everything_that_an_object_elsewhere_lacks(tmp_path: Path) -> None:
    found = refused(tmp_path, {"s3": S3["s3"]})
    assert found.keys() == {"version_id", "sha256"}
    assert says(found["version_id"], "s3", "aws s3api head-object", "null")
    assert says(found["sha256"], "s3", "python -m tune dataset push", "sha256sum")


@pytest.mark.parametrize(
    ("value", "place", "beside", "allowed"),
    [
        ({"path": "train.jsonl", "version_id": "1"}, "version_id", "path", "path, sha256"),
        ({"path": "train.jsonl", "s3": "s3://bucket/key"}, "s3", "path", "path, sha256"),
        ({"sha256": OTHER, "version_id": "1"}, "version_id", "sha256", "sha256"),
        ({"sha256": OTHER, "kms_key_arn": KEY}, "kms_key_arn", "sha256", "sha256"),
        ({"version_id": "1"}, "version_id", "path", "path, sha256"),
    ],
)
def test_refuses_keys_in_the_wrong_company(
    tmp_path: Path, value: object, place: str, beside: str, allowed: str
) -> None:
    message = refused(tmp_path, value)[place]
    assert says(message, beside, allowed)
    assert says(message, "path") is (beside == "path")


def test_tells_everything_that_is_wrong_with_a_table_at_once(tmp_path: Path) -> None:
    found = refused(tmp_path, {"s3": "here", "version_id": "", "sha256": "?", "kms_key_arn": "mine", "url": "x"})
    assert found.keys() == {"s3", "version_id", "sha256", "kms_key_arn", "url"}
