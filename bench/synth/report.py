"""What `python app.py` costs beside a bare CDK Python app with the same resources and plugins: `make bench-synth`.

The bare app (`bench/synth/bare.py`) is made from this project's own templates. Before anything is measured, its
templates must be the same to the last property, and it must deploy as many assets. The programs run in turns, with the
feature flags of `cdk.json`; what counts is the user CPU time of a run with its Node.js processes, the median of
several. This app gives Node.js an option that saves time (`stacks/node_options.py`), and a bare app does not; so the
bare app also runs with it, and the target is about the cheaper of the two. The data files have been checked before, as
in any run but the first. Ends with 1 when the target was missed.
"""

import json
import os
import platform
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.rounds import asked_rounds
from bench.synth import assembly
from bench.synth.assembly import WrittenStack
from stacks import node_options

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = _ROOT / "build" / "bench" / "synth"
_HIGHEST_RATIO: Final = 1.3
_ROUNDS: Final = 5

# What would be given to both alike, or keeps Python from compiling its modules once for all runs.
_LEFT_OUT: Final = (node_options.VARIABLE, "PYTHONDONTWRITEBYTECODE")

_PROJECT: Final = "python app.py"
_BARE: Final = "bare app"
_BARE_WITH_OPTION: Final = "bare app, same Node.js option"


def main() -> None:
    console = Console()
    rounds = asked_rounds(_ROUNDS)
    project, bare = _FOLDER / "project", _FOLDER / "bare"
    commands = {
        _PROJECT: ([sys.executable, "app.py"], variables(project)),
        _BARE: ([sys.executable, "-m", "bench.synth.bare", str(project)], variables(bare)),
        _BARE_WITH_OPTION: (
            [sys.executable, "-m", "bench.synth.bare", str(project)],
            {**variables(bare), node_options.VARIABLE: node_options.VALUE},
        ),
    }
    for command, given in commands.values():  # the first run of each is not measured
        user_seconds(command, given)
    console.print(proof(assembly.stacks(project), assembly.stacks(bare)))
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (command, given) in commands.items():
            seconds[name].append(user_seconds(command, given))
    console.print(_table(seconds))
    ratio = median(seconds[_PROJECT]) / min(median(seconds[_BARE]), median(seconds[_BARE_WITH_OPTION]))
    met = ratio <= _HIGHEST_RATIO
    console.print(
        f"  {'met   ' if met else 'MISSED'}  {ratio:.2f} times the cheaper bare app, at most {_HIGHEST_RATIO}"
    )
    sys.exit(0 if met else 1)


def variables(folder: Path, **extra: str) -> dict[str, str]:
    """Return what the CDK CLI gives an app, without what would change the speed of one more than of another.

    `extra` is context beside that of `cdk.json`.
    """
    context = {**json.loads((_ROOT / "cdk.json").read_text(encoding="utf-8"))["context"], **extra}
    given = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    return {**given, "CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(folder)}


def user_seconds(command: list[str], variables: Mapping[str, str]) -> float:
    """Run a program to its end; return the user CPU time of it and of every process that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(command, cwd=_ROOT, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def proof(project: list[WrittenStack], bare: list[WrittenStack]) -> Table:
    """Return how many resources of each type both have; end the program when they are not the same."""
    for ours, theirs in zip(project, bare, strict=True):
        if ours.template != theirs.template or len(ours.assets) != len(theirs.assets):
            sys.exit(f"the bare app makes another {ours.stage}/{ours.id}: correct bench/synth/bare.py")
    kinds = [sum((stack.kinds for stack in stacks), Counter()) for stacks in (project, bare)]
    table = Table(title=f"The same {len(project)} stacks in both", title_justify="left")
    for heading in ("resource type", _PROJECT, _BARE):
        table.add_column(heading, justify="left" if heading == "resource type" else "right")
    for kind in sorted(kinds[0]):
        table.add_row(kind, *(str(each[kind]) for each in kinds))
    table.add_section()
    table.add_row("resources", *(str(each.total()) for each in kinds))
    table.add_row("assets", *(str(sum(len(stack.assets) for stack in stacks)) for stacks in (project, bare)))
    return table


def _table(seconds: Mapping[str, list[float]]) -> Table:
    table = Table(title="User CPU seconds of one run, Node.js included", title_justify="left")
    for heading in ("", "median", "fastest", "slowest", "ratio"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    ours = median(seconds[_PROJECT])
    for name, each in seconds.items():
        ratio = "" if name == _PROJECT else f"{ours / median(each):.2f}"
        table.add_row(name, *(f"{value:.2f}" for value in (median(each), min(each), max(each))), ratio)
    return table
