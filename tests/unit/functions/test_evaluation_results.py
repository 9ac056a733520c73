"""From answers to the summary, by the functions that the workflow calls; only numbers leave what is confidential."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation_identity import Judging, metric_definition
from bedrock_lifecycle.contract.evaluation_store import (
    CONFIDENTIAL,
    PARTS,
    bounded_summary_key,
    counter_key,
    failed_summary_key,
    rubric_key,
    summary_key,
)
from bedrock_lifecycle.evaluation.stored.summary import JudgeTold, Summary
from bedrock_lifecycle.functions import (
    clients,
    evaluation_ask,
    evaluation_judge,
    evaluation_prepare,
    evaluation_reduce,
    evaluation_score,
)
from tests.support.calls import client_error
from tests.support.messages import says
from tests.unit.evaluation.worlds import BASE_MODEL, EXACT, ROUGE
from tests.unit.functions.evaluation_cloud import (
    CANARY,
    EVALUATION,
    JUDGING_MODEL,
    OWN_FUNCTION,
    Cloud,
    Context,
    installed,
)

RUBRIC_SHA256 = "b" * 64
OWN = metric_definition("own", 1, {"sha256": "d" * 64, "function": "score"})


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for cloud in installed(monkeypatch):
        cloud.world.store.write(rubric_key(RUBRIC_SHA256), f"{CANARY} rubric".encode())
        judge = Judging(model=JUDGING_MODEL, rubric_sha256=RUBRIC_SHA256, records=20)
        cloud.has(replace(cloud.plan, metrics=(EXACT, ROUGE, OWN), judge=judge, metric_functions={"own": OWN_FUNCTION}))
        yield cloud


def run(function: Any, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = function.on_event({"evaluation": EVALUATION, **more}, Context())
    return told


def run_all() -> list[dict[str, Any]]:
    """Run every function in the order of the workflow, and return what each returned."""
    prepared = run(evaluation_prepare)
    return [
        prepared,
        *(
            run(evaluation_ask, target=its["target"], shard=shard, pace=0.0, arn="arn:any")
            for its in prepared["targets"]
            for shard in its["shards"]
        ),
        *(
            run(function, shard=shard)
            for function in (evaluation_judge, evaluation_score)
            for shard in prepared["shards"]
        ),
        run(evaluation_reduce),
    ]


def test_an_evaluation_ends_with_its_summary(cloud: Cloud) -> None:
    told = run_all()
    assert told[-1] == {"next": "done", "outcome": "complete", "reason": ""}
    assert {each["next"] for each in told[1:]} == {"done"}
    summary = Summary.from_json(cloud.world.store.read(summary_key(EVALUATION)))
    assert (summary.records, summary.of, summary.is_complete) == (260, 260, True)
    own = summary.sample("own", None)
    assert own is not None
    assert own.total == 130
    # This judge prefers what comes first, and so says nothing.
    assert summary.judge == (JudgeTold(theirs="base", agreed=0, flipped=20, no_verdict=0),)
    assert summary.sample("judge", "base") is None
    asked = 2 * 260 + 2 * 20
    assert len(cloud.asked) == asked
    assert summary.tokens == asked * 10 == int(cloud.dynamodb.item(counter_key(EVALUATION))["Tokens"]["N"])


def test_the_same_again_asks_nobody_and_leaves_the_summary(cloud: Cloud) -> None:
    run_all()
    asked, summary = len(cloud.asked), cloud.world.store.read(summary_key(EVALUATION))
    for prefix in ("answers/", "questions/", "begun/"):
        cloud.world.loses(f"{CONFIDENTIAL}{prefix}")
    assert run_all()[-1]["outcome"] == "complete"
    assert len(cloud.asked) == asked
    assert cloud.world.store.read(summary_key(EVALUATION)) == summary


def test_what_nobody_was_asked_leaves_the_run_bounded(cloud: Cloud) -> None:
    run(evaluation_prepare)
    for shard in (0, 1):
        assert run(evaluation_judge, shard=shard) == {"next": "bounded"}
        assert run(evaluation_score, shard=shard) == {"next": "done"}
    assert run(evaluation_reduce)["outcome"] == "bounded"
    assert cloud.world.store.found(summary_key(EVALUATION)) is None
    assert cloud.world.store.found(bounded_summary_key(EVALUATION)) is not None


def test_only_numbers_leave_what_is_confidential(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    told = run_all()
    written = [json.dumps(told), caplog.text, *capsys.readouterr()]
    written.append(json.dumps(cloud.dynamodb.item(counter_key(EVALUATION))))
    assert all(CANARY not in each for each in written)
    assert all(len(json.dumps(each)) < 64 for each in told[1:])
    outside = [key for key in cloud.world.store.keys("") if not key.startswith((CONFIDENTIAL, "test/"))]
    assert len(outside) > 10
    assert all(CANARY.encode() not in cloud.world.store.read(key) for key in outside)


def test_an_own_metric_without_scores_ends_the_run_and_the_reason_quotes_nothing(cloud: Cloud) -> None:
    prepared = run(evaluation_prepare)
    for its in prepared["targets"]:
        run(evaluation_ask, target=its["target"], shard=1, pace=0.0, arn="arn:any")

    def failed(**_: Any) -> dict[str, Any]:
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(f"{CANARY}".encode())}

    cloud.invoke = failed  # type: ignore[method-assign]
    clients.evaluating.cache_clear()
    assert run(evaluation_score, shard=1, run=f"{EVALUATION}-1") == {"next": "cannot"}
    told = run(evaluation_reduce, run=f"{EVALUATION}-1", step="why")
    assert told["outcome"] == "failed"
    assert says(told["reason"], "own", "Unhandled", "10 answers")
    assert CANARY not in told["reason"]


def test_parts_that_are_gone_fail_the_run_and_are_named(cloud: Cloud) -> None:
    run_all()
    cloud.world.loses(PARTS)
    told = run(evaluation_reduce)
    assert (told["next"], told["outcome"]) == ("done", "failed")
    assert says(told["reason"], PARTS)


def test_after_too_many_errors_the_next_run_asks_only_what_had_no_answer(cloud: Cloud) -> None:
    real = cloud.converse
    asked: list[tuple[str, str]] = []
    errors = [client_error("ModelErrorException", CANARY, 424, "Converse")]

    def flaky(*, modelId: str, messages: Any, **more: Any) -> Any:  # noqa: N803
        text = messages[0]["content"][0]["text"]
        asked.append((modelId, text))
        if modelId == BASE_MODEL.model and text.endswith("7") and errors:
            raise errors[0]
        return real(modelId=modelId, messages=messages, **more)

    cloud.runtime.converse = flaky
    told = run_all()[-1]
    assert told["outcome"] == "failed"
    assert says(told["reason"], "26 of 260", "base", "ModelErrorException", "max_error_rate", "again")
    assert cloud.world.store.found(summary_key(EVALUATION)) is None
    failed = Summary.from_json(cloud.world.store.read(failed_summary_key(EVALUATION)))
    assert {each.name: each.unanswered for each in failed.targets} == {"tuned": 0, "base": 26}
    missing = failed.judge[0].unasked
    assert missing > 0

    asked.clear()
    errors.clear()
    ran = run_all()
    assert ran[0]["targets"] == [{"target": 1, "concurrency": 2, "pace": 1.0, "adapts": True, "shards": [0, 1]}]
    assert ran[-1]["outcome"] == "complete"
    again = [text for model, text in asked if model == BASE_MODEL.model]
    assert len(again) == len(set(again)) == 26
    assert all(text.endswith("7") for text in again)
    summary = Summary.from_json(cloud.world.store.read(summary_key(EVALUATION)))
    assert {each.name: each.unanswered for each in summary.targets} == {"tuned": 0, "base": 0}

    # What a judge was not asked about for want of an answer, it is asked about now; the rest it is not.
    assert [(each.agreed, each.flipped, each.unasked) for each in failed.judge] == [(0, 20 - missing, missing)]
    assert [(each.agreed, each.flipped, each.unasked) for each in summary.judge] == [(0, 20, 0)]
    assert sum(model == JUDGING_MODEL for model, _ in asked) == 2 * missing
    # What is complete is asked nobody again, also when answers have expired.
    asked.clear()
    cloud.world.loses(f"{CONFIDENTIAL}answers/")
    assert run(evaluation_prepare)["targets"] == []


def test_without_its_rubric_nobody_is_asked(cloud: Cloud) -> None:
    cloud.world.loses(rubric_key(RUBRIC_SHA256))
    told = run(evaluation_prepare)
    assert told["next"] == "refused"
    assert says(told["reason"], "rubric", "reconcile")
