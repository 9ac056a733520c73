"""The functions of an evaluation that ask, as the workflow calls them; nothing confidential leaves the bucket."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation_identity import Questions, metric_definition
from bedrock_lifecycle.contract.evaluation_store import QUESTIONS, counter_key, plan_key
from bedrock_lifecycle.evaluation.asking.asked import CannotAsk
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_index
from bedrock_lifecycle.functions import evaluation_ask, evaluation_candidate, evaluation_prepare, evaluation_reduce
from tests.support.calls import client_error
from tests.support.messages import says
from tests.unit.evaluation.worlds import BASE_MODEL
from tests.unit.functions.evaluation_cloud import CANARY, EVALUATION, Cloud, Context, installed


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    yield from installed(monkeypatch)


def prepare(context: Context | None = None) -> dict[str, Any]:
    return evaluation_prepare.on_event({"evaluation": EVALUATION}, context or Context())


def ask(target: int, shard: int, context: Context | None = None, **changes: Any) -> dict[str, Any]:
    event = {"evaluation": EVALUATION, "target": target, "shard": shard, "pace": 0.0, "arn": "arn:any", **changes}
    return evaluation_ask.on_event(event, context or Context())


def candidate(step: str) -> dict[str, Any]:
    return evaluation_candidate.on_event({"evaluation": EVALUATION, "step": step}, Context())


def test_from_a_test_file_to_answers(cloud: Cloud) -> None:
    told = prepare()
    assert told["next"] == "go"
    assert [each["shards"] for each in told["targets"]] == [[0, 1], [0, 1]]
    assert told["needsCandidate"] is True
    for its in told["targets"]:
        for shard in its["shards"]:
            assert ask(its["target"], shard) == {"next": "done"}
    index = read_index(cloud.world.store, cloud.plan)
    for target in cloud.plan.targets:
        found = [
            each
            for shard in (0, 1)
            for each in found_answers(cloud.world.store, cloud.plan.answers_id(target), index, shard)
        ]
        assert [each.record for each in found] == [*range(1, 261)]
        assert str(found[6].text).endswith(f" to {CANARY} question 7")
    # The candidate's ARN for the tuned model, the id of the plan for the other.
    assert cloud.asked == ["arn:any"] * 260 + [BASE_MODEL.model] * 260
    assert cloud.dynamodb.item(counter_key(EVALUATION))["Tokens"] == {"N": str(520 * 10)}
    assert prepare()["targets"] == []


def test_a_function_without_time_hands_on_at_once(cloud: Cloud) -> None:
    prepare()
    told = ask(0, 0, Context(100))
    assert (told["next"], told["seconds"]) == ("again", 1)
    assert cloud.asked == []


def test_a_bound_that_is_met_is_told(cloud: Cloud) -> None:
    prepare()
    cloud.has(replace(cloud.plan, max_tokens=10))
    assert ask(0, 0) == {"next": "bounded"}
    assert cloud.asked == []


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        (metric_definition("tool_call", 1), "record 1"),
        (metric_definition("json_schema", 1, {"schema": "{}"}), "record 1"),
        (metric_definition("rouge_l", 99), "version 99"),
    ],
)
def test_what_cannot_be_scored_is_refused_before_anybody_is_asked(cloud: Cloud, definition: str, why: str) -> None:
    cloud.has(replace(cloud.plan, metrics=(definition,)))
    told = prepare()
    assert told["next"] == "refused"
    assert why in told["reason"]
    assert CANARY not in told["reason"]


def test_too_few_tokens_are_refused_before_anybody_is_asked(cloud: Cloud) -> None:
    cloud.has(replace(cloud.plan, max_tokens=10_000))
    told = prepare()
    assert told["next"] == "refused"
    assert "260 records" in told["reason"]


def test_a_preparation_without_time_goes_on_in_the_next_function(cloud: Cloud) -> None:
    context = Context()
    real = context.get_remaining_time_in_millis
    calls = iter([real(), 0.0])
    context.get_remaining_time_in_millis = lambda: next(calls)  # type: ignore[method-assign]
    assert prepare(context) == {"next": "again"}
    assert prepare()["next"] == "go"


def test_a_test_file_that_cannot_be_evaluated_with_is_refused(cloud: Cloud) -> None:
    cloud.has(replace(cloud.plan, questions=Questions(test_sha256="e" * 64)))
    assert prepare()["next"] == "refused"


def test_the_candidate_is_made_and_goes(cloud: Cloud) -> None:
    assert candidate("stand")["next"] == "wait"
    names = [
        each["customModelDeploymentName"]
        for each in cloud.account.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"]
    ]
    assert names == ["any-candidate"]
    assert candidate("gone")["next"] == "wait"


def died(context: Context) -> dict[str, Any]:
    return evaluation_candidate.on_event({"run": f"{EVALUATION}-1", "step": "gone"}, context)


def test_after_a_run_that_died_the_candidate_is_seen_gone(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate("stand")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        cloud.account.lifecycle.clock.advance(timedelta(minutes=10))

    monkeypatch.setattr(time, "sleep", wait)
    assert died(Context()) == {"next": "gone"}
    assert waits
    assert cloud.account.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"] == []


def test_the_late_event_of_a_run_that_died_leaves_the_candidate_of_the_next(cloud: Cloud) -> None:
    stand = {"evaluation": EVALUATION, "run": f"{EVALUATION}-2", "step": "stand"}
    assert evaluation_candidate.on_event(stand, Context())["next"] == "wait"
    assert died(Context()) == {"next": "gone"}
    assert len(cloud.account.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"]) == 1


def test_a_candidate_that_is_left_after_a_run_that_died_is_an_error_so_that_lambda_runs_it_again(cloud: Cloud) -> None:
    candidate("stand")
    with pytest.raises(evaluation_candidate.CandidateLeft):
        died(Context(60))


def test_without_a_candidate_there_is_none_to_make_or_delete(cloud: Cloud) -> None:
    cloud.has(replace(cloud.plan, candidate=None))
    assert candidate("stand")["next"] == "failed"
    assert candidate("gone") == {"next": "gone"}


def test_no_word_of_a_record_or_an_answer_leaves_the_bucket(
    cloud: Cloud, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    told = [prepare(), *(ask(target, shard) for target in (0, 1) for shard in (0, 1))]
    written = [json.dumps(told), caplog.text, *capsys.readouterr()]
    written.append(json.dumps(cloud.dynamodb.item(counter_key(EVALUATION))))
    assert all(CANARY not in each for each in written)
    outside = [key for key in cloud.world.store.keys("") if not key.startswith(("evaluation/confidential/", "test/"))]
    assert outside
    assert all(CANARY.encode() not in cloud.world.store.read(key) for key in outside)


def test_what_goes_wrong_quotes_nothing(cloud: Cloud) -> None:
    prepare()

    def denied(**_: Any) -> Any:
        raise client_error("AccessDeniedException", f"{CANARY} may not", 403, "Converse")

    cloud.runtime.converse = denied
    with pytest.raises(CannotAsk) as raised:
        ask(0, 0)
    assert CANARY not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert "AccessDeniedException" in str(raised.value)


RUN = f"{EVALUATION}-1"


def why(run: str = RUN) -> dict[str, Any]:
    return evaluation_reduce.on_event({"evaluation": EVALUATION, "run": run, "step": "why"}, Context())


def test_a_target_that_may_not_be_asked_ends_its_run_and_the_reason_is_told_once(cloud: Cloud) -> None:
    prepare()

    def denied(**_: Any) -> Any:
        raise client_error("AccessDeniedException", f"{CANARY} may not", 403, "Converse")

    cloud.runtime.converse = denied
    assert why() == {"next": "unknown"}
    assert ask(0, 0, run=RUN) == {"next": "cannot"}
    assert ask(1, 0, run=RUN) == {"next": "cannot"}
    told = why()
    assert (told["next"], told["outcome"]) == ("done", "failed")
    assert says(told["reason"], "arn:any", "AccessDeniedException")
    assert CANARY not in told["reason"]
    assert why(f"{EVALUATION}-2") == {"next": "unknown"}


def test_what_has_expired_ends_a_run_and_is_named(cloud: Cloud) -> None:
    prepare()
    cloud.world.loses(f"{QUESTIONS}{cloud.plan.questions.id}/00001.")
    assert ask(0, 1, run=RUN) == {"next": "cannot"}
    assert says(why()["reason"], "00001", "expired")


def test_a_plan_that_has_expired_is_refused_before_anybody_is_asked(cloud: Cloud) -> None:
    cloud.world.loses(plan_key(EVALUATION))
    told = prepare()
    assert told["next"] == "refused"
    assert says(told["reason"], plan_key(EVALUATION))
