"""`make bench-dataset` on a file that is small: it runs to its end. How fast, nobody asks here."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bedrock_lifecycle.dataset.rules.records import check
from bench.dataset import baseline, generate, measure, report
from bench.dataset.measure import PROCESSES, Measurement
from bench.dataset.rounds import Rounds
from bench.dataset.targets import targets
from tests.conftest import ROOT
from tests.support.messages import says


def run(sizes: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bench.dataset"]
    environment = {**os.environ, "BENCH_SIZES": sizes}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
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
    assert (result.returncode, says(result.stderr, "BENCH_SIZES", "3MB", "2MB 6MB 20MB 180MB 1.2GB 10GB")) == (1, True)


def rounds(**cpu_seconds: Sequence[float]) -> Rounds:
    """Return rounds by the CPU seconds of each kind in them; on the wall everything took an hour."""
    kinds = {kind.replace("_", ", "): taken for kind, taken in cpu_seconds.items()}
    taken = zip(*kinds.values(), strict=True)
    made = tuple({kind: Measurement(3600, each, 0) for kind, each in zip(kinds, one, strict=True)} for one in taken)
    return Rounds(made, dict.fromkeys(kinds, 50.0))


def test_a_target_that_is_missed_is_told() -> None:
    slow = rounds(raw=[0.4], baseline=[1.0], structural=[1.0], all_processes=[0.3 * PROCESSES])
    slow = replace(slow, peaks={**slow.peaks, "structural": 250.0})
    assert [met for _, met in targets(slow)] == [False, False, False]
    fast = rounds(raw=[0.4], baseline=[1.0], structural=[0.8], all_processes=[0.25 * PROCESSES])
    assert [met for _, met in targets(fast)] == [True, True, True]


def test_a_neighbour_that_slows_some_rounds_changes_no_ratio() -> None:
    # In the second round everything took three times as long, in the third one kind alone.
    taken = rounds(baseline=[1.0, 3.0, 1.0], all=[0.25, 0.75, 0.9])
    assert taken.speed("all", beside="baseline") == pytest.approx(4)


def test_several_processes_are_told_by_what_each_core_did() -> None:
    taken = rounds(baseline=[1.0], all_processes=[0.4])
    assert taken.core_seconds("all, processes") == pytest.approx(0.4 / PROCESSES)
    assert taken.speed("all, processes", beside="baseline") == pytest.approx(PROCESSES / 0.4)


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
