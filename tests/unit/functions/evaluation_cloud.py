"""An account in which the functions of an evaluation run, with canaries in every text of its test file."""

import hashlib
import io
import json
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
from bedrock_lifecycle.evaluation.stored.plan import Candidate, EvaluationPlan
from bedrock_lifecycle.functions import clients, evaluation_turn
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.support.s3_service import BUCKET
from tests.unit.evaluation.asking_bench import Clock
from tests.unit.evaluation.worlds import BASE_MODEL, TUNED_MODEL, World, plan
from tests.unit.resources.serving_ways import ON_DEMAND, ServingAccount

CANARY = "CANARY"
EVALUATION = "9c1f6a0b2d3e"
TAGS = {contract.TAG_OWNER: "any", contract.TAG_FOUNDATION: "any"}
JUDGING_MODEL = "any.judge"
OWN_FUNCTION = "arn:any:own:1"
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

    def has(self, its: EvaluationPlan) -> EvaluationPlan:
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
            "lambda": SimpleNamespace(invoke=self.invoke),
            "service-quotas": self.account.lifecycle.around("service-quotas"),
        }
        return made[service]

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        """Score as a metric of a team's own does: 0.5 for everything."""
        assert FunctionName == OWN_FUNCTION
        pairs = json.loads(Payload)["pairs"]
        return {"Payload": io.BytesIO(json.dumps({"scores": [0.5] * len(pairs)}).encode())}

    def converse(self, *, modelId: str, messages: Any, **_: Any) -> Mapping[str, Any]:  # noqa: N803
        self.asked.append(modelId)
        text = messages[0]["content"][0]["text"]
        said = '{"better":"a"}' if modelId == JUDGING_MODEL else f"{CANARY} answer of {modelId} to {text}"
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": said}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 7, "outputTokens": 3},
        }


def installed(monkeypatch: pytest.MonkeyPatch, records: int = 260) -> Iterator[Cloud]:
    """Yield the account whose clients the functions get."""
    monkeypatch.setenv(contract.LEDGER_TABLE_VARIABLE, TABLE)
    monkeypatch.setenv(contract.DATA_BUCKET_VARIABLE, BUCKET)
    monkeypatch.setenv(contract.FOUNDATION_VARIABLE, "any")
    cloud = Cloud(records)
    monkeypatch.setattr(boto3, "client", cloud.client)
    clock = Clock()
    monkeypatch.setattr(evaluation_turn, "time", SimpleNamespace(sleep=clock.sleep, monotonic=clock))
    for cached in CACHED:
        cached.cache_clear()
    yield cloud
    for cached in CACHED:
        cached.cache_clear()
    ministack_s3.reset()
    ministack_dynamodb.reset()
