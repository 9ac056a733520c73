"""The most memory that this process has had."""

import resource
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")


def peak_kibibytes() -> int:
    """Return the peak of the resident memory, in units of 1,024 bytes on Linux."""
    if _STATUS.exists():
        # What getrusage tells on Linux includes the process that started this one.
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(lines["VmHWM"].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
