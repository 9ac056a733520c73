"""`make demo` with a file of one's own: all of the way, and nothing of the file's content on the screen."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.project import FAST, ROOT
from tests.support.messages import says
from tune.demo.steps import CURVE, REPORT

pytestmark = pytest.mark.sandbox

_RECORDS: Final = 200
_SECRET: Final = "Whereabouts"


def test_the_demo_goes_there_and_back_with_prompts_and_completions_of_ones_own(tmp_path: Path) -> None:
    source = tmp_path / "pairs.jsonl"
    pairs = (
        {"prompt": f"{_SECRET} of number {number}?", "completion": f"{_SECRET}: shelf {number * 7}."}
        for number in range(_RECORDS)
    )
    source.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    command = [sys.executable, "-m", "tune", "demo", "--data", str(source), "--verbose"]

    run = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **FAST}, capture_output=True, text=True, timeout=600, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
    # The path of the file may break the line anywhere.
    assert says(" ".join(run.stdout.split()), "200", "records", "messages")
    # What was asked, and one of the gate's verdicts: which one hangs on the records.
    assert re.search(r"evaluation [0-9a-f]{12}: (\d+) of \1 records", run.stdout)
    assert re.search(r"(passed|failed|inconclusive): \d of 1 requirements passed", run.stdout)
    assert "nothing is left running" in run.stdout
    assert _SECRET not in run.stdout + run.stderr
    # What it leaves: the curve, which it shows too, and a report without a word of the file.
    assert "● training" in run.stdout
    report = (ROOT / REPORT).read_text(encoding="utf-8")
    assert (ROOT / CURVE).read_text(encoding="utf-8") in report
    assert "[simulated]" in report
    assert _SECRET not in report
