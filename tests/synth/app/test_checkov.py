"""What checkov says about the templates, and about what they tell it to skip."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import ROOT
from tests.synth.templates import Json

pytestmark = pytest.mark.slow

# In an environment of its own: it pins other versions of boto3 and networkx than this project. See the Makefile.
CHECKOV: Final = ROOT / "build" / "checkov" / "bin" / "checkov"

Finding = tuple[str, str, str]


@pytest.fixture(scope="module")
def written(templates: Mapping[tuple[str, str], Json], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every template as it is."""
    folder = tmp_path_factory.mktemp("checkov")
    for (environment, stack), template in templates.items():
        (folder / f"{environment}-{stack}.json").write_text(json.dumps(template), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def unanswered(templates: Mapping[tuple[str, str], Json], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every template as if it told checkov nothing."""
    folder = tmp_path_factory.mktemp("checkov-unanswered")
    for (environment, stack), template in templates.items():
        silent: Json = json.loads(json.dumps(template))
        for each in silent["Resources"].values():
            each.get("Metadata", {}).pop("checkov", None)
        (folder / f"{environment}-{stack}.json").write_text(json.dumps(silent), encoding="utf-8")
    return folder


def results(folder: Path) -> dict[str, Any]:
    assert CHECKOV.exists(), "checkov is not installed: run `make build/checkov`"
    command = [
        str(CHECKOV),
        "--directory",
        str(folder),
        "--framework",
        "cloudformation",
        "--skip-download",
        "--output",
        "json",
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def findings(folder: Path) -> set[Finding]:
    """Return template, resource and rule of what checkov does not let pass."""
    failed = results(folder)["results"]["failed_checks"]
    return {(Path(each["file_path"]).name, each["resource"].split(".")[-1], each["check_id"]) for each in failed}


def acknowledged(templates: Mapping[tuple[str, str], Json]) -> dict[Finding, str]:
    """Return what the templates tell checkov to skip, with the reasons."""
    return {
        (f"{environment}-{stack}.json", name, skip["id"]): skip["comment"]
        for (environment, stack), template in templates.items()
        for name, each in template["Resources"].items()
        for skip in each.get("Metadata", {}).get("checkov", {}).get("skip", ())
    }


def test_finds_nothing_that_is_not_acknowledged(written: Path) -> None:
    assert results(written)["summary"]["passed"] > 0
    assert findings(written) == set()


def test_would_find_exactly_what_is_acknowledged(unanswered: Path, templates: Mapping[tuple[str, str], Json]) -> None:
    assert findings(unanswered) == acknowledged(templates).keys()


def test_is_told_a_reason_for_each(templates: Mapping[tuple[str, str], Json]) -> None:
    reasons = acknowledged(templates).values()
    assert reasons
    assert [reason for reason in reasons if len(reason.split()) < 5] == []
