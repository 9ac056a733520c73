"""How fast data files are checked, beside reading them and beside a straightforward validator: `make bench-dataset`.

Files of 10,000 records are written into build/bench/ and removed afterwards. `BENCH_SIZES="180MB 1.2GB"` runs a part;
2MB is for those who change this, and proves nothing. All kinds are measured in turns, and what one is beside another is
the median of what the rounds say. Times are CPU seconds of each core, so several processes are told as on cores that
nobody else uses; "s" is what passed on the wall meanwhile. Memory is that of a process of its own, the peaks of its
processes added up. Ends with 1 when a target was missed.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from bench.dataset import generate
from bench.dataset.measure import PROCESSES, Measurement
from bench.dataset.rounds import Rounds
from bench.dataset.targets import EVERY_RULE, targets

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = _ROOT / "build" / "bench"
_RECORDS: Final = 10_000
_SPARE_BYTES: Final = 2_000_000_000
_WORDS: Final = {
    "raw": "line by line, unchecked",
    "raw, large buffer": "… with a buffer of 1 MiB",
    "baseline": "json.loads and pydantic",
    "structural": "structural rules",
    "all": "all rules",
    "all, digest": "… and SHA-256",
    "all, processes": f"all rules, {PROCESSES} cores",
    "all, digest, processes": "… and SHA-256",
}
_WIDTH: Final = 90


@dataclass(frozen=True)
class Size:
    """A size of file, what is measured on it, in how many rounds, and whether targets are held against it."""

    bytes: int
    records: int
    kinds: tuple[str, ...]
    rounds: int
    is_judged: bool = True


_ALL_KINDS: Final = ("raw", "raw, large buffer", "baseline", "structural", *EVERY_RULE)
_ONE_CORE: Final = tuple(kind for kind in _ALL_KINDS if "processes" not in kind)
SIZES: Final = {
    "2MB": Size(2_000_000, 100, _ALL_KINDS, 1),
    # Of short records it counts how many there are, and not their bytes: no target holds for every length.
    "6MB": Size(6_000_000, _RECORDS, _ONE_CORE, 15, is_judged=False),
    "20MB": Size(20_000_000, _RECORDS, _ONE_CORE, 15, is_judged=False),
    "180MB": Size(180_000_000, _RECORDS, _ALL_KINDS, 15),
    "1.2GB": Size(1_200_000_000, _RECORDS, _ALL_KINDS, 3),
    # Records of a megabyte each are longer than a base model takes: all rules would do no more than refuse them.
    "10GB": Size(9_900_000_000, _RECORDS, ("raw", "raw, large buffer", "structural"), 1),
}
_DEFAULT: Final = "6MB 20MB 180MB 1.2GB 10GB"


def main() -> None:
    console = Console(width=_WIDTH)
    names = os.environ.get("BENCH_SIZES", _DEFAULT).split()
    if unknown := [name for name in names if name not in SIZES]:
        sys.exit(f"BENCH_SIZES: {' '.join(unknown)} is no size; allowed {' '.join(SIZES)}")
    console.print(_machine())
    met = [_bench(console, name, SIZES[name]) for name in names]
    sys.exit(0 if all(met) else 1)


def _bench(console: Console, name: str, size: Size) -> bool:
    """Measure on a file of one size; tell whether every target was met."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(_FOLDER).free
    if free < size.bytes + _SPARE_BYTES:
        console.print(f"{name}: left out, {_FOLDER} has only {free / 1e9:.1f} GB free")
        return False
    path = _FOLDER / f"{name}.jsonl"
    try:
        generate.write(path, size.records, size.bytes)
        rounds = _measured(path, size)
        console.print(_table(name, path.stat().st_size, size.records, rounds))
    finally:
        path.unlink(missing_ok=True)
    judged = targets(rounds) if size.is_judged else []
    for words, met in judged:
        console.print(f"  {'met   ' if met else 'MISSED'}  {words}", soft_wrap=True)
    return all(met for _, met in judged)


def _measured(path: Path, size: Size) -> Rounds:
    """Return what all kinds took, in turns, and the memory of each, in processes of its own."""
    taken = _run(path, size.rounds, *size.kinds)
    return Rounds(tuple(taken), {kind: _run(path, 1, kind)[0][kind].peak_megabytes for kind in size.kinds})


def _run(path: Path, rounds: int, *kinds: str) -> list[dict[str, Measurement]]:
    command = [sys.executable, "-m", "bench.dataset.measure", str(path), str(rounds), *kinds]
    result = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return [{kind: Measurement(**each) for kind, each in one.items()} for one in json.loads(result.stdout)]


def _table(name: str, size: int, records: int, rounds: Rounds) -> Table:
    title = f"{name}: {size:,} bytes, {records:,} records of {size // records:,} on average"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for heading in ("", "s", "CPU s", "GB/s", "x raw", "x base", "peak MB"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for kind in rounds.kinds:
        table.add_row(
            _WORDS[kind],
            f"{rounds.wall_seconds(kind):.3f}",
            f"{rounds.core_seconds(kind):.3f}",
            f"{size / rounds.core_seconds(kind) / 1e9:.2f}",
            f"{rounds.speed(kind, beside='raw'):.2f}",
            f"{rounds.speed(kind, beside='baseline'):.2f}" if "baseline" in rounds.kinds else "",
            f"{rounds.peaks[kind]:.0f}",
        )
    return table


def _machine() -> str:
    try:
        parser = f"pysimdjson {metadata.version('pysimdjson')}"
    except metadata.PackageNotFoundError:
        parser = "no pysimdjson, so without the fast path"
    load = f"load {os.getloadavg()[0]:.1f} before it starts"
    return f"Python {platform.python_version()}, {platform.machine()}, {PROCESSES} processes; {parser}; {load}"
