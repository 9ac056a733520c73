"""Every assumption of the simulation has a switch, and tests that rest on it: they fail with another answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.assumptions.register import register
from tests.conftest import ROOT
from tests.unit.assumptions import turning

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What became of each test with its entry turned."""
    file = tmp_path_factory.mktemp("turned") / "outcomes.json"
    tests = sorted({test for entry in register().values() for test in entry.tests})
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", turning.__name__, "-p", "no:cacheprovider", "-q", "-n", "0", *tests],
        cwd=ROOT,
        env={**os.environ, turning.OUTCOMES: str(file), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout[-3000:]
    found: dict[str, dict[str, list[str]]] = json.loads(Path(file).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("entry", "test"), [(entry.id, test) for entry in register().values() for test in entry.tests])
def test_a_test_that_rests_on_an_entry_fails_with_it_turned(
    entry: str, test: str, outcomes: dict[str, dict[str, list[str]]]
) -> None:
    assert "failed" in outcomes[entry][test]
