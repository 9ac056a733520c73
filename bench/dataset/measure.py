"""Measurements of several kinds, taken in turns in one process.

`python -m bench.dataset.measure <file> <rounds> <kind> …` prints them as JSON, a list for each round.

A neighbour takes CPU time away and makes what is left slower, by its share of caches, memory and clock. So CPU time is
compared and not the time on the wall, and only of measurements that follow each other within a second or two: these had
the same neighbours.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

sys.path.extend(str(Path(__file__).resolve().parents[2] / root) for root in ("constructs", "lambda"))

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import base_model
from bedrock_tuning.data.checker import check_file, limits_of
from bedrock_tuning.data.checker.processes import most_processes
from bench.dataset import baseline
from bench.peak import peak_kibibytes

PROCESSES: Final = most_processes()
_LIMITS: Final = limits_of(base_model("anthropic.claude-3-haiku-20240307-v1:0:200k"), "train", FINE_TUNING)
_KIBI: Final = 1024 if sys.platform == "linux" else 1


@dataclass(frozen=True)
class Measurement:
    """What checking a file took, in all processes together; the memory of each counts at its peak."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


def raw(path: Path, buffer_bytes: int = -1) -> None:
    """Read line by line and do nothing; without a size with the buffer that Python takes."""
    with path.open("rb", buffering=buffer_bytes) as file:
        for _ in file:
            pass


def checked(path: Path, *, structural_only: bool = False, digest: bool = False, processes: int = 1) -> None:
    report = check_file(path, _LIMITS, structural_only=structural_only, digest=digest, processes=processes)
    if not report.accepted:
        raise SystemExit(f"{path} was refused: {report.errors[:3]}")


def by_the_baseline(path: Path) -> None:
    records, refused = baseline.check(path)
    if refused:
        raise SystemExit(f"{refused} of {records} records in {path} were refused")


KINDS: Final[dict[str, Callable[[Path], None]]] = {
    "raw": raw,
    "raw, large buffer": lambda path: raw(path, 1 << 20),
    "baseline": by_the_baseline,
    "structural": lambda path: checked(path, structural_only=True),
    "all": lambda path: checked(path),
    "all, digest": lambda path: checked(path, digest=True),
    "all, processes": lambda path: checked(path, processes=PROCESSES),
    "all, digest, processes": lambda path: checked(path, digest=True, processes=PROCESSES),
}


def in_turns(kinds: Sequence[str], path: Path, rounds: int) -> list[dict[str, Measurement]]:
    """Measure every kind once in each round."""
    return [{kind: measure(kind, path) for kind in kinds} for _ in range(rounds)]


def measure(kind: str, path: Path) -> Measurement:
    started, before = time.perf_counter(), _cpu_seconds()
    KINDS[kind](path)
    wall = time.perf_counter() - started
    return Measurement(wall, _cpu_seconds() - before, _peak_megabytes(PROCESSES if "processes" in kind else 0))


def _cpu_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _peak_megabytes(processes: int) -> float:
    # Of processes that have ended only the largest is known; none of the others was larger. What they share with this
    # one, because they are copies of it, counts again.
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (peak_kibibytes() + processes * theirs) * _KIBI / 1_000_000


if __name__ == "__main__":
    taken = in_turns(sys.argv[3:], Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps([{kind: asdict(each) for kind, each in one.items()} for one in taken]))  # noqa: T201 - what it is for
