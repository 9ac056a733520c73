"""`[organization]`: every key is optional, and each is refused in words when it cannot be meant."""

from pathlib import Path
from typing import Any, Final

import pytest

from settings import Organization
from tests.support.messages import says
from tests.unit.settings.settings_files import changed, load_file, problems_of, write

POLICY = "arn:aws:iam::111122223333:policy/boundaries/team"
ROLE = "arn:aws:iam::111122223333:role/acme/training"
KEY = "arn:aws:kms:us-west-2:111122223333:key/11111111-2222-3333-4444-555555555555"
VPC = {"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-0123456789abcdef0"]}


def problems(folder: Path, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(write(folder, changed(*(("organization." + key, value) for key, value in changes))))


def organization(folder: Path, *changes: tuple[str, object]) -> Organization:
    document = changed(*(("organization." + key, value) for key, value in changes))
    return load_file(write(folder, document)).environment.organization


def test_prescribes_nothing_unless_told(tmp_path: Path) -> None:
    assert load_file(write(tmp_path, changed())).environment.organization == Organization()
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


WRONG: Final[list[tuple[str, Any, list[Any]]]] = [
    ("permissions_boundary", "Boundary", ["'Boundary'", "ARN", "managed policy"]),
    ("permissions_boundary", ROLE, ["ARN", "managed policy"]),
    ("role_path", "/", ["'/'", 512, "/teams/search/"]),
    ("role_path", "teams/", ["'teams/'", 512, "/teams/search/"]),
    ("role_path", f"/{'a' * 511}/", [512]),
    ("name_prefix", "1a", ["'1a'", "1 to 20", "shorten"]),
    ("name_prefix", "a" * 21, ["1 to 20"]),
    ("log_retention_days", 31, [31, "1, 3, 5, 7, 14, 30, 60"]),
    ("log_retention_days", True, ["true", "1, 3, 5, 7, 14, 30, 60"]),
    ("log_retention_days", "30", ["'30'", "1, 3, 5, 7, 14, 30, 60"]),
    ("key_arn", "alias/team", ["'alias/team'", "arn:aws:kms:"]),
    ("operations_key_arn", "alias/team", ["'alias/team'", "arn:aws:kms:"]),
    ("bucket", "s3://acme", ["'s3://acme'", "bucket"]),
    ("bucket", "ab", ["'ab'", "bucket"]),
    ("service_role_arn", POLICY, ["arn:aws:iam::111122223333:role/name"]),
    ("roles", "none", ["'none'", "table", "[organization.roles]"]),
    ("job_vpc", [], ["list", "table", "[organization.job_vpc]"]),
]


@pytest.mark.parametrize(("key", "value", "named"), WRONG)
def test_refuses_what_cannot_be_meant(tmp_path: Path, key: str, value: Any, named: list[Any]) -> None:
    found = problems(tmp_path, (key, value))
    assert found.keys() == {f"organization.{key}"}
    assert says(found[f"organization.{key}"], *named)


def test_refuses_names_that_are_none_by_their_place(tmp_path: Path) -> None:
    found = problems(tmp_path, ("roles", {"Foundation/ServiceRole": "a b"}))
    place = "organization.roles.'Foundation/ServiceRole'"
    assert found.keys() == {place}
    assert says(found[place], "'a b'", "name", "path", "correct")


@pytest.mark.parametrize(
    ("ids", "named"),
    [
        ([], [0, "1 to 16", "subnet-0123456789abcdef0"]),
        (["subnet-0123456789abcdef0"] * 17, [17, "1 to 16"]),
        ("subnet-0123456789abcdef0", ["1 to 16"]),
        (["sg-0123456789abcdef0"], ["'sg-0123456789abcdef0'"]),
    ],
)
def test_refuses_subnets_that_are_none(tmp_path: Path, ids: object, named: list[Any]) -> None:
    found = problems(tmp_path, ("job_vpc", {**VPC, "subnet_ids": ids}))
    assert found.keys() == {"organization.job_vpc.subnet_ids"}
    assert says(found["organization.job_vpc.subnet_ids"], *named)


def test_asks_for_the_security_groups_of_a_network(tmp_path: Path) -> None:
    found = problems(tmp_path, ("function_vpc", {"subnet_ids": VPC["subnet_ids"]}))
    assert found.keys() == {"organization.function_vpc.security_group_ids"}
    assert says(*found.values(), 'security_group_ids = ["sg-0123456789abcdef0"]')


@pytest.mark.parametrize("key", ["permissions_boundary", "role_path"])
def test_refuses_what_has_no_effect_beside_roles_that_exist(tmp_path: Path, key: str) -> None:
    found = problems(tmp_path, ("roles", {}), (key, POLICY if key == "permissions_boundary" else "/a/"))
    assert found.keys() == {f"organization.{key}"}
    assert says(*found.values(), "organization.roles", "remove")


@pytest.mark.parametrize(("key", "arn"), [("permissions_boundary", POLICY), ("service_role_arn", ROLE)])
def test_refuses_roles_and_policies_of_another_account(tmp_path: Path, key: str, arn: str) -> None:
    found = problems(tmp_path, (key, arn.replace("111122223333", "999988887777")))
    assert found.keys() == {f"organization.{key}"}
    assert says(found[f"organization.{key}"], "999988887777", "111122223333")


@pytest.mark.parametrize("key", ["key_arn", "operations_key_arn"])
def test_refuses_a_key_of_another_region(tmp_path: Path, key: str) -> None:
    found = problems(tmp_path, (key, KEY.replace("us-west-2", "us-east-1")))
    assert found.keys() == {f"organization.{key}"}
    assert says(found[f"organization.{key}"], "us-east-1", "us-west-2")


# --- what is kept for one deployment -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keep", "beside"),
    [
        ({"key": True}, [("key_arn", KEY)]),
        ({"operations_key": True}, [("operations_key_arn", KEY)]),
        ({"bucket": True}, [("bucket", "acme")]),
        ({"key": False, "bucket": False}, []),
        ({"service_role": "/"}, [("service_role_arn", ROLE)]),
        ({"service_role": "/"}, [("role_path", "/a/")]),
        ({"service_role": "/a/"}, [("role_path", "/a/"), ("service_role_arn", ROLE)]),
        ({"service_role": "/a/"}, []),
    ],
)
def test_keeps_what_something_else_takes_the_place_of(
    tmp_path: Path, keep: dict[str, Any], beside: list[tuple[str, Any]]
) -> None:
    kept = organization(tmp_path, ("keep", keep), *beside).keep
    assert kept is not None
    assert {name: getattr(kept, name) for name in keep} == keep


