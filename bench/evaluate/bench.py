"""One evaluation of so many records, from its test file to its summary, and what it took."""

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract import MAX_JUDGED_RECORDS, data_key
from bedrock_lifecycle.contract.evaluation_identity import Judging, Questions, Target, metric_definition
from bedrock_lifecycle.contract.evaluation_store import plan_key, rubric_key
from bedrock_lifecycle.evaluation.asking.pacing import requests_a_minute
from bedrock_lifecycle.evaluation.asking.preparing import prepared
from bedrock_lifecycle.evaluation.questions.questions import QuestionWriter
from bedrock_lifecycle.evaluation.stored.plan import Candidate, EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT, Index, Question
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_questions
from bedrock_lifecycle.evaluation.stored.store import Store
from bench.evaluate.folder_s3 import BUCKET, FolderS3
from bench.evaluate.rates import Model, Rate, fair, often_right
from bench.evaluate.workflow import Happenings, Ran, Tokens, Workflow

_ROOT: Final = Path(__file__).resolve().parents[2]
_QUOTAS: Final = {"tuned": 2_000.0, "base": 2_000.0, "us.any.stronger-model-v1:0": 1_000.0}
"""Requests a minute: those of Nova Micro (AWS General Reference, Amazon Bedrock quotas), and of a stronger model."""
_STRONGER: Final = list(_QUOTAS)[-1]
_SHARE: Final = 0.25
_RUBRIC: Final = b"The better answer is the one that is right."
_RUBRIC_SHA256: Final = hashlib.sha256(_RUBRIC).hexdigest()
_MAX_OUTPUT_TOKENS: Final = 256


@dataclass(frozen=True)
class Result:
    """What an evaluation took, and what was wrong with it: nothing, as a rule."""

    records: int
    targets: int
    kills: int
    ratios: dict[str, float]
    wrong: tuple[str, ...]
    asks: int
    extra: int
    throttled: int
    real_seconds: float
    tokens: int
    counted: int
    calls: dict[str, int]
    counter_requests: int
    judge_asks: int
    judge_extra: int
    ran: Mapping[str, Ran]
    """By the map's name."""
    reduce_bytes: int
    outcome: str

    @property
    def most_extra(self) -> int:
        """How many questions may be asked again: a checkpoint of the function that was killed, for each kill."""
        return CHECKPOINT * self.kills


def bench(records: int, folder: Path, *, kills: int, at_once: Mapping[str, int], seed: int = 1) -> Result:
    """Evaluate three models with so many records; functions are killed at `kills` random places.

    at_once: how many children the maps Judge and Score have at once.
    """
    began = time.monotonic()
    chance = random.Random(seed)  # noqa: S311 - where a bench kills is no secret
    s3 = FolderS3(folder)
    store = Store(s3, BUCKET)  # type: ignore[arg-type]
    plan = _plan(_write_test_file(s3, records), records)
    store.write(plan_key(plan.id), plan.to_json().encode())
    store.write(rubric_key(_RUBRIC_SHA256), _RUBRIC)
    index = QuestionWriter(s3, BUCKET, store, plan, lambda: True).index()  # type: ignore[arg-type]
    tokens = Tokens(plan.max_tokens)
    told = prepared(plan, index, store, tokens, lambda _service: _Quotas())
    models = [
        Model(Rate(_allowed(each.name)), random.Random(chance.random()), often_right)  # noqa: S311
        for each in plan.targets
    ]
    judge = Model(Rate(_allowed(_STRONGER)), random.Random(chance.random()), fair)  # noqa: S311
    # Each answer, and each change of store and counter around a checkpoint; parts and scores of a shard.
    effects = len(models) * (records + 3 * sum(each.checkpoints for each in index.shards) + 2 * len(index.shards))
    happenings = Happenings(frozenset(chance.sample(range(1, effects), kills)))
    workflow = Workflow(plan, index, store, tokens, happenings)
    asked = workflow.ask(told["targets"], models, _cached(store, plan, index))
    wrong = tuple(_wrong(store, plan, index))
    judged = workflow.judge(judge, at_once["Judge"], asked.ended)
    scored = workflow.score(at_once["Score"], judged.ended)
    reduced = _reduced(folder, plan)
    asks = sum(each.answered for each in models)
    return Result(
        records=records,
        targets=len(models),
        kills=happenings.killed,
        ratios={
            target.name: model.last / model.rate.seconds_for(records)
            for target, model in zip(plan.targets, models, strict=True)
        },
        wrong=wrong,
        asks=asks,
        extra=asks - records * len(models),
        throttled=sum(each.throttled for each in (*models, judge)),
        real_seconds=time.monotonic() - began,
        tokens=sum(each.tokens for each in (*models, judge)),
        counted=tokens.tokens,
        calls=dict(s3.calls),
        counter_requests=tokens.requests,
        judge_asks=judge.answered,
        judge_extra=judge.answered - 2 * reduced["judged"],
        ran={"Ask": asked, "Judge": judged, "Score": scored},
        reduce_bytes=reduced["peak_bytes"],
        outcome=reduced["outcome"],
    )


