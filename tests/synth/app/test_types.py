"""The library is typed for users of pyright too; mypy reads all of the project in the quick loop."""

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

# Told its settings, it does not look for a pyrightconfig.json in the folders above.
_OPTIONS: Final = ("--outputjson", "--project", str(ROOT / "pyproject.toml"), "--pythonpath", sys.executable)


def pyright(*arguments: str) -> dict[str, Any]:
    """Return what pyright says, as a document."""
    done = subprocess.run(
        [sys.executable, "-m", "pyright", *_OPTIONS, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("constructs", "lambda"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_apps_of_others_use_the_constructs_without_an_error() -> None:
    said = pyright()
    assert said["summary"]["filesAnalyzed"] == 3
    found = [(each["file"], each["range"]["start"]["line"] + 1, each["message"]) for each in said["generalDiagnostics"]]
    assert found == []


def test_no_type_of_the_library_is_left_to_be_guessed() -> None:
    said = pyright("--verifytypes", "bedrock_tuning", "--ignoreexternal")["typeCompleteness"]
    assert len(said["symbols"]) > 500
    assert [each["name"] for each in said["symbols"] if each["isExported"] and not each["isTypeKnown"]] == []
    assert said["completenessScore"] == 1
