"""In how many processes a data file is checked, and how these are started."""

import multiprocessing
import os
import sys
from pathlib import Path
from typing import Final

_MOST: Final = 4
"""Each takes some 30 MB (55 for records of a megabyte) beside the 40 to 60 of the one that starts them."""
_MIB: Final = 1024 * 1024
FEWEST_BYTES: Final = {"fork": 32 * _MIB, "spawn": 512 * _MIB}
"""A process is not started for less of a file, by how it is started: that costs more than it saves."""
_THREADS: Final = Path("/proc/self/task")


def most_processes() -> int:
    """Return how many processes are worth their memory on this machine: one for each core, up to four."""
    if sys.platform == "linux":
        # In a container or under taskset, this process may have fewer cores than the machine.
        return min(len(os.sched_getaffinity(0)), _MOST)
    return min(os.cpu_count() or 1, _MOST)


def processes_for(size: int, most: int) -> int:
    """Return in how many processes a file of so many bytes is checked, when at most so many are wanted."""
    if multiprocessing.current_process().daemon:
        return 1  # it may have no children
    return max(min(most, size // FEWEST_BYTES[start_method()]), 1)


def start_method() -> str:
    """Return how processes are started: as copies of this one, which takes milliseconds, or anew.

    A copy must not be made of a process with threads: what one of them has locked would stay locked for ever. Elsewhere
    than on Linux the system's own libraries have threads that nobody sees.
    """
    return "fork" if sys.platform == "linux" and _threads() == 1 else "spawn"


def _threads() -> int:
    try:
        return len(list(_THREADS.iterdir()))  # those that no Python started are among them
    except OSError:
        return 2
