"""A bash on a terminal of its own, in which a test types what a page says and answers what it is asked."""

import os
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.e2e.project import Run

_TIMEOUT_SECONDS: Final = 420
_CONTROLS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal:
    """One shell: what a command exports or sets, the next one sees.

    `answers` are regular expressions of questions, and what is typed when one is asked.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], answers: Mapping[str, str]) -> None:
        self._answers = answers
        self._screen, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (50, 160))
        script, self._script = os.pipe()
        self._codes, self._code = os.pipe()
        # Commands come by a pipe, so that standard input is the terminal, as for somebody who types them.
        self._process = subprocess.Popen(
            ["bash", f"/dev/fd/{script}"],
            cwd=folder,
            env=dict(environment),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            pass_fds=(script, self._code),
            start_new_session=True,
        )
        os.close(theirs)
        os.close(script)

    def run(self, command: str) -> Run:
        """Run a command to its end."""
        os.write(self._script, f"{command}\necho $? >&{self._code}\n".encode())
        output, seen = "", 0
        until = time.monotonic() + _TIMEOUT_SECONDS
        while True:
            ready, _, _ = select.select([self._screen, self._codes], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{command}: not ended after {_TIMEOUT_SECONDS} s:\n{output}"
            if self._screen in ready:
                output += os.read(self._screen, 65536).decode(errors="replace")
                seen = self._answered(output, seen)
            else:
                return Run(int(os.read(self._codes, 16)), _CONTROLS.sub("", output))

    def end(self) -> None:
        """End the shell and all that it started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
        for each in (self._screen, self._script, self._codes, self._code):
            os.close(each)

    def _answered(self, output: str, seen: int) -> int:
        """Answer a question that is new; return how much of the output needs no answer any more."""
        for question, answer in self._answers.items():
            if re.search(question, output[seen:]):
                os.write(self._screen, f"{answer}\n".encode())
                return len(output)
        return seen
