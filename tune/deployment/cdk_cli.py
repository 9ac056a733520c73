"""Runs the pinned CDK CLI and shows its output while it runs."""

import codecs
import os
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tune.deployment import node
from tune.deployment.wait_steps import WaitStepFilter
from tune.terminal.folders import ROOT
from tune.terminal.problems import CannotBeDone
from tune.terminal.screen import Screen

CDK: Final = ROOT / "node_modules" / ".bin" / "cdk"
# From which the CLI takes the option of that name.
_OUTPUT: Final = "CDK_OUTPUT"
_TICK_SECONDS: Final = 0.5
_CHUNK_BYTES: Final = 65536
_PATIENCE_SECONDS: Final = 3.0
_TAIL_CHARACTERS: Final = 20_000


class CdkMissing(CannotBeDone):
    """The pinned CDK CLI is not installed."""


def environment(base: Mapping[str, str], output: Path | None = None) -> dict[str, str]:
    """Return the variables of the CLI: this interpreter and the project's Node.js come before any other.

    `output` is where it synthesizes to, when neither `base` nor an argument says it.
    """
    first = [str(Path(sys.executable).parent)]
    if found := node.folder():
        first.insert(0, str(found))
    return {
        **({_OUTPUT: str(output)} if output else {}),
        **base,
        "PATH": os.pathsep.join((*first, base.get("PATH", ""))),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


class CdkCli:
    """The CDK CLI of this project, `variables` being those with which it reaches AWS; `output` is as above."""

    def __init__(self, screen: Screen, variables: Mapping[str, str], output: Path | None = None) -> None:
        self._screen = screen
        self._variables = environment(variables, output)
        self._tail = ""
        self._filter = WaitStepFilter()

    @property
    def output(self) -> str:
        """Where it synthesizes to when no argument says it; what is not absolute starts at the checkout."""
        return self._variables.get(_OUTPUT, "cdk.out")

    def has_said(self, text: str) -> bool:
        """Tell whether a text is in the end of what the last run has printed."""
        return text in " ".join(self._tail.split())

    def run(self, arguments: Sequence[str], tick: Callable[[], None] = lambda: None) -> int:
        """Run one command to its end, calling `tick` now and then; return its exit code.

        An interrupt ends the command too, and is raised again.
        """
        if not CDK.exists():
            raise CdkMissing(f"{CDK.relative_to(ROOT)} is not installed: run make setup-deploy")
        (code,) = run_all([(self, arguments)], tick)
        return code

    def beside(self, screen: Screen) -> "CdkCli":
        """Return the same CLI with its output on another screen, to be run beside others."""
        return CdkCli(screen, self._variables)

    def start(self, arguments: Sequence[str]) -> "_Running":
        """Start one command."""
        self._tail = ""
        self._filter = WaitStepFilter()
        process, source = self._start([str(CDK), *arguments])
        reader = threading.Thread(target=_copy, args=(source, self._show), daemon=True)
        reader.start()
        return _Running(process, reader)

    def _show(self, text: str) -> None:
        self._tail = (self._tail + text)[-_TAIL_CHARACTERS:]
        if passed := self._filter.passed(text):
            self._screen.output(passed)

    def _start(self, command: Sequence[str]) -> tuple["subprocess.Popen[bytes]", int]:
        # On a terminal the CLI gets one too, so that it asks its questions; the answers come from the real one.
        source, sink = _terminal() if self._screen.is_terminal else os.pipe()
        try:
            process = subprocess.Popen(command, cwd=ROOT, env=self._variables, stdout=sink, stderr=sink)
        except BaseException:
            os.close(source)
            raise
        finally:
            os.close(sink)
        return process, source


@dataclass(frozen=True)
class _Running:
    """A command that was started, and the thread that shows its output."""

    process: "subprocess.Popen[bytes]"
    reader: threading.Thread

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        """Take it away if it still runs, and show the rest of its output."""
        _end(self.process)
        self.reader.join(_PATIENCE_SECONDS)


def run_all(runs: Sequence[tuple[CdkCli, Sequence[str]]], tick: Callable[[], None] = lambda: None) -> list[int]:
    """Run commands side by side to their ends, calling `tick` now and then; return their exit codes.

    An interrupt ends them all, and is raised again.
    """
    started: list[_Running] = []
    try:
        for cli, arguments in runs:
            started.append(cli.start(arguments))
        while running := next((each for each in started if each.is_running), None):
            try:
                running.process.wait(timeout=_TICK_SECONDS)
            except subprocess.TimeoutExpired:
                tick()
        return [_exit_code(each.process.returncode) for each in started]
    finally:
        for each in started:
            each.end()


def _terminal() -> tuple[int, int]:
    source, sink = os.openpty()
    size = os.get_terminal_size(sys.stdout.fileno())
    termios.tcsetwinsize(sink, (size.lines, size.columns))
    return source, sink


def _end(process: "subprocess.Popen[bytes]") -> None:
    for end in (process.terminate, process.kill):
        if process.poll() is None:
            end()
            try:
                process.wait(timeout=_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                continue


def _copy(source: int, show: Callable[[str], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    text = ""
    with open(source, "rb", buffering=0) as stream:
        while chunk := _chunk(stream.fileno()):
            text = decoder.decode(chunk)
            show(text)
    if text and not text.endswith("\n"):
        show("\n")  # a line of ours may follow, and one of several is shown only when it is whole


def _chunk(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except OSError:  # how Linux says that the last one has left a terminal
        return b""


def _exit_code(returned: int) -> int:
    """Return the exit code in a shell's manner, also for a command that a signal ended."""
    return returned if returned >= 0 else 128 - returned
