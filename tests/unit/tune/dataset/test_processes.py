"""The commands as processes: interrupts, terminals, and readers who stop reading."""

import os
import pty
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bedrock_tuning.data.checker import most_processes
from tests.unit.tune.dataset.data import NOVA, SECRET, conversation, conversations, lines, pair, start, write

pytestmark = pytest.mark.slow
MINUTE = 60


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return write(tmp_path / "pairs.jsonl", lines(map(pair, range(2000))))


@contextmanager
def held(*arguments: object, processes: int = 1) -> "Iterator[subprocess.Popen[str]]":
    """Run a dataset command that is in the middle of its work, in so many processes, and stays there."""
    environment = {**os.environ, "PARTS": "1" * (processes > 1)}
    module = "tests.unit.tune.dataset.held"
    with start(*arguments, module=module, env=environment, start_new_session=True) as process:
        try:
            assert process.stderr
            assert [process.stderr.readline() for _ in range(processes)] == ["held\n"] * processes
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("command", ["convert", "split"])
def test_an_interrupt_leaves_nothing_half_written(pairs: Path, command: str) -> None:
    folder = pairs.parent / "new"
    folder.mkdir()
    options = {"convert": (folder / "new.jsonl", "--to", "messages"), "split": (folder, "--validation", "10%")}
    with held(command, pairs, *options[command]) as process:
        assert any(each.stat().st_size for each in folder.iterdir())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=MINUTE)
    assert process.returncode == 130
    assert errors == "Interrupted. Nothing was written.\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("processes", sorted({1, most_processes()}))
def test_an_interrupted_check_says_so(processes: int, tmp_path: Path) -> None:
    path = conversations(tmp_path / "train.jsonl", 2000 * processes)
    with held("check", path, "--base-model", NOVA, processes=processes) as process:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        output, errors = process.communicate(timeout=MINUTE)
    assert process.returncode == 130
    assert errors == "Interrupted. Nothing was changed.\n"
    assert output == ""


def test_a_reader_who_stops_reading_is_no_crash(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", b"no JSON\n" * 5000)
    process = start("check", path, "--base-model", NOVA, "--format", "json")
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=MINUTE) == 1


def test_on_a_terminal_content_can_be_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", *map(conversation, range(10)), f'{{"{SECRET}\x1b[31m'.encode())
    output = _on_terminal("check", path, "--base-model", NOVA, "--show-content")
    assert f'{{"{SECRET}\\x1b[31m' in output


def test_a_progress_bar_is_shown_on_a_terminal_alone(tmp_path: Path) -> None:
    pairs, new = write(tmp_path / "pairs.jsonl", *map(pair, range(1000))), tmp_path / "new.jsonl"
    assert "pairs.jsonl" in _on_terminal("convert", pairs, new, "--to", "messages").partition("new.jsonl")[0]
    process = start("convert", pairs, new, "--to", "messages", "--force")
    output, errors = process.communicate(timeout=MINUTE)
    assert errors == ""
    assert output.count("\n") == 1


def _on_terminal(*arguments: object) -> str:
    """Run a dataset command on a terminal of its own and return what it shows."""
    ours, theirs = pty.openpty()
    process = start(*arguments, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "200"})
    os.close(theirs)
    shown = bytearray()
    while select.select([ours], [], [], MINUTE)[0]:
        try:
            shown += os.read(ours, 65_536)
        except OSError:  # Linux's way to say that the other side is closed
            break
    os.close(ours)
    assert isinstance(process, subprocess.Popen)
    process.wait(timeout=MINUTE)
    return shown.decode(errors="replace")
