"""How fast data files are checked, beside reading them and beside a straightforward validator: `make bench-dataset`.

Files of 10,000 records are written into build/bench/ and removed afterwards. `BENCH_SIZES="180MB 1.2GB"` runs a part;
2MB is for those who change this, and proves nothing. Every measurement is the fastest of several, taken in turns in
processes of their own; memory is the most that any of them took, the peaks of its processes added up. Ends with 1 when
a target was missed; a machine that is busy with other things misses some.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from bench.dataset import generate
from bench.dataset.measure import PROCESSES, Measurement
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
    "all, processes": f"all rules, {PROCESSES} processes",
    "all, digest, processes": "… and SHA-256",
}
_WIDTH: Final = 90


@dataclass(frozen=True)
class Size:
    """A size of file, what is measured on it, and how often: in so many rounds, so many times each."""

    bytes: int
    records: int
    kinds: tuple[str, ...]
    rounds: int
    times: int


_ALL_KINDS: Final = ("raw", "raw, large buffer", "baseline", "structural", *EVERY_RULE)
SIZES: Final = {
    "2MB": Size(2_000_000, 100, _ALL_KINDS, 1, 1),
    "180MB": Size(180_000_000, _RECORDS, _ALL_KINDS, 8, 3),
    "1.2GB": Size(1_200_000_000, _RECORDS, _ALL_KINDS, 3, 1),
    # Records of a megabyte each are longer than a base model takes: all rules would do no more than refuse them.
    "10GB": Size(9_900_000_000, _RECORDS, ("raw", "raw, large buffer", "structural"), 1, 1),
}
_DEFAULT: Final = "180MB 1.2GB 10GB"


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
        best = _best(path, size)
        console.print(_table(name, path.stat().st_size, size.records, best))
    finally:
        path.unlink(missing_ok=True)
    judged = targets(best)
    for words, met in judged:
        console.print(f"  {'met   ' if met else 'MISSED'}  {words}", soft_wrap=True)
    return all(met for _, met in judged)


def _best(path: Path, size: Size) -> dict[str, Measurement]:
    """Return the fastest of several measurements of each kind, taken in turns."""
    best: dict[str, Measurement] = {}
    for _ in range(size.rounds):
        for kind in size.kinds:
            command = [sys.executable, "-m", "bench.dataset.measure", kind, str(path), str(size.times)]
            result = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)  # noqa: S603
            found = Measurement(**json.loads(result.stdout))
            before = best.get(kind, found)
            fastest = min(before, found, key=lambda each: each.wall_seconds)
            best[kind] = replace(fastest, peak_megabytes=max(before.peak_megabytes, found.peak_megabytes))
    return best


def _table(name: str, size: int, records: int, best: dict[str, Measurement]) -> Table:
    title = f"{name}: {size:,} bytes, {records:,} records of {size // records:,} on average"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for heading in ("", "s", "CPU s", "GB/s", "x raw", "x base", "peak MB"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for kind, found in best.items():
        against = best.get("baseline")
        table.add_row(
            _WORDS[kind],
            f"{found.wall_seconds:.3f}",
            f"{found.cpu_seconds:.3f}",
            f"{size / found.wall_seconds / 1e9:.2f}",
            f"{best['raw'].wall_seconds / found.wall_seconds:.2f}",
            f"{against.wall_seconds / found.wall_seconds:.2f}" if against else "",
            f"{found.peak_megabytes:.0f}",
        )
    return table


def _machine() -> str:
    try:
        parser = f"pysimdjson {metadata.version('pysimdjson')}"
    except metadata.PackageNotFoundError:
        parser = "no pysimdjson, so without the fast path"
    load = f"load {os.getloadavg()[0]:.1f} before it starts"
    return f"Python {platform.python_version()}, {platform.machine()}, {PROCESSES} processes; {parser}; {load}"
