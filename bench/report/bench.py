"""How long the report of up to a million records takes beside reading what it is made of: `make bench-report`.

The scores of three models by two metrics are generated, shard by shard, as the functions keep them. Their report is
made in a process of its own, from a folder in place of S3; what counts is the CPU time, which is the same on a busy
machine. Ends with 1 when a target was missed.
"""

import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract.evaluation_identity import (
    EvaluationInputs,
    Questions,
    Target,
    metric_definition,
    scores_id,
)
from bedrock_lifecycle.contract.evaluation_store import SCORES, scores_key, summary_key
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_lifecycle.evaluation.results.reduce import summarized
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext
from bedrock_lifecycle.evaluation.results.verdict import judged
from bedrock_lifecycle.evaluation.scoring.part import PartialScores
from bedrock_lifecycle.evaluation.scoring.part_of_shard import part_of
from bedrock_lifecycle.evaluation.scoring.scoring import Scored
from bedrock_lifecycle.evaluation.scoring.tally import AnsweredShard, Tally
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import SHARD
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bench.evaluate.folder_s3 import BUCKET, FolderS3
from bench.peak import peak_kibibytes
from tune.report import html
from tune.report.document import document
from tune.report.facts import Asked, GateFacts, Report
from tune.report.outcomes import outcomes

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = _ROOT / "build" / "bench" / "report"
_RECORDS: Final = 1_000_000
_MOST_BYTES: Final = 2_000_000
_HIGHEST_RATIO: Final = 10.0
_MOST_MEGABYTES: Final = 300
# Other shards have the scores of one of these, of records of their own.
_DISTINCT: Final = 32

INPUTS: Final = EvaluationInputs(
    questions=Questions(test_sha256="a" * 64, group_by="source"),
    targets=[Target(name=name, model=name) for name in ("tuned", "base", "stronger")],
    max_output_tokens=256,
    metrics=[metric_definition("exact_match", 1), metric_definition("rouge_l", 1)],
)
_ROUGE: Final = INPUTS.metrics[1]


@dataclass(frozen=True)
class Result:
    """What a report took: seconds of CPU time, and the most memory of its process."""

    records: int
    reading: float
    reporting: float
    peak_bytes: int
    page_bytes: int
    counted: int

    @property
    def ratio(self) -> float:
        """How many times as long as reading the report took, reading among it."""
        return self.reporting / self.reading


def main() -> None:
    result = measured(int(os.environ.get("RECORDS") or _RECORDS))
    told = f"reading {result.reading:.2f} s, the report {result.reporting:.2f} s"
    print(f"{result.records:,} records, three models: {told}; Python {platform.python_version()}")  # noqa: T201
    missed = False
    for met, words in judged_of(result):
        print(f"  {'met   ' if met else 'MISSED'}  {words}")  # noqa: T201
        missed |= not met
    sys.exit(1 if missed else 0)


def judged_of(its: Result) -> Iterator[tuple[bool, str]]:
    """Yield each target of this project, and whether it was met."""
    yield its.ratio < _HIGHEST_RATIO, f"{its.ratio:.1f} times as long as reading, below {_HIGHEST_RATIO:g}"
    yield its.page_bytes < _MOST_BYTES, f"the page has {its.page_bytes:,} bytes, below {_MOST_BYTES:,}"
    megabytes = its.peak_bytes / 1024**2
    yield megabytes < _MOST_MEGABYTES, f"it has {megabytes:.0f} MB at most, below {_MOST_MEGABYTES}"
    yield its.counted == its.records, f"{its.counted:,} records were counted, all of {its.records:,}"


