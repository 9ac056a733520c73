"""Several processes at one file: what they find, how they end, and when there are none."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.data.checker import check_file, check_files, most_processes, parallel, processes
from bedrock_tuning.data.checker.local_file import LocalFile, UncheckedError
from tests.conftest import ROOT
from tests.support.messages import says
from tests.unit.data_checker.test_file_sets import write
from tests.unit.dataset_rules.corpus.file_sets import FileSet, records
from tests.unit.dataset_rules.samples import any_limits

pytestmark = pytest.mark.slow
MINUTE = 60
METHODS = ("fork", "spawn") if sys.platform == "linux" else ("spawn",)
every_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "any.jsonl"
    path.write_bytes(records(0, 1000))
    return path


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for method in METHODS:
        monkeypatch.setitem(processes.FEWEST_BYTES, method, 10_000)


@contextmanager
def started(*arguments: object) -> "Iterator[subprocess.Popen[str]]":
    """Check a file in processes that do what the arguments say; see the module that is run."""
    command = [sys.executable, "-m", "tests.unit.data_checker.several", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": ".:constructs:lambda"}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **pipes) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def run(*arguments: object) -> tuple[int, str, str]:
    with started(*arguments) as process:
        output, errors = process.communicate(timeout=MINUTE)
    return process.returncode, output, errors


def workers_of(process: "subprocess.Popen[str]", times: int = 1) -> set[int]:
    """Return the numbers of both processes at work, once each of them was heard so many times."""
    assert process.stdout
    heard: Counter[int] = Counter()
    while len(heard) < 2 or min(heard.values()) < times:
        heard[int(process.stdout.readline())] += 1
    return set(heard)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + MINUTE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # What nobody has waited for yet is there and does nothing.
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.usefixtures("small_parts")
def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    files = FileSet({"train": records(0, 2000) + b"{}\n" + records(0, 1), "validation": records(1990, 3000)}, {})
    paths = write(files, tmp_path)
    told: list[int] = []
    several = check_files(paths, files.base_model, FINE_TUNING, processes=3, progress=lambda _, read: told.append(read))
    assert several == check_files(paths, files.base_model, FINE_TUNING)
    assert several.files["train"].counts == {"missing-key": 1, "duplicate-record": 1}
    assert several.files["validation"].counts == {"overlap": 10}


@every_method
def test_processes_are_started_in_either_way(method: str, path: Path) -> None:
    code, output, errors = run(method, "works", path)
    *workers, found = output.splitlines()
    assert (code, len(set(workers)), found, errors) == (0, 2, "[]", "")


@every_method
@pytest.mark.parametrize("what", ["is_killed", "is_killed_while_it_sends"])
def test_a_process_that_is_killed_is_told(method: str, what: str, path: Path) -> None:
    code, output, errors = run(method, what, path)
    assert (code, errors) == (0, "")
    assert says(output, "any.jsonl", "SIGKILL", "check")


@every_method
def test_a_file_that_changes_while_processes_read_it_is_told(method: str, path: Path) -> None:
    code, output, errors = run(method, "changes_the_file", path)
    assert (code, errors) == (0, "")
    assert says(output, "any.jsonl", "changed", "check")
    assert len(output.splitlines()) == 1


@every_method
@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("raises", "RecursionError: too deep"),
        ("raises_what_cannot_travel", "RuntimeError: CannotTravelError: one and other"),
    ],
)
def test_what_a_process_raises_is_raised_with_its_place(method: str, what: str, error: str, path: Path) -> None:
    code, output, errors = run(method, what, path)
    assert (code, output) == (1, "")
    assert f"\n{error}\nin process " in errors
    assert errors.count("raise effect") == 1


@every_method
def test_an_interrupt_ends_every_process_in_silence(method: str, path: Path) -> None:
    with started(method, "never_ends", path) as process:
        workers = workers_of(process)
        for worker in workers:
            os.kill(worker, signal.SIGINT)
        assert workers_of(process, times=50) == workers, "they leave it to the first process"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, errors = process.communicate(timeout=MINUTE)
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == errors.count("KeyboardInterrupt") == 1
    assert all(map(is_gone, workers))


@every_method
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_one_that_started_it(method: str, number: signal.Signals, path: Path) -> None:
    with started(method, "never_ends", path) as process:
        workers = workers_of(process)
        process.send_signal(number)
        until(lambda: all(map(is_gone, workers)))
        _, errors = process.communicate(timeout=MINUTE)
    assert errors == ""


@pytest.mark.usefixtures("small_parts")
def test_processes_that_cannot_be_started_are_done_without(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", full)
    told: list[int] = []
    assert check_file(path, any_limits(), processes=2, progress=told.append) == check_file(path, any_limits())
    assert told[-1] == path.stat().st_size


@pytest.mark.usefixtures("small_parts")
def test_a_file_that_changes_before_it_is_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = parallel.tasks

    def late(*arguments: object, **more: object) -> object:
        found = real(*arguments, **more)  # type: ignore[arg-type]
        path.write_bytes(records(0, 999))
        return found

    monkeypatch.setattr(parallel, "tasks", late)
    assert check_file(path, any_limits(), processes=2).counts == {"file-changed": 1}


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(records(1, 1001)), lambda path: os.truncate(path, 9)])
def test_a_file_that_changes_while_its_digest_is_taken_is_told(
    path: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bedrock_tuning.data.checker.local_file._BUFFER_BYTES", 1000)
    with LocalFile.open(path) as file:
        pieces = file.digested(DigestOfNothing())
        assert next(pieces) == 1000
        change(path)
        with pytest.raises(UncheckedError):
            list(pieces)


class DigestOfNothing:
    def update(self, data: bytes, /) -> None:
        """Take no notice."""


@pytest.mark.parametrize(
    ("size", "cores", "count"), [(10**6, 8, 1), (10**8, 8, 2), (10**10, 4, 4), (10**10, 1, 1), (0, 2, 1)]
)
def test_starts_as_many_as_are_worth_it(size: int, cores: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "start_method", lambda: "fork")
    assert processes.processes_for(size, cores) == count


def test_starts_none_for_a_small_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "run", None)
    assert check_file(path, any_limits(), processes=8).accepted


@pytest.mark.usefixtures("small_parts")
def test_starts_none_where_there_can_be_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "run", None)
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert check_file(path, any_limits(), processes=2).accepted


def test_a_machine_has_a_process_for_each_core_up_to_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for cores, count in {1: 1, 3: 3, 64: 4}.items():
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)), raising=False)
        assert most_processes() == count
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert most_processes() == 1


def test_copies_no_process_that_has_threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(processes, "_THREADS", tmp_path)
    (tmp_path / "1").mkdir()
    assert processes.start_method() == "fork"
    (tmp_path / "2").mkdir()
    assert processes.start_method() == "spawn"
    monkeypatch.setattr(processes, "_THREADS", tmp_path / "none")
    assert processes.start_method() == "spawn"
    monkeypatch.setattr(processes, "_THREADS", tmp_path / "1")
    monkeypatch.setattr("sys.platform", "darwin")
    assert processes.start_method() == "spawn"
