"""An account in which a model was trained and evaluated, with everything that its evaluation keeps in a real S3."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE, EVALUATION_WORKFLOW_VARIABLE, LEDGER_TABLE_VARIABLE
from bedrock_lifecycle.contract.evaluation import GateProperties
from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs, Questions, Target, metric_definition
from bedrock_lifecycle.contract.evaluation_store import ANSWERS, PLANS, QUESTIONS, plan_key, summary_key
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_lifecycle.evaluation.results.summarizing import summarize
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Question
from bedrock_lifecycle.evaluation.stored.store import Store
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import FOUNDATION, NOVA_RECORDS, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.s3_service import S3Service, s3_client
from tests.unit.evaluation.worlds import _World, answer, question
from tests.unit.settings.settings_files import write_toml
from tests.unit.tune.planning import Aws
from tests.unit.tune.test_plan_on_demand import FIRST, QUICK
from tune.account import clients
from tune.cli import app

STRONGER: Final = "us.anthropic.claude-sonnet-4-6"
# In every question, answer and reference, and nowhere else.
CANARY: Final = "Quokka"
RATES: Final[Mapping[str, float]] = {"tuned": 0.85, "base": 0.4, STRONGER: 0.8}
_SHARD: Final = 100


class Evaluated(Wanted):
    """A model that two others are compared with, by two metrics, and whose records are in groups."""

    @property
    def evaluation_inputs(self) -> EvaluationInputs:
        names = {"base": "amazon.nova-micro-v1:0", STRONGER: STRONGER}
        return EvaluationInputs(
            questions=Questions(test_sha256="a" * 64, group_by="source"),
            targets=[
                Target(name="tuned", model=self.training_name),
                *(Target(name=name, model=model) for name, model in names.items()),
            ],
            max_output_tokens=256,
            metrics=[metric_definition("exact_match", 1, {"normalize": ["case"]}), metric_definition("rouge_l", 1)],
        )

    @property
    def gate(self) -> dict[str, Any]:
        return GateProperties.write_gate(
            evaluation_id=self.evaluation_inputs.id,
            requirements=[
                Requirement.at_least("exact_match", 0.7).to_text(),
                Requirement.better_than("rouge_l", "base", by=0.05).to_text(),
            ],
            confidence=0.95,
            accepted=self.evaluation_inputs.id if self.accepted else None,
            accepted_until=self.accepted_until if self.accepted else None,
        )


class Alone(Evaluated):
    """A model that nobody else is asked beside, and whose gate requires a score of it."""

    @property
    def evaluation_inputs(self) -> EvaluationInputs:
        its = super().evaluation_inputs
        return replace(its, targets=its.targets[:1])

    @property
    def gate(self) -> dict[str, Any]:
        return GateProperties.write_gate(
            evaluation_id=self.evaluation_inputs.id,
            requirements=[Requirement.at_least("exact_match", 0.7).to_text()],
            confidence=0.95,
        )


WANTED: Final = Evaluated(**vars(FIRST.but(data=NOVA_RECORDS, evaluates=True, gated=True)))


class _Kept(_World):
    """The objects of an evaluation, in an S3."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        self.store = Store(s3, BUCKET)

    def _delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=key)