def measured(records: int) -> Result:
    """Return what the report of so many records takes; its files are removed."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=_FOLDER))
    try:
        _write(Store(FolderS3(folder), BUCKET), records)  # type: ignore[arg-type]
        paths = os.pathsep.join(str(_ROOT / each) for each in ("", "constructs", "lambda"))
        done = subprocess.run(  # noqa: S603 - this interpreter, and this module
            [
                sys.executable,
                "-c",
                "import sys; from bench.report.bench import report; report(sys.argv[1])",
                folder,
            ],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=True,
        )
        return Result(records=records, **json.loads(done.stdout))
    finally:
        shutil.rmtree(folder)


def report(folder: str) -> None:
    """Make the report of a folder, and print what it took."""
    store = Store(FolderS3(Path(folder)), BUCKET)  # type: ignore[arg-type]
    keys = [key for target in INPUTS.targets for key in store.keys(f"{SCORES}{_scores(target, _ROUGE)}/")]
    began = time.process_time()
    for key in (summary_key(INPUTS.id), *keys):
        store.read(key)
    reading = time.process_time() - began
    began = time.process_time()
    numbers = Summary.from_json(store.read(summary_key(INPUTS.id)))
    requirements = [Requirement.better_than("rouge_l", "base", by=0.05)]
    found = Report(
        environment="dev",
        model="bench",
        numbers=numbers,
        asked=Asked(inputs=INPUTS, max_tokens=1),
        gate=GateFacts(
            verdict=GateVerdict(evaluation=INPUTS.id, verdict="any"), judged=judged(numbers, requirements, 0.95)
        ),
        outcomes=outcomes(store, INPUTS, numbers),
        no_training="any",
    )
    page = html.page(document(found))
    took: dict[str, Any] = {"reading": reading, "reporting": time.process_time() - began}
    counted = min(each.records for each in found.outcomes)
    took |= {"peak_bytes": peak_kibibytes() * 1024, "page_bytes": len(page.encode()), "counted": counted}
    print(json.dumps(took))  # noqa: T201


def _write(store: Store, records: int) -> None:
    distinct = [_shard(number) for number in range(min(_DISTINCT, -(-records // SHARD)))]
    parts = [part_of(scored, SHARD, ("exact_match", "rouge_l"), {}, 0) for scored in distinct]
    shards = -(-records // SHARD)
    for shard in range(shards):
        first = shard * SHARD + 1
        numbers = list(range(first, min(first + SHARD, records + 1)))
        for its in distinct[shard % len(distinct)]:
            for definition, (measure, scores) in zip(INPUTS.metrics, its.scores.items(), strict=True):
                body = {"records": numbers, "scores": {measure: list(scores.values())[: len(numbers)]}}
                store.write(scores_key(_scores(its.target, definition), shard), json.dumps(body).encode())
    summary = summarized(_plan(), _parts(parts, shards), ScoreContext(), "2026-01-01T00:00:00+00:00")
    store.write(summary_key(INPUTS.id), summary.to_json().encode())


def _parts(parts: list[PartialScores], shards: int) -> Iterator[PartialScores]:
    return (parts[shard % len(parts)] for shard in range(shards))


def _shard(number: int) -> list[Scored]:
    """Return a shard of records in groups of about four, of any length."""
    chance = random.Random(number)  # noqa: S311 - what a bench scores is no secret
    records = tuple(range(1, SHARD + 1))
    answered = AnsweredShard(
        records=records,
        clusters=tuple(f"{number:08x}{chance.randrange(60):08x}" for _ in records),
        lengths=tuple(chance.randint(1, 5000) for _ in records),
        tally=Tally(answered=SHARD, latencies={"800": SHARD}),
    )
    return [
        Scored(
            target,
            answered,
            {
                "exact_match": {record: float(chance.random() < 0.6) for record in records},
                "rouge_l": {record: chance.random() for record in records},
            },
        )
        for target in INPUTS.targets
    ]


def _scores(target: Target, definition: str) -> str:
    return scores_id(INPUTS.answers_id(target), definition)


def _plan() -> EvaluationPlan:
    return EvaluationPlan(
        id=INPUTS.id,
        owner="bench",
        questions=INPUTS.questions,
        targets=tuple(INPUTS.targets),
        asked_as={},
        metrics=tuple(INPUTS.metrics),
        max_output_tokens=INPUTS.max_output_tokens,
        max_tokens=1,
        max_error_rate=0.1,
        quota_share=0.25,
    )
