"""Which processes are there: the proof that the demo leaves none behind."""

import subprocess
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def of_group(group: int) -> list[int]:
    """Return the live processes of a process group or of the session that it leads."""
    return _from_proc(group) if (_PROC / "self" / "stat").exists() else _from_ps(group)


def belongs(stat: str, group: int) -> bool:
    """Read a line of /proc/<pid>/stat: whether it is of the group or session, and not merely waiting to be buried."""
    # The command's name is in parentheses and may hold anything, blanks and parentheses too.
    state, _parent, its_group, session, *_ = stat.rpartition(")")[2].split()
    return state != "Z" and str(group) in (its_group, session)


def _from_proc(group: int) -> list[int]:
    found = []
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:  # it has ended meanwhile
                continue
            if belongs(stat, group):
                found.append(int(folder.name))
    return sorted(found)


def _from_ps(group: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return sorted(int(pid) for pid, its_group, state in rows if int(its_group) == group and not state.startswith("Z"))
