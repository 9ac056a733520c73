"""`make bench-dataset` on a file that is small: it runs to its end. How fast, nobody asks here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bedrock_lifecycle.dataset.records import check
from bench.dataset import baseline, generate, measure, report
from bench.dataset.measure import Measurement
from bench.dataset.targets import targets
from tests.conftest import ROOT
from tests.support.messages import says


def run(sizes: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bench.dataset"]
    environment = {**os.environ, "BENCH_SIZES": sizes}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_measures_every_kind_and_tells_every_target() -> None:
    result = run("2MB")
    assert result.stderr == ""
    for words in report._WORDS.values():
        assert f" {words} " in result.stdout
    told = [line.split()[0] for line in result.stdout.splitlines() if ", below " in line or ", at least " in line]
    assert len(told) == 3
    assert result.returncode == ("MISSED" in told)
    assert not (ROOT / "build" / "bench" / "2MB.jsonl").exists()


def test_refuses_a_size_that_it_does_not_have() -> None:
    result = run("2MB 3MB")
    assert (result.returncode, says(result.stderr, "BENCH_SIZES", "3MB", "2MB 180MB 1.2GB 10GB")) == (1, True)


def test_a_target_that_is_missed_is_told() -> None:
    slow, fast = Measurement(1.0, 1.0, 250.0), Measurement(0.4, 0.4, 50.0)
    best = {"raw": fast, "baseline": slow, "structural": slow, "all, processes": fast}
    assert [met for _, met in targets(best)] == [False, False, False]
    best |= {"structural": fast, "all, processes": Measurement(0.2, 0.2, 50.0)}
    assert [met for _, met in targets(best)] == [True, True, True]


def test_what_is_measured_does_its_work(tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    generate.write(path, 50, 200_000)
    assert not check([path.read_bytes()], measure._LIMITS).error_count
    assert baseline.check(path) == (50, 0)
    path.write_bytes(path.read_bytes() + b"{}\n")
    for kind in measure.KINDS:
        if kind.startswith("raw"):
            continue
        with pytest.raises(SystemExit, match="refused"):
            measure.KINDS[kind](path)
