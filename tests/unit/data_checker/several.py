"""Checks a file in two processes that do not do what they should; prints what comes of it.

    PYTHONPATH=.:constructs:lambda python -m tests.unit.data_checker.several <fork or spawn> <what they do> <file>

Processes are copied here rather than from a test, whose own process may have threads.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final
from unittest import mock

from bedrock_tuning.data.checker import check_file, parallel, processes
from bedrock_tuning.data.checker.part import Part
from bedrock_tuning.data.checker.worker import Task, work
from tests.unit.dataset_rules.samples import any_limits


class CannotTravelError(Exception):
    """Is not made again from its arguments."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def is_killed(task: Task, sender: Connection, others: Any = ()) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def is_killed_while_it_sends(task: Task, sender: Connection, others: Any = ()) -> None:
    os.write(sender.fileno(), b"\0\0\1\0abc")
    os.kill(os.getpid(), signal.SIGKILL)


def raises(task: Task, sender: Connection, others: Any = ()) -> None:
    with mock.patch.object(Task, "run", side_effect=RecursionError("too deep")):
        work(task, sender, others)


def raises_what_cannot_travel(task: Task, sender: Connection, others: Any = ()) -> None:
    with mock.patch.object(Task, "run", side_effect=CannotTravelError("one", "other")):
        work(task, sender, others)


def never_ends(task: Task, sender: Connection, others: Any = ()) -> None:
    """Makes progress for ever, and tells its own number each time."""

    def run(progress: Callable[[int], None]) -> None:
        while True:
            tell_number()
            progress(1 << 23)
            time.sleep(0.01)

    with mock.patch.object(Task, "run", side_effect=run):
        work(task, sender, others)


def changes_the_file(task: Task, sender: Connection, others: Any = ()) -> None:
    """Has somebody write to the file once it is read."""
    real = Task.run

    def run(progress: Callable[[int], None]) -> Part:
        def told(more: int) -> None:
            with task.path.open("ab") as file:
                file.write(b"\n")
            progress(more)

        return real(task, told)

    with mock.patch.object(Task, "run", side_effect=run):
        work(task, sender, others)


def tell_number() -> None:
    """Print this process's number in one piece, as others print theirs meanwhile."""
    os.write(sys.stdout.fileno(), f"{os.getpid()}\n".encode())


def works(task: Task, sender: Connection, others: Any = ()) -> None:
    tell_number()
    work(task, sender, others)


KILLED: Final = (is_killed, is_killed_while_it_sends)
OTHERS: Final = (raises, raises_what_cannot_travel, changes_the_file, never_ends, works)
WORK: Final = {each.__name__: each for each in (*KILLED, *OTHERS)}


def main(method: str, what: str, path: Path) -> None:
    processes.FEWEST_BYTES.update(dict.fromkeys(processes.FEWEST_BYTES, 1))
    as_told = mock.patch.object(parallel, "start_method", return_value=method)
    with as_told, mock.patch.object(parallel, "work", WORK[what]):
        report = check_file(path, any_limits(), processes=2)
    print([finding.describe(path.name) for finding in report.findings])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
