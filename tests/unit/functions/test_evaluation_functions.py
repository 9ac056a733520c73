"""The functions of an evaluation that ask, as the workflow calls them; nothing confidential leaves the bucket."""

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from ministack.services import dynamodb as ministack_dynamodb
from ministack.services import s3 as ministack_s3

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_identity import Questions
from bedrock_lifecycle.contract.evaluation_store import counter_key
from bedrock_lifecycle.evaluation.asked import CannotAsk
from bedrock_lifecycle.evaluation.plan import Candidate, Plan
from bedrock_lifecycle.evaluation.shards import found_answers, read_index
from bedrock_lifecycle.functions import clients, evaluation_ask, evaluation_candidate, evaluation_prepare
from tests.support.calls import client_error
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.support.s3_service import BUCKET
from tests.unit.evaluation.worlds import BASE_MODEL, TUNED_MODEL, World, plan
from tests.unit.resources.serving_ways import ON_DEMAND, ServingAccount

CANARY = "CANARY"
EVALUATION = "9c1f6a0b2d3e"
TAGS = {contract.TAG_OWNER: "any", contract.TAG_FOUNDATION: "any"}
CACHED = (clients.evaluating, clients.counting)


class Context:
    """Lambda's, with the seconds that a function still has."""

    def __init__(self, seconds: float = 900) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> float:
        return self.seconds * 1_000


class Cloud:
    """The clients that the functions get, and a test file of so many records with canaries in every text."""

    def __init__(self, records: int) -> None:
        self.account = ServingAccount(ON_DEMAND)
        self.account.train(ON_DEMAND.wanted)
        self.world = World()
        self.dynamodb = DynamoDBService()
        self.runtime = SimpleNamespace(converse=self.converse)
        self.asked: list[str] = []
        body = b"".join(
            json.dumps({"prompt": f"{CANARY} question {each}", "completion": f"{CANARY} reference {each}"}).encode()
            + b"\n"
            for each in range(1, records + 1)
        )
        sha256 = hashlib.sha256(body).hexdigest()
        self.world.store.write(contract.data_key("test", sha256), body)
        model = self.account.job(ON_DEMAND.wanted)["outputModelArn"]
        self.plan = self.has(
            replace(
                plan(targets=[TUNED_MODEL, BASE_MODEL]),
                questions=Questions(test_sha256=sha256),
                candidate=Candidate(name="any-candidate", model_arn=model, tags=TAGS),
                requests_per_minute=100_000,
            )
        )

    def has(self, its: Plan) -> Plan:
        self.plan = self.world.has_plan(its)
        return its

    def client(self, service: str, *, config: Config) -> Any:
        """See `boto3.client`."""
        del config
        made: dict[str, Any] = {
            "s3": self.world.s3,
            "dynamodb": self.dynamodb.client,
            "bedrock": self.account.lifecycle.client,
            "bedrock-runtime": self.runtime,
            "service-quotas": self.account.lifecycle.around("service-quotas"),
        }
        return made[service]

    def converse(self, *, modelId: str, messages: Any, **_: Any) -> Mapping[str, Any]:  # noqa: N803
        self.asked.append(modelId)
        text = messages[0]["content"][0]["text"]
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": f"{CANARY} answer to {text}"}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 7, "outputTokens": 3},
        }


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv(contract.LEDGER_TABLE_VARIABLE, TABLE)
    monkeypatch.setenv(contract.DATA_BUCKET_VARIABLE, BUCKET)
    monkeypatch.setenv(contract.FOUNDATION_VARIABLE, "any")
    cloud = Cloud(260)
    monkeypatch.setattr(boto3, "client", cloud.client)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    for cached in CACHED:
        cached.cache_clear()
    yield cloud
    for cached in CACHED:
        cached.cache_clear()
    ministack_s3.reset()
    ministack_dynamodb.reset()


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
        assert found[6].text == f"{CANARY} answer to {CANARY} question 7"
    # The candidate's ARN for the tuned model, the id of the plan for the other.
    assert cloud.asked == ["arn:any"] * 260 + [BASE_MODEL.model] * 260
    assert cloud.dynamodb.item(counter_key(EVALUATION))["Tokens"] == {"N": str(520 * 10)}
    assert prepare()["targets"] == []


def test_a_function_without_time_hands_on_at_once(cloud: Cloud) -> None:
    prepare()
    assert ask(0, 0, Context(100)) == {"next": "again", "seconds": 1}
    assert cloud.asked == []


def test_a_bound_that_is_met_is_told(cloud: Cloud) -> None:
    prepare()
    cloud.has(replace(cloud.plan, max_tokens=10))
    assert ask(0, 0) == {"next": "bounded"}
    assert cloud.asked == []


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


def test_a_run_that_died_is_known_by_its_name(cloud: Cloud) -> None:
    candidate("stand")
    event = {"run": contract.evaluation_run(EVALUATION, 12), "step": "gone"}
    assert evaluation_candidate.on_event(event, Context())["next"] == "wait"
    assert cloud.account.requests("CreateCustomModelDeployment")


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
