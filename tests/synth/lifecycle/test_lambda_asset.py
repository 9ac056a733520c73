"""The functions' code as an asset: the same code has the same hash, whatever lies beside it."""

import compileall
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bedrock_tuning.lifecycle import lifecycle_function
from tests.synth.foreign import ForeignStack
from tests.synth.templates import resources_of_type

Foreign = Callable[..., ForeignStack]


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run-time code, beside other packages, that the constructs take for the real one."""
    copy = tmp_path / "bedrock_lifecycle"
    (tmp_path / "another_package").mkdir()
    (tmp_path / "another_package" / "module.py").write_text("", encoding="utf-8")
    shutil.copytree(lifecycle_function.RUN_TIME_CODE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(lifecycle_function, "RUN_TIME_CODE", copy)
    return copy


def asset_hash(foreign: ForeignStack) -> str:
    assert foreign.reader
    functions = resources_of_type(foreign.template(), "AWS::Lambda::Function").values()
    codes = [each["Properties"]["Code"] for each in functions]
    # All but the last resort, which stands in the template.
    (key,) = {str(code["S3Key"]) for code in codes if "ZipFile" not in code}
    return key


def test_compiled_files_change_nothing(code: Path, foreign_stack: Foreign) -> None:
    before = asset_hash(foreign_stack())
    assert compileall.compile_dir(code, quiet=1)
    assert list(code.rglob("__pycache__/*.pyc"))
    assert asset_hash(foreign_stack()) == before


def test_what_is_installed_beside_it_changes_nothing(code: Path, foreign_stack: Foreign) -> None:
    before = asset_hash(foreign_stack())
    (code.parent / "another_package" / "module.py").write_text("changed = True\n", encoding="utf-8")
    assert asset_hash(foreign_stack()) == before


def test_other_code_is_another_asset(code: Path, foreign_stack: Foreign) -> None:
    before = asset_hash(foreign_stack())
    with (code / "contract" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert asset_hash(foreign_stack()) != before
