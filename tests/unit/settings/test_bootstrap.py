"""`[bootstrap]`: how the CDK was bootstrapped in the account, where that is not the default."""

from pathlib import Path

import pytest

from tests.support.messages import says
from tests.unit.settings.settings_files import changed, load_file, problems, write

KEY = "arn:aws:kms:us-west-2:999988887777:key/11111111-2222-3333-4444-555555555555"


def test_is_the_default_unless_told(tmp_path: Path) -> None:
    assert load_file(write(tmp_path, changed())).environment.bootstrap.key_arn is None


def test_takes_the_key_of_the_bucket_of_whichever_account(tmp_path: Path) -> None:
    assert load_file(write(tmp_path, changed(("bootstrap.key_arn", KEY)))).environment.bootstrap.key_arn == KEY


@pytest.mark.parametrize("value", ["alias/cdk", "", 1])
def test_refuses_what_is_no_key(tmp_path: Path, value: object) -> None:
    found = problems(tmp_path, ("bootstrap.key_arn", value))
    assert found.keys() == {"bootstrap.key_arn"}
    assert "arn:aws:kms:us-east-1:111122223333:key/" in found["bootstrap.key_arn"]


def test_refuses_a_key_of_another_region(tmp_path: Path) -> None:
    found = problems(tmp_path, ("bootstrap.key_arn", KEY.replace("us-west-2", "us-east-1")))
    assert found.keys() == {"bootstrap.key_arn"}
    assert says(found["bootstrap.key_arn"], "us-east-1", "us-west-2")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("qualifier", "acme"),
        ("qualifier", "a"),
        ("qualifier", "Abcde12345"),
        ("deploy_role", "acme-deploy"),
        ("lookup_role", "a" * 64),
        ("file_publishing_role", "a_+=,.@-b"),
        ("execution_role", "cdk-exec"),
    ],
)
def test_takes_qualifier_and_names_of_roles(tmp_path: Path, key: str, value: str) -> None:
    found = load_file(write(tmp_path, changed((f"bootstrap.{key}", value)))).environment.bootstrap
    assert getattr(found, key) == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("qualifier", ""),
        ("qualifier", "a-b"),
        ("qualifier", "abcde123456"),
        ("qualifier", 1),
        ("deploy_role", "arn:aws:iam::111122223333:role/x"),
        ("lookup_role", "path/x"),
        ("file_publishing_role", "a" * 65),
        ("execution_role", ""),
    ],
)
def test_refuses_what_is_no_qualifier_and_no_name(tmp_path: Path, key: str, value: object) -> None:
    assert problems(tmp_path, (f"bootstrap.{key}", value)).keys() == {f"bootstrap.{key}"}


def test_refuses_keys_that_it_does_not_know(tmp_path: Path) -> None:
    found = problems(tmp_path, ("bootstrap.key", KEY))
    assert found.keys() == {"bootstrap.key"}
    assert says(found["bootstrap.key"], "key_arn?")