class Reported:
    """A model and its evaluation, the clients that look at them, and the settings that name the environment."""

    def __init__(
        self,
        path: Path,
        patch: pytest.MonkeyPatch,
        *,
        records: int = 250,
        rates: Mapping[str, float] = RATES,
        grouped: bool = False,
        wanted: Wanted = WANTED,
    ) -> None:
        self.path, self.wanted = path, wanted if records else wanted.but(evaluates=False, gated=False)
        self.service = S3Service()
        self.s3: Any = s3_client(self.service)
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        self._kept = _Kept(self.s3)
        self.store = self._kept.store
        self.account = Account(settings=QUICK, region=NOVA_REGION)
        self.account.cloudformation.deploy(FOUNDATION, {})
        if records:
            self._evaluate(records, rates, grouped=grouped)
            key = summary_key(self.id)
            self.account.lifecycle.world.objects[BUCKET, key] = self.store.read(key)
        self.status = self.account.deploy(self.wanted)
        for (bucket, key), content in self.account.lifecycle.world.objects.items():
            if bucket == BUCKET and key.startswith("output/"):
                self.store.write(key, content)
        self.aws = Aws(self.account)
        self.foundation: Callable[[Any], Any] = _WithBucket
        (path / "prod").mkdir()
        write_toml(path / "prod" / "environment.toml", {"account": ACCOUNT, "region": NOVA_REGION})
        (path / "prod" / "faq.toml").write_text("[training]\n", encoding="utf-8")
        patch.setattr(clients, "clients", lambda *_: self)

    @property
    def id(self) -> str:
        return self.wanted.evaluation_inputs.id

    @property
    def plan(self) -> EvaluationPlan:
        inputs = self.wanted.evaluation_inputs
        return EvaluationPlan(
            id=inputs.id,
            owner="any",
            questions=inputs.questions,
            targets=tuple(inputs.targets),
            asked_as={},
            metrics=tuple(inputs.metrics),
            max_output_tokens=inputs.max_output_tokens,
            max_tokens=3_000_000,
            max_error_rate=0.2,
            quota_share=0.25,
        )

    def _evaluate(self, records: int, rates: Mapping[str, float], *, grouped: bool) -> None:
        """Have the functions' own code score so many answers, of models that are right as often as `rates` say."""
        plan, chance = self.plan, random.Random(7)
        self.store.write(plan_key(plan.id), plan.to_json().encode())
        shards = [
            list(_questions(start, min(_SHARD, records - start), grouped=grouped))
            for start in range(0, records, _SHARD)
        ]
        index = self._kept.has_questions(plan, shards)
        for target in plan.targets:
            for shard, asked in enumerate(shards):
                said = [answer(each.record, _said(each, chance, rates[target.name])) for each in asked]
                self._kept.has_answers(plan, target, shard, said)
        for shard in range(len(shards)):
            score_shard(self.store, plan, index, shard, lambda **_: None)
        how = summarize(self.store, plan, index, tokens=81_244, throttled=3, made="2026-11-28T14:02:00+00:00")
        assert how.outcome == "complete", how

    def lose_the_words(self) -> None:
        """Let everything expire that has a word of a record."""
        for prefix in (PLANS, QUESTIONS, ANSWERS):
            self._kept.loses(prefix)

    def run(self, *arguments: str, **variables: str) -> Result:
        line = ["report", *(arguments or ("prod",)), "--environments", str(self.path)]
        return CliRunner().invoke(app, line, env={"COLUMNS": "80", "CI": "", **variables})

    def page(self, *options: str) -> str:
        file = self.path / "report.html"
        result = self.run("prod", "faq", "--output", str(file), *options)
        assert result.exit_code == 0, (result.output, result.exc_info)
        return file.read_text(encoding="utf-8")

    def document(self, *options: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("prod", "--json", *options).stdout)
        return found

    def __call__(self, service: str) -> Any:
        if service == "s3":
            return self.s3
        return self.foundation(self.aws.views) if service == "cloudformation" else self.aws(service)


class _WithBucket:
    """CloudFormation, whose Foundation has a bucket."""

    def __init__(self, views: Any) -> None:
        self._views = views

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)

    def get_paginator(self, operation: str) -> Any:
        return self if operation == "list_stack_resources" else self._views.get_paginator(operation)

    def paginate(self, *, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - the API's names
        its = {"LogicalResourceId": "DataStoreBucket1", "ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": BUCKET}
        if StackName == FOUNDATION:
            yield {"StackResourceSummaries": [{**its, "ResourceStatus": "CREATE_COMPLETE"}]}
        else:
            yield from self._views.get_paginator("list_stack_resources").paginate(StackName=StackName)


class GivenBucket:
    """CloudFormation, whose Foundation has no bucket of its own, and tells its functions which one is theirs."""

    def __init__(self, views: Any) -> None:
        self._views = views

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        if StackName != FOUNDATION:
            its: dict[str, Any] = self._views.get_template(StackName=StackName, TemplateStage=TemplateStage)
            return its
        told = {EVALUATION_WORKFLOW_VARIABLE: "any", LEDGER_TABLE_VARIABLE: "any", DATA_BUCKET_VARIABLE: BUCKET}
        function = {"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": told}}}
        return {"TemplateBody": {"Resources": {"Turn": function}}}


def _questions(start: int, number: int, *, grouped: bool) -> Iterator[Question]:
    for each in range(start + 1, start + number + 1):
        group = f"{start:04x}{each % 40}" if grouped else ""
        words = " ".join(["shelf"] * (each % 60))
        yield question(each, reference=f"{CANARY} {each} {words}", cluster=group, text=f"Which {CANARY} is {each}?")


def _said(asked: Question, chance: random.Random, rate: float) -> str | None:
    if chance.random() < rate:
        return asked.reference
    return None if chance.random() < 0.1 else f"{CANARY} of another shelf"
