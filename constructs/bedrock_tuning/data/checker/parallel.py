"""Checks one file in several processes, each a part of it; what they find is what one process finds."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_tuning.data.checker.local_file import LocalFile, UncheckedError
from bedrock_tuning.data.checker.part import Part, joined
from bedrock_tuning.data.checker.processes import start_method
from bedrock_tuning.data.checker.worker import Task, Unchecked, work

Progress = Callable[[int], None]


class CannotStartError(Exception):
    """The system starts no more processes; nothing was checked."""


def tasks(path: Path, file: LocalFile, limits: Limits, *, with_survey: bool, count: int) -> list[Task]:
    """Divide a file into so many parts of like size."""
    offsets = [file.size * number // count for number in range(count + 1)]
    return [Task(path, file.identity, limits, with_survey, start, end) for start, end in pairwise(offsets)]


def run(parts: list[Task], progress: Progress | None, meanwhile: Iterable[object] = ()) -> Part:
    """Run every task in a process of its own and return what they found together.

    Args:
        parts: The tasks, in the order of the file.
        progress: Is told how many more bytes have been checked.
        meanwhile: Is gone through in this process, step by step.

    Raises:
        UncheckedError: When the file cannot be read or changes, or when a process is ended from outside.
        CannotStartError: When there can be no such processes.

    What else is raised in one of the processes is raised here. None of them outlives this call, or this process.
    """
    crew = _Crew()
    try:
        for task in parts:
            crew.start(task)
        for _ in meanwhile:
            crew.hear(progress, timeout=0)
        while crew.is_busy:
            crew.hear(progress, timeout=None)
        return crew.joined()
    finally:
        crew.end()


class _Crew:
    """The processes at work on one file, by the end of the pipe on which each is heard."""

    def __init__(self) -> None:
        self._method: Final = start_method()
        self._context: Final[Any] = multiprocessing.get_context(self._method)
        self._processes: Final[dict[Connection, Any]] = {}
        self._found: Final[dict[Connection, Part]] = {}
        if self._method == "spawn":
            resource_tracker.ensure_running()  # or the first start would, and would let Ctrl-C through

    @property
    def is_busy(self) -> bool:
        return len(self._found) < len(self._processes)

    def start(self, task: Task) -> None:
        try:
            receiver, sender = self._context.Pipe(duplex=False)
            copied = (*self._processes, receiver) if self._method == "fork" else ()
            process = self._context.Process(target=work, args=(task, sender, copied), daemon=True)
            with sender, _uninterrupted():
                process.start()
                self._processes[receiver] = process
        except OSError as error:
            raise CannotStartError from error

    def hear(self, progress: Progress | None, timeout: float | None) -> None:
        """Take what was sent by those at work; wait for something at most so many seconds."""
        busy = [each for each in self._processes if each not in self._found]
        ready: list[Any] = wait(busy, timeout)
        for receiver in ready:
            match self._receive(receiver):
                case Part() as part:
                    self._found[receiver] = part
                case int() as more if progress:
                    progress(more)
                case Unchecked(rule, message):
                    raise UncheckedError(rule, message)
                case Exception() as error:
                    raise error

    def joined(self) -> Part:
        return joined([self._found[receiver] for receiver in self._processes])

    def end(self) -> None:
        with _uninterrupted():
            for process in self._processes.values():
                process.kill()
            for receiver, process in self._processes.items():
                process.join()
                process.close()
                receiver.close()

    def _receive(self, receiver: Any) -> object:
        try:
            return receiver.recv()
        except (EOFError, OSError):
            process = self._processes[receiver]
            process.join()
            told = f"could not be checked: a process that read it was stopped ({_end_of(process.exitcode)})"
            raise UncheckedError("file-unreadable", f"{told}; check it again, with more memory if it ran out") from None


def _end_of(exit_code: int) -> str:
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"exit code {exit_code}"


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C waiting, and from every process that is started within."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
