"""`tune policy ENV --bootstrap`: what it prints and writes, for whom."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.messages import says
from tests.unit.settings.settings_files import changed, write
from tune import cli
from tune.execution_policy.documents import AllowedAction, characters, documents, where

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    write(tmp_path / "environments", changed(("name", "faq")), environment="prod")
    return tmp_path / "environments"


def run(folder: Path, *options: str) -> Result:
    arguments = ["policy", "prod", "--bootstrap", "--environments", str(folder), *options]
    return CliRunner().invoke(cli.app, arguments)


def resources(documents: list[dict[str, Any]]) -> Iterator[str]:
    for document in documents:
        for statement in document["Statement"]:
            yield from statement["Resource"]


def test_prints_policies_for_the_environment_and_says_that_nobody_has_tried_them(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert {f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:bedrock-tuning-*"} <= {*resources(printed)}
    assert all(REGION in each for each in resources(printed) if each.startswith("arn:aws:kms:"))
    assert says(result.stderr, "Not proven on AWS")


def test_writes_each_policy_to_a_file_and_prints_how_to_use_them(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "--output", str(tmp_path / "new" / "policies"))
    files = sorted((tmp_path / "new" / "policies").iterdir())
    assert [each.stem for each in files] == [f"bedrock-tuning-execution-{REGION}-{number}" for number in (1, 2)]
    assert [json.loads(each.read_text(encoding="utf-8")) for each in files] == json.loads(run(folder).stdout)
    *created, bootstrapped = result.stdout.splitlines()
    assert created == [
        f"aws iam create-policy --policy-name {each.stem} --policy-document file://{each}" for each in files
    ]
    arns = ",".join(f"arn:aws:iam::{ACCOUNT}:policy/{each.stem}" for each in files)
    assert bootstrapped == f"cdk bootstrap aws://{ACCOUNT}/{REGION} --cloudformation-execution-policies {arns}"
    assert says(result.stderr, "Not proven on AWS")


def test_a_bootstrap_with_a_qualifier_is_named(folder: Path, tmp_path: Path) -> None:
    write(folder, changed(("name", "faq"), ("bootstrap.qualifier", "acme")), environment="prod")
    result = run(folder, "--output", str(tmp_path))
    assert result.stdout.splitlines()[-1].startswith(f"cdk bootstrap aws://{ACCOUNT}/{REGION} --qualifier acme ")
    assert f"cdk-acme-assets-{ACCOUNT}-{REGION}" in run(folder).stdout


@pytest.mark.parametrize("options", [("--lookup-role",), ("--command", "plan")])
def test_is_one_of_several_kinds_of_policies(folder: Path, options: tuple[str, ...]) -> None:
    assert run(folder, *options).exit_code == 2


def test_only_these_policies_are_written(folder: Path, tmp_path: Path) -> None:
    arguments = ["policy", "prod", "--environments", str(folder), "--output", str(tmp_path / "new")]
    assert CliRunner().invoke(cli.app, arguments).exit_code == 2
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(folder, "--output", str(tmp_path / "file"))
    assert result.exit_code == 2
    assert says(result.stderr, str(tmp_path / "file"))


def test_says_what_only_a_boundary_prevents(folder: Path) -> None:
    assert says(run(folder).stderr, "permissions_boundary")
    bounded = changed(("name", "faq"), ("organization.permissions_boundary", BOUNDARY))
    write(folder, bounded, environment="prod")
    result = run(folder)
    assert not says(result.stderr, "permissions_boundary")
    assert BOUNDARY in result.stdout


def test_wrong_settings_are_told_and_a_wrong_model_is_no_matter(folder: Path) -> None:
    (folder / "prod" / "faq.toml").write_text("base_model = 1\n", encoding="utf-8")
    assert run(folder).exit_code == 0
    (folder / "prod" / "environment.toml").write_text("account = 1\n", encoding="utf-8")
    result = run(folder)
    assert result.exit_code == 2
    assert says(result.stderr, "prod/environment.toml: account")


def test_what_is_granted_on_nothing_makes_no_statement() -> None:
    # IAM refuses a statement without a resource.
    assert documents([AllowedAction("iam:PassRole", ())]) == []


def test_a_policy_that_would_be_too_long_becomes_several_that_allow_the_same() -> None:
    grants = [AllowedAction(f"s3:Get{'x' * 40}", (f"arn:aws:s3:::bucket-{number:04}",)) for number in range(200)]
    grants.append(
        AllowedAction("kms:Decrypt", ("arn:aws:s3:::bucket-0000",), where(Null={"aws:ResourceTag/x": "true"}))
    )
    made = documents(grants)
    assert len(made) > 2
    assert all(5000 < characters(each) <= 6144 for each in made[:-1])
    found = [statement for each in made for statement in each["Statement"]]
    assert [each for each in found if "Condition" in each] == [
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": ["arn:aws:s3:::bucket-0000"],
            "Condition": {"Null": {"aws:ResourceTag/x": "true"}},
        }
    ]
    assert sorted(each["Resource"][0] for each in found if "Condition" not in each) == [
        f"arn:aws:s3:::bucket-{number:04}" for number in range(200)
    ]
