"""The library is typed for users of pyright too; mypy reads all of the project in the quick loop."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

import bedrock_tuning
from tests.conftest import ROOT
from tests.docs import constructs_page

pytestmark = pytest.mark.slow

_ROOTS: Final = tuple(str(ROOT / each) for each in ("constructs", "lambda"))
# What an app has before the lines of an example.
_APP: Final = """\
from pathlib import Path

from aws_cdk import App, Duration, Stack, Validations
from aws_cdk import aws_iam as iam

from bedrock_tuning import {names}

app = App()
stack = Stack(app, "Example")
application = iam.Role.from_role_name(stack, "Application", "any")
print(Path, Duration, Validations)
"""


def pyright(*arguments: str, settings: Path = ROOT / "pyproject.toml") -> dict[str, Any]:
    """Return what pyright says, as a document. Told its settings, it looks for none in the folders above."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--outputjson"),
            *("--project", str(settings), "--pythonpath", sys.executable, *arguments),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(_ROOTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def found(said: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(each["file"], each["range"]["start"]["line"] + 1, each["message"]) for each in said["generalDiagnostics"]]


def test_apps_of_others_use_the_constructs_without_an_error() -> None:
    said = pyright()
    assert said["summary"]["filesAnalyzed"] == 3
    assert found(said) == []


def test_each_example_for_other_apps_is_without_an_error(tmp_path: Path) -> None:
    examples = constructs_page.examples()
    for number, example in enumerate(examples):
        names = sorted(set(re.findall(r"\w+", re.sub("#.*", "", example))) & set(bedrock_tuning.__all__))
        text = _APP.format(names=", ".join(names)) + example
        (tmp_path / f"example_{number}.py").write_text(text, encoding="utf-8")
    settings = tmp_path / "pyrightconfig.json"
    strict = {"include": ["."], "extraPaths": _ROOTS, "pythonVersion": "3.11", "typeCheckingMode": "strict"}
    settings.write_text(json.dumps(strict), encoding="utf-8")
    said = pyright(settings=settings)
    assert said["summary"]["filesAnalyzed"] == len(examples) == 2
    assert found(said) == []


def test_no_type_of_the_library_is_left_to_be_guessed() -> None:
    said = pyright("--verifytypes", "bedrock_tuning", "--ignoreexternal")["typeCompleteness"]
    assert len(said["symbols"]) > 500
    assert [each["name"] for each in said["symbols"] if each["isExported"] and not each["isTypeKnown"]] == []
    assert said["completenessScore"] == 1
