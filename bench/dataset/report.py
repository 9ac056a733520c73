"""How fast data files are checked, beside reading them and beside a straightforward validator: `make bench-dataset`.

Files of 10,000 records are written into build/bench/ and removed afterwards. `BENCH_SIZES="180MB 1.2GB"` runs a part.
Every measurement is the fastest of several, taken in turns in processes of their own. Ends with 1 when a target was
missed; a machine that is busy with other things misses some.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.dataset import generate
from bench.dataset.measure import PROCESSES, Measurement

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = _ROOT / "build" / "bench"
_RECORDS: Final = 10_000
_SPARE_BYTES: Final = 2_000_000_000
_EVERY_RULE: Final = ("all", "all, digest", "all, processes", "all, digest, processes")
_WORDS: Final = {
    "raw": "line by line, unchecked",
    "baseline": "json.loads and pydantic",
    "structural": "structural rules",
    "all": "all rules",
    "all, digest": "… and SHA-256",
    "all, processes": f"all rules, {PROCESSES} processes",
    "all, digest, processes": "… and SHA-256",
}
_MOST_MEGABYTES: Final = 200
_BASELINE_FACTOR: Final = 4
_RAW_SHARE: Final = 0.5


@dataclass(frozen=True)
class Size:
    """A size of file, what is measured on it, and how often: in so many rounds, so many times each."""

    bytes: int
    kinds: tuple[str, ...]
    rounds: int
    times: int


SIZES: Final = {
    "180MB": Size(180_000_000, ("raw", "baseline", "structural", *_EVERY_RULE), 5, 3),
    "1.2GB": Size(1_200_000_000, ("raw", "baseline", "structural", *_EVERY_RULE), 3, 1),
    "10GB": Size(9_900_000_000, ("raw", "structural"), 1, 1),
}


def main() -> None:
    console = Console()
    names = os.environ.get("BENCH_SIZES", " ".join(SIZES)).split()
    if unknown := [name for name in names if name not in SIZES]:
        sys.exit(f"BENCH_SIZES: {' '.join(unknown)} is no size; allowed {' '.join(SIZES)}")
    console.print(f"Python {platform.python_version()}, {platform.machine()}, {PROCESSES} cores; {_load()}")
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
        generate.write(path, _RECORDS, size.bytes)
        best = _best(path, size)
        console.print(_table(name, path.stat().st_size, best))
    finally:
        path.unlink(missing_ok=True)
    targets = _targets(best)
    for words, met in targets:
        console.print(f"  {'met   ' if met else 'MISSED'}  {words}")
    return all(met for _, met in targets)


def _best(path: Path, size: Size) -> dict[str, Measurement]:
    """Return the fastest of several measurements of each kind, taken in turns."""
    best: dict[str, Measurement] = {}
    for _ in range(size.rounds):
        for kind in size.kinds:
            command = [sys.executable, "-m", "bench.dataset.measure", kind, str(path), str(size.times)]
            result = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)  # noqa: S603
            found = Measurement(**json.loads(result.stdout))
            best[kind] = min(best.get(kind, found), found, key=lambda each: each.wall_seconds)
    return best


def _table(name: str, size: int, best: dict[str, Measurement]) -> Table:
    title = f"{name}: {size:,} bytes, {_RECORDS:,} records of {size // _RECORDS:,} on average"
    table = Table(title=title, title_justify="left")
    for heading in ("", "s", "CPU s", "GB/s", "x raw", "x baseline", "peak MB"):
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


def _targets(best: dict[str, Measurement]) -> list[tuple[str, bool]]:
    raw, structural = best["raw"].wall_seconds, best["structural"].wall_seconds
    checked = {kind: found for kind, found in best.items() if kind not in ("raw", "baseline")}
    most = max(found.peak_megabytes for found in checked.values())
    targets = [
        (
            f"structural rules on one core: {raw / structural:.2f} of the raw speed, at least {_RAW_SHARE}",
            raw / structural >= _RAW_SHARE,
        ),
        (f"peak memory: {most:.0f} MB, below {_MOST_MEGABYTES}", most < _MOST_MEGABYTES),
    ]
    if "baseline" in best:
        factor = best["baseline"].wall_seconds / best["all, processes"].wall_seconds
        targets.append(
            (
                f"all rules: {factor:.2f} times the baseline's speed, at least {_BASELINE_FACTOR}",
                factor >= _BASELINE_FACTOR,
            )
        )
    return targets


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} before it starts"
