"""The processes of this machine that belong to a sandbox."""

from pathlib import Path


def processes_of(folder: Path) -> dict[int, str]:
    """Return the command lines, by process id, of processes that were started with a folder in their environment."""
    found: dict[int, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has ended, or is another user's
            continue
    return found
