"""Chromium, driven through a pipe: a page at any width, light, dark or on paper, and what can be measured there."""

import itertools
import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import pytest

CHROMIUM: Final = shutil.which("chromium")
NOT_RUN: Final = pytest.mark.skipif(
    CHROMIUM is None, reason="not run: there is no chromium (Debian's package) on this machine"
)
Medium = Literal["light", "dark", "paper"]
MEDIA: Final[tuple[Medium, ...]] = ("light", "dark", "paper")
# What a sheet of A4 leaves between margins of 10 mm, in CSS pixels (96 in an inch of 25.4 mm).
SHEET: Final = int((210 - 20) / 25.4 * 96)
_MARGIN_INCHES: Final = 10 / 25.4


class Browser:
    """One page of a browser; what it does comes back as answers to numbered commands."""

    def __init__(self, commands: BinaryIO, answers: BinaryIO) -> None:
        self._commands = commands
        self._answers = answers
        self._numbers = itertools.count(1)
        self._events: list[str] = []
        self._session = ""
        target = self._do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._do("Page.enable")

    def look(self, file: Path, script: str, *, width: int = 800, medium: Medium = "light") -> Any:
        """Open a file, and return what an expression of JavaScript gives there."""
        self._do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "light" if medium == "light" else "dark"}
        self._do("Emulation.setEmulatedMedia", media="print" if medium == "paper" else "screen", features=[scheme])
        self._events.clear()
        self._do("Page.navigate", url=file.resolve().as_uri())
        while "Page.loadEventFired" not in self._events:
            self._next()
        found = self._do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def printed(self) -> bytes:
        """Return the page that is open as a PDF of A4."""
        margins = {f"margin{side}": _MARGIN_INCHES for side in ("Top", "Bottom", "Left", "Right")}
        whole = self._do("Page.printToPDF", paperWidth=210 / 25.4, paperHeight=297 / 25.4, **margins)
        return b64decode(whole["data"])

    def picture(self) -> bytes:
        """Return what is seen of the page that is open as a PNG."""
        return b64decode(self._do("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        command: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                found: dict[str, Any] = answer["result"]
                return found

    def _next(self) -> dict[str, Any]:
        answer = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has ended"
            answer += byte
        found: dict[str, Any] = json.loads(answer)
        self._events.append(found.get("method", ""))
        return found


@contextmanager
def opened(folder: Path) -> Iterator[Browser]:
    """Start a browser whose own files lie in a folder, and end it after the block."""
    (commands_in, commands_out), (answers_in, answers_out) = os.pipe(), os.pipe()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"]
    # The browser reads commands from file 3 and writes answers into file 4.
    shell = f'exec "$@" 3<&{commands_in} 4>&{answers_out}'
    command = ["bash", "-c", shell, "bash", str(CHROMIUM), *options, f"--user-data-dir={folder}"]
    inherited = (commands_in, answers_out)
    with (
        subprocess.Popen(command, pass_fds=inherited, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
        os.fdopen(answers_in, "rb") as answers,
    ):
        for each in inherited:
            os.close(each)
        with os.fdopen(commands_out, "wb") as commands:
            yield Browser(commands, answers)
        process.wait(timeout=30)  # it ends when nothing can be commanded any more
