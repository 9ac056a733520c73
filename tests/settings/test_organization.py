"""`[organization]`: every key is optional, and each is refused in words when it cannot be meant."""

from pathlib import Path
from typing import Any

import pytest

from stacks.settings import Organization, load_environment
from tests.settings.settings_files import changed, problems_of, write

POLICY = "arn:aws:iam::111122223333:policy/boundaries/team"
ROLE = "arn:aws:iam::111122223333:role/acme/training"
KEY = "arn:aws:kms:us-west-2:111122223333:key/11111111-2222-3333-4444-555555555555"
VPC = {"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-0123456789abcdef0"]}


def problems(folder: Path, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(write(folder, changed(*(("organization." + key, value) for key, value in changes))))


def organization(folder: Path, *changes: tuple[str, object]) -> Organization:
    document = changed(*(("organization." + key, value) for key, value in changes))
    return load_environment(write(folder, document)).organization


def test_prescribes_nothing_unless_told(tmp_path: Path) -> None:
    assert load_environment(write(tmp_path, changed())).organization == Organization()
    assert Organization().model_dump(exclude_none=True) == {"log_retention_days": 30}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("permissions_boundary", POLICY),
        ("permissions_boundary", "arn:aws:iam::aws:policy/PowerUserAccess"),
        ("role_path", "/a/"),
        ("role_path", "/teams/search@home/"),
        ("name_prefix", "a"),
        ("name_prefix", "a" * 20),
        ("name_prefix", "acme-1-"),
        ("log_retention_days", 1),
        ("log_retention_days", 3653),
        ("key_arn", KEY),
        ("key_arn", "arn:aws:kms:us-west-2:999988887777:key/mrk-1"),
        ("operations_key_arn", KEY),
        ("bucket", "abc"),
        ("bucket", "acme.fine-tuning"),
        ("service_role_arn", ROLE),
        ("roles", {"Foundation/ServiceRole": "path/name", "Foundation/Training/Turn": "n"}),
        ("roles", {}),
    ],
)
def test_takes_what_is_meant(tmp_path: Path, key: str, value: Any) -> None:
    assert getattr(organization(tmp_path, (key, value)), key) == value


@pytest.mark.parametrize("key", ["job_vpc", "function_vpc"])
def test_takes_networks(tmp_path: Path, key: str) -> None:
    vpc = getattr(organization(tmp_path, (key, VPC)), key)
    assert (vpc.subnet_ids, vpc.security_group_ids) == (("subnet-0123456789abcdef0",), ("sg-0123456789abcdef0",))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("permissions_boundary", "Boundary", "'Boundary' is not allowed; allowed the ARN of a managed policy, such as"),
        ("permissions_boundary", ROLE, "allowed the ARN of a managed policy"),
        ("role_path", "/", "'/' is not allowed; allowed up to 512 characters, a slash at both ends, as /teams/search/"),
        ("role_path", "teams/", "allowed up to 512 characters, a slash at both ends"),
        ("role_path", f"/{'a' * 511}/", "allowed up to 512 characters"),
        ("name_prefix", "1a", "allowed 1 to 20 letters, digits and hyphens, a letter first; shorten it"),
        ("name_prefix", "a" * 21, "allowed 1 to 20 letters"),
        ("log_retention_days", 31, "31 is not a log retention; allowed 1, 3, 5, 7, 14, 30, 60"),
        ("log_retention_days", True, "true is not a log retention"),
        ("log_retention_days", "30", "'30' is not a log retention"),
        ("key_arn", "alias/team", "'alias/team' is not allowed; allowed the ARN of a key, such as arn:aws:kms:"),
        ("operations_key_arn", "alias/team", "allowed the ARN of a key, such as arn:aws:kms:"),
        ("bucket", "s3://acme", "allowed the name of a bucket"),
        ("bucket", "ab", "allowed the name of a bucket"),
        ("service_role_arn", POLICY, "allowed the ARN of a role, such as arn:aws:iam::111122223333:role/name"),
        ("roles", "none", "'none' is not a table; allowed paths with names; write [organization.roles]"),
        ("job_vpc", [], "a list is not a table; allowed a table; write [organization.job_vpc]"),
    ],
)
def test_refuses_what_cannot_be_meant(tmp_path: Path, key: str, value: Any, message: str) -> None:
    found = problems(tmp_path, (key, value))
    assert found.keys() == {f"organization.{key}"}
    assert message in found[f"organization.{key}"]


def test_refuses_names_that_are_none_by_their_place(tmp_path: Path) -> None:
    found = problems(tmp_path, ("roles", {"Foundation/ServiceRole": "a b"}))
    assert found == {
        "organization.roles.'Foundation/ServiceRole'": (
            "'a b' is not a role's name; allowed a name, with its path before it; correct it"
        )
    }


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([], "0 entries are not allowed; allowed a list of 1 to 16 ids such as subnet-0123456789abcdef0"),
        (["subnet-0123456789abcdef0"] * 17, "17 entries are not allowed"),
        ("subnet-0123456789abcdef0", "is not allowed; allowed a list of 1 to 16 ids"),
        (["sg-0123456789abcdef0"], "'sg-0123456789abcdef0' is not such an id"),
    ],
)
def test_refuses_subnets_that_are_none(tmp_path: Path, ids: object, message: str) -> None:
    found = problems(tmp_path, ("job_vpc", {**VPC, "subnet_ids": ids}))
    assert found.keys() == {"organization.job_vpc.subnet_ids"}
    assert message in found["organization.job_vpc.subnet_ids"]


def test_asks_for_the_security_groups_of_a_network(tmp_path: Path) -> None:
    found = problems(tmp_path, ("function_vpc", {"subnet_ids": VPC["subnet_ids"]}))
    example = 'security_group_ids = ["sg-0123456789abcdef0"]'
    why = f"is missing, and nothing stands in for it; add it, for example {example}"
    assert found == {"organization.function_vpc.security_group_ids": why}


@pytest.mark.parametrize("key", ["permissions_boundary", "role_path"])
def test_refuses_what_has_no_effect_beside_roles_that_exist(tmp_path: Path, key: str) -> None:
    found = problems(tmp_path, ("roles", {}), (key, POLICY if key == "permissions_boundary" else "/a/"))
    why = "has no effect beside organization.roles, with which no role is made; allowed one of both; remove the line"
    assert found == {f"organization.{key}": why}


@pytest.mark.parametrize(("key", "arn"), [("permissions_boundary", POLICY), ("service_role_arn", ROLE)])
def test_refuses_roles_and_policies_of_another_account(tmp_path: Path, key: str, arn: str) -> None:
    found = problems(tmp_path, (key, arn.replace("111122223333", "999988887777")))
    assert found.keys() == {f"organization.{key}"}
    assert "of account 999988887777; allowed one of account 111122223333" in found[f"organization.{key}"]


@pytest.mark.parametrize("key", ["key_arn", "operations_key_arn"])
def test_refuses_a_key_of_another_region(tmp_path: Path, key: str) -> None:
    found = problems(tmp_path, (key, KEY.replace("us-west-2", "us-east-1")))
    assert found.keys() == {f"organization.{key}"}
    assert "is a key of Region us-east-1; allowed one of Region us-west-2" in found[f"organization.{key}"]
