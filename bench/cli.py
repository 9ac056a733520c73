"""What asking a command for its help costs beside importing Typer, which every answer needs: `make bench-cli`.

The commands run in turns, each as a process of its own; what counts is the median of its CPU time, which is nearly all
that a person waits for, and the same on a busy machine. Ends with 1 when the target was missed.
"""

import os
import platform
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.rounds import asked_rounds

_ROOT: Final = Path(__file__).resolve().parents[1]
_HIGHEST_RATIO: Final = 3.0
_ROUNDS: Final = 11

_TYPER: Final = 'python -c "import typer"'
COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    _TYPER: ("-c", "import typer"),
    "python -m tune --help": ("-m", "tune", "--help"),
    "python -m tune deploy --help": ("-m", "tune", "deploy", "--help"),
}


def main() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for arguments in COMMANDS.values():  # the first run of each, which may compile modules, is not measured
        _cpu_seconds(arguments)
    for _ in range(asked_rounds(_ROUNDS)):
        for name, arguments in COMMANDS.items():
            seconds[name].append(_cpu_seconds(arguments))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    sys.exit(0 if told(seconds) else 1)


def told(seconds: Mapping[str, Sequence[float]]) -> bool:
    """Print the medians with their ratios to the import of Typer; return whether the target was met."""
    all_met = True
    for name, measured in seconds.items():
        ratio = median(measured) / median(seconds[_TYPER])
        met = ratio <= _HIGHEST_RATIO
        all_met = all_met and met
        target = "" if name == _TYPER else f"  {'met' if met else 'MISSED'}, at most {_HIGHEST_RATIO:g}"
        print(f"  {name:<30} {median(measured) * 1000:5.0f} ms  {ratio:.2f}{target}")  # noqa: T201
    return all_met


def _cpu_seconds(arguments: Sequence[str]) -> float:
    # Where it is set, every process compiles every module again.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=_ROOT, env=variables, stdout=subprocess.DEVNULL, check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
