"""What a process does that checks a part of a file for another one, and what it tells that one."""

import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_tuning.data.checker.counters import Counters
from bedrock_tuning.data.checker.local_file import LocalFile, UncheckedError
from bedrock_tuning.data.checker.part import Part
from bedrock_tuning.data.checker.part_checker import PartCheck

_STEP_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class Task:
    """A part of a file: the lines that start between two offsets. `identity` tells that it is still the same file."""

    path: Path
    identity: tuple[int, ...]
    limits: Limits
    with_survey: bool
    start: int
    end: int

    def run(self, progress: Callable[[int], None] | None = None) -> Part:
        """Check the part; UncheckedError passes through."""
        survey = Counters(self.limits.data_format) if self.with_survey else None
        with LocalFile.open(self.path) as file:
            if file.identity != self.identity:
                raise UncheckedError.changed()
            lines = file.batches(self.limits.max_line_bytes, self.start, self.end)
            return PartCheck(self.limits, survey, at_start=self.start == 0).run(lines, progress)


@dataclass(frozen=True)
class Unchecked:
    """The file could not be checked: an UncheckedError that travels."""

    rule: str
    message: str


def work(task: Task, sender: Connection, others: Iterable[Connection] = ()) -> None:
    """Run a task; send how many bytes were checked every few MiB, and in the end a Part, an Unchecked or an exception.

    `others` are the ends of pipes that a copied process holds besides: closed here, writing fails once nobody reads.
    """
    # Ctrl-C is told to every process of a terminal; it is the first one's to say so, and to end the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    with suppress(BrokenPipeError):  # nobody waits for this any more
        sender.send(_outcome(task, _Progress(sender)))


class _Progress:
    def __init__(self, sender: Connection) -> None:
        self._sender = sender
        self._bytes = 0

    def __call__(self, more: int) -> None:
        self._bytes += more
        if self._bytes >= _STEP_BYTES:
            self._sender.send(self._bytes)
            self._bytes = 0


def _outcome(task: Task, progress: Callable[[int], None]) -> Any:
    try:
        return task.run(progress)
    except UncheckedError as error:
        return Unchecked(error.rule, str(error))
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
        return _travelling(error)


def _travelling(error: Exception) -> Exception:
    """Return an exception that can be sent, with the place where it came from."""
    told = f"in process {os.getpid()} ({multiprocessing.current_process().name}):\n{traceback.format_exc()}"
    try:
        error = pickle.loads(pickle.dumps(error))  # noqa: S301 - made by this very line
    except Exception:  # noqa: BLE001 - exceptions need not bear it
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(told)
    return error
