"""Which half of the project knows which: the dependencies point one way."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.imports import imported, packages_of

SYNTHESIZING = {"app", "aws_cdk", "cdk_nag", "constructs", "jsii"}
BUILD_TIME = {"aws_cdk", "bedrock_tuning", "cdk_nag", "constructs", "jsii", "settings", "stacks"}


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} has no Python files"
    return found


def breaches(folder: str, forbidden: set[str]) -> dict[str, set[str]]:
    """Return what the files of a folder import of the forbidden packages."""
    found = {str(path.relative_to(ROOT)): packages_of(path) & forbidden for path in files(folder)}
    return {path: names for path, names in found.items() if names}


def test_lambda_code_knows_nothing_of_the_build_time() -> None:
    assert not breaches("lambda", BUILD_TIME | {"sandbox", "tests", "tune"})


def test_lambda_code_needs_only_what_the_runtime_has() -> None:
    allowed = {*sys.stdlib_module_names, "bedrock_lifecycle", "boto3", "botocore"}
    # For the type checker alone, under `if TYPE_CHECKING`.
    stubs = {"mypy_boto3_bedrock", "mypy_boto3_cloudformation", "mypy_boto3_dynamodb", "mypy_boto3_s3"}
    stubs |= {"mypy_boto3_stepfunctions"}
    for path in files("lambda"):
        assert packages_of(path) <= allowed | stubs, path


def test_contract_uses_the_standard_library_alone() -> None:
    for path in files("lambda/bedrock_lifecycle/contract"):
        assert packages_of(path) <= sys.stdlib_module_names | {"bedrock_lifecycle"}, path


def test_constructs_know_neither_stacks_nor_sandbox() -> None:
    assert not breaches("constructs", {"app", "boto3", "botocore", "sandbox", "settings", "stacks", "tests", "tune"})


def test_stacks_know_neither_sandbox_nor_aws() -> None:
    assert not breaches("stacks", {"app", "boto3", "botocore", "sandbox", "tests", "tune"})
    assert not breaches("settings", {"app", "boto3", "botocore", "sandbox", "stacks", "tests", "tune"})


def test_sandbox_knows_neither_half() -> None:
    assert not breaches("sandbox", BUILD_TIME | {"bedrock_lifecycle", "tests", "tune"})


def test_unit_tests_synthesize_nothing() -> None:
    assert not breaches("tests/unit", SYNTHESIZING)


def test_unit_tests_import_nothing_that_starts_the_cdk() -> None:
    """It takes each process of the quick loop some seconds."""
    brought = {path: f"tests/unit, {path.name}" for path in files("tests/unit")}
    starting, waiting = set(), list(brought)
    while waiting:
        path = waiting.pop()
        # Functions import when they run, and what only types need is under a condition.
        names = set(imported(ast.parse(path.read_text(encoding="utf-8")).body))
        if SYNTHESIZING & {name.partition(".")[0] for name in names}:
            starting.add(brought[path])
        for other in filter(None, map(ours, names)):
            if other not in brought:
                brought[other] = f"{brought[path]}, {other.relative_to(ROOT)}"
                waiting.append(other)
    assert ROOT / "bench" / "evaluate" / "report.py" in brought
    assert starting == set()


def ours(name: str) -> Path | None:
    """Return the file of a module of this project; `name` may end with what is imported of it."""
    for module in (name, name.rpartition(".")[0]):
        for root in (ROOT, ROOT / "constructs", ROOT / "lambda"):
            path = root.joinpath(*module.split("."))
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if module and file.is_file():
                    return file
    return None


@pytest.mark.parametrize(
    "line", ["import boto3", "import boto3.session", "from boto3 import client", "def f():\n    import boto3"]
)
def test_an_import_is_found_however_it_is_written(tmp_path: Path, line: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(line, encoding="utf-8")
    assert packages_of(path) == {"boto3"}


def test_every_import_is_absolute() -> None:
    for folder in ("constructs", "lambda", "sandbox", "settings", "stacks"):
        for path in files(folder):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level], path


def imports_of(program: str, *names: str) -> set[str]:
    """Return which of the packages a program has imported in the end."""
    told = f"import sys, {program}; print(*set({names!r}) & sys.modules.keys())"
    source_roots = os.pathsep.join(str(ROOT / name) for name in (".", "constructs", "lambda"))
    run = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT.parent,
        env={**os.environ, "PYTHONPATH": source_roots},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_importing_the_constructs_imports_no_aws_client() -> None:
    assert not imports_of("bedrock_tuning", "boto3", "botocore")


@pytest.mark.parametrize("program", ["settings", "bedrock_tuning.base_models", "bedrock_tuning.data.checker"])
def test_what_starts_no_node_imports_no_cdk(program: str) -> None:
    assert not imports_of(program, "aws_cdk", "jsii")
    assert imports_of(f"{program}, aws_cdk", "aws_cdk", "jsii") == {"aws_cdk", "jsii"}