def _plan(sha256: str, records: int) -> EvaluationPlan:
    base, stronger = (Target(name=name, model=name) for name in list(_QUOTAS)[1:])
    return EvaluationPlan(
        id="9c1f6a0b2d3e",
        owner="bench",
        questions=Questions(test_sha256=sha256),
        targets=(Target(name="tuned", model="bench-dev-4ffdfb6dcb25-1"), base, stronger),
        asked_as={each.name: each.model for each in (base, stronger)},
        metrics=(metric_definition("exact_match", 1, {"normalize": []}),),
        max_output_tokens=_MAX_OUTPUT_TOKENS,
        max_tokens=records * 3 * 2_000,
        max_error_rate=0.02,
        quota_share=_SHARE,
        requests_per_minute=round(_QUOTAS["tuned"]),
        quota_codes={each.model: each.model for each in (base, stronger)},
        judge=Judging(model=_STRONGER, rubric_sha256=_RUBRIC_SHA256, records=min(records, MAX_JUDGED_RECORDS)),
        candidate=Candidate(name="bench", model_arn="arn:any", tags={}),
    )


def _allowed(target: str) -> float:
    return requests_a_minute(requests=_QUOTAS[target], tokens=None, share=_SHARE, tokens_a_question=0) or 0


class _Quotas:
    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803 - the API's names
        del ServiceCode
        return {"Quota": {"Value": _QUOTAS[QuotaCode]}}


def _write_test_file(s3: FolderS3, records: int) -> str:
    digest = hashlib.sha256()
    with s3.opened("making") as file:
        for number in range(records):
            line = json.dumps({"prompt": f"what is {number} in words?", "completion": f"what is {number} in words?"})
            file.write(line.encode() + b"\n")
            digest.update(line.encode() + b"\n")
        made = Path(file.name)
    s3.rename(made, data_key("test", digest.hexdigest()))
    return digest.hexdigest()


def _cached(store: Store, plan: EvaluationPlan, index: Index) -> Callable[[int], Sequence[Question]]:
    """Return the questions of a shard; the targets ask it at about the same time."""
    return lru_cache(maxsize=512)(lambda shard: read_questions(store, plan, index, shard))


def _wrong(store: Store, plan: EvaluationPlan, index: Index) -> Iterator[str]:
    """Yield what is not as it must be: every question has exactly one answer of every target."""
    for shard in range(len(index.shards)):
        asked = [each.record for each in read_questions(store, plan, index, shard)]
        for target in plan.targets:
            found = found_answers(store, plan.answers_id(target), index, shard)
            if [each.record for each in found] != asked:
                yield f"shard {shard} of {target.name} has {len(found)} answers to {len(asked)} questions"


def _reduced(folder: Path, plan: EvaluationPlan) -> dict[str, Any]:
    """Reduce in a process of its own, as the function does; return its outcome and the most memory that it had."""
    paths = os.pathsep.join(str(_ROOT / each) for each in ("", "constructs", "lambda"))
    done = subprocess.run(  # noqa: S603 - this interpreter, and this module
        [sys.executable, "-m", "bench.evaluate.reducing", str(folder), plan.id],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
