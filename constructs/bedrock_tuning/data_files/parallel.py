"""Checks one file in several processes, each a part of it; what they find is what one process finds."""

import multiprocessing
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.dataset.limits import Limits
from bedrock_tuning.data_files.local_file import LocalFile, UncheckedError
from bedrock_tuning.data_files.part import Part
from bedrock_tuning.data_files.part_check import PartCheck
from bedrock_tuning.data_files.survey import Survey

FEWEST_BYTES: Final = 32 * 1024 * 1024
"""A process is not started for less of a file: starting it costs more than it saves."""
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
        survey = Survey(self.limits.data_format) if self.with_survey else None
        with LocalFile.open(self.path) as file:
            if file.identity != self.identity:
                raise UncheckedError.changed()
            lines = file.batches(self.limits.max_line_bytes, self.start, self.end)
            return PartCheck(self.limits, survey, at_start=self.start == 0).run(lines, progress)


def tasks(path: Path, file: LocalFile, limits: Limits, *, with_survey: bool, count: int) -> list[Task]:
    """Divide a file into so many parts of like size."""
    offsets = [file.size * number // count for number in range(count + 1)]
    return [Task(path, file.identity, limits, with_survey, start, end) for start, end in pairwise(offsets)]


def run(parts: list[Task], progress: Callable[[int], None] | None, meanwhile: Callable[[], str]) -> tuple[Part, str]:
    """Run every task in a process of its own; return what they found together, and what came of `meanwhile`."""
    context: Any = multiprocessing.get_context(_start_method())
    found: dict[Connection, Part] = {}
    processes: dict[Connection, Any] = {}
    try:
        for task in parts:
            receiver, sender = context.Pipe(duplex=False)
            processes[receiver] = context.Process(target=_work, args=(task, sender), daemon=True)
            processes[receiver].start()
            sender.close()
        text = meanwhile()
        while waiting := processes.keys() - found.keys():
            for receiver in wait(list(waiting)):
                _receive(receiver, found, progress)
    finally:
        for receiver, process in processes.items():
            process.kill()
            process.join()
            receiver.close()
    return _joined([found[receiver] for receiver in processes]), text


def _work(task: Task, sender: Connection) -> None:
    read = 0

    def progress(more: int) -> None:
        nonlocal read
        read += more
        if read >= _STEP_BYTES:
            sender.send(read)
            read = 0

    try:
        sender.send(task.run(progress))
    except UncheckedError as error:
        sender.send((error.rule, str(error)))


def _receive(receiver: Any, found: dict[Connection, Part], progress: Callable[[int], None] | None) -> None:
    try:
        message = receiver.recv()
    except EOFError:
        raise UncheckedError("file-unreadable", "could not be checked: a process that checked it was ended") from None
    match message:
        case Part():
            found[receiver] = message
        case int():
            if progress:
                progress(message)
        case rule, reason:
            raise UncheckedError(rule, reason)


def _joined(parts: list[Part]) -> Part:
    first, *others = parts
    for other in others:
        first.append(other)
    return first


def _start_method() -> str:
    # A copy of this process starts at once, but must not be made of one with threads: a lock may be held for ever.
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
