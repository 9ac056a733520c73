"""`tune sandbox`: what it prints is enough to reach it, and it leaves nothing behind however it is ended."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import boto3
import pytest

from tests.e2e.patience import until
from tests.e2e.processes import processes_of
from tests.e2e.project import ROOT

pytestmark = pytest.mark.sandbox

READY: Final = "Ctrl-C ends it"


class Command:
    """`python -m tune sandbox` in a process of its own."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tune", "sandbox", "--rate", "100"], cwd=ROOT, stdout=output, stderr=output
            )
        until(lambda: READY in self.output or self.process.poll() is not None, seconds=90)
        assert READY in self.output, self.output

    @property
    def output(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def variables(self) -> dict[str, str]:
        """Return what the lines to be pasted set."""
        lines = (shlex.split(line) for line in self.output.splitlines() if line.startswith("export "))
        return dict(word.split("=", 1) for _, word in lines)

    @property
    def folder(self) -> Path:
        return Path(self.variables["AWS_CA_BUNDLE"]).parent

    def emulator(self) -> list[int]:
        """Return the processes that it has started."""
        return [number for number in processes_of(self.folder) if number != self.process.pid]

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    started = Command(tmp_path / "log")
    yield started
    if started.process.poll() is None:
        started.end(signal.SIGTERM)


def test_what_it_prints_is_enough_to_reach_it_and_ctrl_c_leaves_nothing(command: Command) -> None:
    variables, folder = command.variables, command.folder
    assert (folder / "environment.sh").read_text().splitlines() == [
        line for line in command.output.splitlines() if line.startswith("export ")
    ]
    client = boto3.client(
        "cloudformation",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        verify=variables["AWS_CA_BUNDLE"],
    )
    [toolkit] = client.describe_stacks(StackName="CDKToolkit")["Stacks"]
    assert toolkit["StackStatus"] == "CREATE_COMPLETE"
    planned = subprocess.run(
        [sys.executable, "-m", "tune", "plan", "local"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert planned.returncode == 0, planned.stderr
    assert "docstrings-local-" in planned.stdout
    assert command.emulator()

    assert command.end(signal.SIGINT) == 0

    assert "no process and no file of it is left" in command.output
    assert not folder.exists()
    assert processes_of(folder) == {}


def test_a_polite_end_leaves_nothing_either(command: Command) -> None:
    folder = command.folder
    assert command.emulator()

    assert command.end(signal.SIGTERM) == 128 + signal.SIGTERM

    until(lambda: not processes_of(folder), seconds=5)
    assert not folder.exists()


def test_a_local_aws_that_dies_is_told_and_is_a_failure(command: Command) -> None:
    folder = command.folder
    for number in command.emulator():
        os.kill(number, signal.SIGKILL)

    assert command.process.wait(timeout=30) == 1

    assert "has ended by itself" in command.output
    assert not folder.exists()
