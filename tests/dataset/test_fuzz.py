"""A bounded run of the fuzzer: no input that it makes fails a checker or divides them."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SECONDS = 30


@pytest.mark.slow
def test_finds_nothing() -> None:
    pytest.importorskip("atheris", reason="Atheris has wheels for Linux on x86-64 alone")
    command = [sys.executable, "-m", "tests.dataset.fuzz", "--seconds", str(SECONDS), "--seed", "1"]
    environment = {**os.environ, "PYTHONPATH": ".:constructs:lambda"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    runs = next(line for line in result.stderr.splitlines() if line.startswith("stat::number_of_executed_units"))
    assert int(runs.split()[-1]) > 1000
