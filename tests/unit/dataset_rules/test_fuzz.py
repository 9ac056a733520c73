"""A bounded run of the fuzzer: no input that it makes fails a checker or divides them."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tests.conftest import ROOT
from tests.unit.dataset_rules import fuzz_target, verdicts
from tests.unit.dataset_rules.fuzz import Result

SECONDS = 8
RUN = re.compile(
    r"fuzzed for 8 s from seed 1: ([0-9,]+) executions, ([0-9,]+) edges covered; crashes 0, wrong verdicts 0\n"
)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.unit.dataset_rules.fuzz", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="Atheris has wheels for Linux on x86-64 alone")
def test_finds_nothing() -> None:
    result = run("--seconds", str(SECONDS), "--seed", "1")
    assert result.returncode == 0, result.stderr[-3000:]
    numbers = RUN.fullmatch(result.stdout)
    assert numbers
    executions, edges = (int(number.replace(",", "")) for number in numbers.groups())
    assert executions > len(list(fuzz_target.seeds()))
    assert edges > 300


def test_judges_every_format_by_several_limits() -> None:
    seeds = list(fuzz_target.seeds())
    assert {fuzz_target.LIMITS[seed[0]].data_format for seed in seeds} == set(RecordFormat)
    assert {seed[0] for seed in seeds} == set(range(len(fuzz_target.LIMITS)))
    assert [fuzz_target.failure(seed) for seed in seeds[::50]] == [None] * len(seeds[::50])


@pytest.mark.parametrize(("fault", "kind"), [(lambda *_: True, AssertionError), (len, TypeError)])
def test_what_fails_is_shortened(fault: object, kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "accepts", fault)
    refused = b"\0\0" + b'{"messages": [{"role": "user", "content": "a"}]}\n' * 3
    assert fuzz_target.failure(refused) is kind
    short = fuzz_target.shrunk(refused)
    assert fuzz_target.failure(short) is kind
    assert len(short) <= 3


TOLD = """#2\tINITED cov: 490 ft: 2501 corp: 1/2b exec/s: 0 rss: 66Mb
#128\tpulse  cov: 495 ft: 2601 corp: 9/99b lim: 4096 exec/s: 42 rss: 66Mb
"""
STOPPED = " === Uncaught Python exception: ===\n{}\n==15== ERROR: libFuzzer: fuzz target exited\n"
DONE = "#200\tDONE   cov: 497 ft: 2700 corp: 9/99b\nstat::number_of_executed_units: 200\n"


@pytest.mark.parametrize(
    ("exit_code", "output", "result"),
    [
        (0, TOLD + DONE, Result(200, 497, crashes=0, wrong_verdicts=0)),
        (77, TOLD + STOPPED.format("AssertionError: any"), Result(128, 495, crashes=0, wrong_verdicts=1)),
        (77, TOLD + STOPPED.format("TypeError: any"), Result(128, 495, crashes=1, wrong_verdicts=0)),
        (-9, TOLD, Result(128, 495, crashes=1, wrong_verdicts=0)),
        (1, "ModuleNotFoundError: any", Result(0, 0, crashes=1, wrong_verdicts=0)),
    ],
)
def test_tells_what_a_run_came_to(exit_code: int, output: str, result: Result) -> None:
    assert Result.read(exit_code, output) == result


def test_says_where_there_is_no_atheris() -> None:
    hidden = "import sys; sys.modules['atheris'] = None; from tests.unit.dataset_rules.fuzz import main; main()"
    result = subprocess.run([sys.executable, "-c", hidden], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("Atheris is not installed: run make setup. It has wheels for Linux on x86-64 alone")
