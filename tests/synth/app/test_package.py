"""The package in an environment of its own, at the lowest versions that it promises."""

import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from bedrock_lifecycle import contract
from tests.conftest import ROOT
from tests.support import package
from tests.synth.lifecycle.bedrock_api import called, known
from tests.synth.templates import resources_of_type

pytestmark = pytest.mark.slow

APP = ROOT / "tests" / "e2e" / "foreign_app.py"
DATA = ROOT / "examples" / "docstrings" / "converse" / "train.jsonl"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def assembly(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the app of others synthesizes to, far from the checkout."""
    folder = tmp_path_factory.mktemp("theirs")
    python = package.install(wheel, folder / "installed", pins="requirements-lowest.txt")
    context = {"account": "111122223333", "region": "us-east-1", "data": str(DATA)}
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [python, shutil.copy(APP, folder)],
        check=True,
        cwd=folder,
        env=outside | {"CDK_OUTDIR": str(folder / "cdk.out"), "CDK_CONTEXT_JSON": json.dumps(context)},
    )
    return folder / "cdk.out"


def test_an_app_of_others_synthesizes_a_model(assembly: Path) -> None:
    template = json.loads((assembly / "Foreign.template.json").read_text(encoding="utf-8"))
    assert len(resources_of_type(template, contract.MODEL_CUSTOMIZATION)) == 1
    assert len(resources_of_type(template, contract.CUSTOM_MODEL_DEPLOYMENT)) == 1


def test_the_functions_get_their_own_package_and_a_model_of_every_operation_that_they_call(assembly: Path) -> None:
    folders = [path for path in assembly.glob("asset.*") if path.is_dir()]
    assert sorted(each.name for path in folders for each in path.iterdir()) == ["bedrock", "bedrock_lifecycle"]
    (code,) = (path / "bedrock_lifecycle" for path in folders if (path / "bedrock_lifecycle").exists())
    source = ROOT / "lambda" / "bedrock_lifecycle"
    assert {path.relative_to(code) for path in code.rglob("*") if path.is_file()} == {
        path.relative_to(source) for path in source.rglob("*.py")
    }
    (layer,) = (path for path in folders if (path / "bedrock").exists())
    assert called() <= known(layer)


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        told = message_from_bytes(archive.read(name))
        roots = {each.partition("/")[0] for each in archive.namelist()}
    assert (told["Name"], told["Version"]) == ("bedrock-tuning", project["version"])
    assert roots == {"bedrock_tuning", "bedrock_lifecycle", name.partition("/")[0]}
    needed = {re.split(r"[<>=;]", each)[0] for each in told.get_all("Requires-Dist", []) if "extra ==" not in each}
    assert needed == {re.split(r"[<>=;]", each)[0] for each in project["dependencies"]}