@pytest.mark.parametrize(
    ("keep", "beside", "place", "remedy"),
    [
        ({"key": True}, [("bucket", "acme")], "keep.key", "organization.key_arn"),
        ({"bucket": True}, [("key_arn", KEY)], "keep.bucket", "organization.bucket"),
        ({"operations_key": True}, [("key_arn", KEY)], "keep.operations_key", "organization.operations_key_arn"),
        ({"service_role": "/"}, [], "keep.service_role", "remove the line"),
        ({"service_role": "/a/"}, [("role_path", "/a/")], "keep.service_role", "remove the line"),
        ({"service_role": "/"}, [("roles", {})], "keep.service_role", "service_role_arn"),
        ({"service_role": "a"}, [("role_path", "/a/")], "keep.service_role", "aws iam get-role"),
        ({"role": "/"}, [], "keep.role", "service_role"),
        ({"key": 1}, [("key_arn", KEY)], "keep.key", "true"),
        ("key", [], "keep", "[organization.keep]"),
    ],
)
def test_refuses_to_keep_what_nothing_takes_the_place_of(
    tmp_path: Path, keep: Any, beside: list[tuple[str, Any]], place: str, remedy: str
) -> None:
    found = problems(tmp_path, ("keep", keep), *beside)
    assert found.keys() == {f"organization.{place}"}
    (message,) = found.values()
    assert says(message, remedy)
    assert "\n" not in message
