"""What an evaluation of up to a million records takes, on simulated time: `make bench-evaluate RECORDS=1000000`.

Three models are asked a generated test file, a judge compares the answers to 10,000 of its records at most, and all are
scored. The functions' own code runs in this process; simulated are Bedrock, whose quotas throttle and of which other
workloads take a part now and then, S3 as a folder, the counter, and the time that answers and objects take. Functions
are killed at 100 random places: after a write, an answer, or a change of the counter. Reduce runs in a process of its
own. Ends with 1 when a target was missed.

Money is quantities: what they cost is on the price lists of Bedrock, Lambda, Step Functions, S3 and DynamoDB.
"""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from bench.evaluate import events
from bench.evaluate.bench import Result, bench
from bench.evaluate.workflow import Ran

_FOLDER: Final = Path(__file__).resolve().parents[2] / "build" / "bench" / "evaluate"
_RECORDS: Final = 1_000_000
_FEWEST: Final = 10_000
_KILLS: Final = 100
_HIGHEST_RATIO: Final = 1.15
_REDUCE_BYTES: Final = 256 * 1024 * 1024
_HOUR: Final = 3_600
# See `EvaluationFunctions`.
_GIGABYTES: Final = {"Ask": 0.25, "Judge": 0.25, "Score": 1769 / 1024}
# A candidate that takes an hour to stand, and as long to be gone.
_LOOKS: Final = 240

_COLUMNS: Final[dict[str, Callable[[Result], str]]] = {
    "records": lambda its: f"{its.records:,}",
    "requests": lambda its: f"{its.asks + its.judge_asks + its.throttled:,}",
    "throttled": lambda its: f"{its.throttled:,}",
    "tokens": lambda its: f"{its.tokens:,}",
    "S3 put, list": lambda its: f"{its.calls['PUT'] + its.calls['LIST']:,}",
    "S3 get": lambda its: f"{its.calls['GET']:,}",
    "DynamoDB": lambda its: f"{its.counter_requests:,}",
    "transitions": lambda its: f"{sum(map(transitions, its.ran.values())):,}",
    "GB h of Ask, Judge, Score": lambda its: ", ".join(f"{hours:,.1f}" for hours in gigabyte_hours(its)),
}


def main() -> None:
    records = int(os.environ.get("RECORDS") or _RECORDS)
    sizes = [size for size in (_FEWEST, 10 * _FEWEST) if size < records]
    definition = events.definition()
    at_once = {name: events.at_once(definition, f"{name} shards") for name in ("Judge", "Score")}
    results = [measured(each, kills=_KILLS, at_once=at_once) for each in (*sizes, records)]
    console = Console(width=120)
    console.print(_table(results))
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} cores; {results[-1].real_seconds:.0f} s")
    missed = False
    for met, words in judged(results[-1], definition):
        console.print(f"  {'met   ' if met else 'MISSED'}  {words}")
        missed |= not met
    sys.exit(1 if missed else 0)


def measured(records: int, *, kills: int, at_once: Mapping[str, int]) -> Result:
    """Return what an evaluation of so many records takes, see `bench`; its files are removed."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=_FOLDER))
    try:
        return bench(records, folder, kills=kills, at_once=at_once)
    finally:
        shutil.rmtree(folder)


def judged(its: Result, definition: events.State) -> Iterator[tuple[bool, str]]:
    """Yield each target of this project, and whether it was met."""
    for name, ratio in its.ratios.items():
        words = f"{name}: {ratio:.3f} times as long as its share of the quota takes, at most {_HIGHEST_RATIO:g}"
        yield ratio <= _HIGHEST_RATIO, words
    once = "each record has one answer of each model"
    yield not its.wrong, once if not its.wrong else f"{once}: {'; '.join(its.wrong[:3])}"
    yield (
        its.extra <= its.most_extra,
        f"{its.extra:,} questions asked again by {its.kills} kills, at most {its.most_extra:,}",
    )
    yield (
        its.judge_extra <= its.most_extra,
        f"{its.judge_extra:,} of {its.judge_asks:,} questions to the judge asked again, at most {its.most_extra:,}",
    )
    yield its.counted >= its.tokens, f"{its.counted:,} tokens counted, at least the {its.tokens:,} that were used"
    yield its.outcome == "complete", f"the evaluation is {its.outcome}"
    peak = its.reduce_bytes / 1024**2
    yield its.reduce_bytes < _REDUCE_BYTES, f"Reduce has {peak:.0f} MB at most, below {_REDUCE_BYTES // 1024**2}"
    numbers = {"the run": events.of_run(definition, targets=its.targets, looks=_LOOKS)}
    for name, ran in its.ran.items():
        functions, waits, kills = ran.largest
        numbers[f"the largest child of {name}"] = events.of_child(
            definition, f"{name} shards", functions=functions, waits=waits, kills=kills
        )
    for what, number in numbers.items():
        yield number <= events.MOST, f"{what} has {number:,} events, at most {events.MOST:,}"


def transitions(its: Ran) -> int:
    """Return the state transitions of a map's children: a task and a choice a function, the waits, and an end."""
    return 2 * its.functions - its.kills + its.waits + 2 * its.children


def gigabyte_hours(its: Result) -> list[float]:
    """Return what the functions of each map took; Score computes at the speed of the machine that runs this."""
    return [ran.busy / _HOUR * _GIGABYTES[name] for name, ran in its.ran.items()]


def _table(results: list[Result]) -> Table:
    table = Table(
        *_COLUMNS, box=box.SIMPLE_HEAD, title="three models, a quarter of 2,000, 2,000 and 1,000 requests/min"
    )
    for column in table.columns:
        column.justify = "right"
    for result in results:
        table.add_row(*(told(result) for told in _COLUMNS.values()))
    return table
