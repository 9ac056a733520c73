"""Looks at the evaluation that an Evaluation stack asks for. Every call only reads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties, QualityGateProperties
from bedrock_lifecycle.contract.evaluation_store import (
    bounded_summary_key,
    failed_summary_key,
    plan_key,
    questions_index_key,
    summary_key,
)
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.stored.plan import Plan
from bedrock_lifecycle.evaluation.stored.progress import answered_records
from bedrock_lifecycle.evaluation.stored.records import Index
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from bedrock_lifecycle.resources.gate_reading import gate_verdict
from tune.account import stack_states
from tune.account.aws import Aws
from tune.account.templates import Template, of_type, resolved
from tune.evaluation.facts import Asked, EvaluationFacts, State

T = TypeVar("T")
_WORKFLOW: Final = "AWS::StepFunctions::StateMachine"
_TABLE: Final = "AWS::DynamoDB::Table"
# The construct of the workflow; the lifecycle has one of its own.
_OF_EVALUATIONS: Final = "Evaluation"
_NUMBERS: Final[Mapping[State, Callable[[str], str]]] = {
    "complete": summary_key,
    "bounded": bounded_summary_key,
    "failed": failed_summary_key,
}


class EvaluationObserver:
    """Looks at evaluations of one environment, whose Foundation has this name."""

    def __init__(self, aws: Aws, foundation: str) -> None:
        self._aws = aws
        self._cloudformation = aws("cloudformation")
        self._foundation = foundation
        self._unseen: list[str] = []

    def look(self, template: Template, known: Mapping[str, str], now: datetime) -> EvaluationFacts | None:
        """Return the evaluation of a template; None where it asks for none."""
        self._unseen = []
        found = list(of_type(template, contract.EVALUATION).values())
        if not found:
            return None
        asked = EvaluationProperties(Properties(resolved(found[0].properties, known)))
        store = self._store(asked)
        ended, numbers = self._ended(store, asked.evaluation_id) if store else (None, None)
        is_going = ended != "complete" and self._is_going(asked.evaluation_id)
        progress = tuple(self._progress(store, asked.evaluation_id) or ()) if store and is_going else ()
        return EvaluationFacts(
            id=asked.evaluation_id,
            training=asked.training_name,
            state=self._state(ended, is_going=is_going),
            max_tokens=asked.max_tokens,
            numbers=numbers,
            gate=self._gate(template, known, store, now),
            asked=progress,
            tokens=None if ended == "complete" else self._seen(lambda: self._counted(asked)),
            unseen="; ".join(dict.fromkeys(self._unseen)),
        )

    def _ended(self, store: Store, evaluation: str) -> tuple[State | None, Summary | None]:
        """Return how the last run ended that left numbers, and these."""
        found: dict[State, Summary] = {}
        for state, key in _NUMBERS.items():
            summary = self._seen(partial(_summary, store, key(evaluation)))
            if summary and state == "complete":
                return state, summary
            if summary:
                found[state] = summary
        newest = max(found, key=lambda state: found[state].made, default=None)
        return newest, found[newest] if newest else None

    def _state(self, ended: State | None, *, is_going: bool) -> State:
        if is_going:
            return "under way"
        return ended or ("not seen" if self._unseen else "not complete")

    def _store(self, asked: EvaluationProperties) -> Store | None:
        bucket = (asked.test_uri or "").removeprefix("s3://").partition("/")[0]
        return Store(self._aws("s3"), bucket) if bucket else None

    def _gate(
        self, template: Template, known: Mapping[str, str], store: Store | None, now: datetime
    ) -> GateVerdict | None:
        gates = list(of_type(template, contract.QUALITY_GATE).values())
        if not gates or store is None:
            return None
        asked = QualityGateProperties(Properties(resolved(gates[0].properties, known)))
        return self._seen(lambda: gate_verdict(store, asked, asked.model, now))

    def _is_going(self, evaluation: str) -> bool:
        workflow = self._physical(_WORKFLOW, lambda name: name.startswith(_OF_EVALUATIONS))
        if workflow is None:
            return False
        runs = self._seen(EvaluationRuns(self._aws("stepfunctions"), workflow).listed) or {}
        return any(run.is_going and contract.run_number(name, evaluation) for name, run in runs.items())

    def _progress(self, store: Store, evaluation: str) -> list[Asked] | None:
        def read() -> list[Asked]:
            plan = Plan.from_json(store.read(plan_key(evaluation)))
            told = store.found(questions_index_key(plan.questions.id))
            if told is None:
                return []
            index = Index.from_json(told)
            of = sum(each.records for each in index.shards)
            return [Asked(each.name, answered_records(plan, index, each, store.keys), of) for each in plan.targets]

        return self._seen(read)

    def _counted(self, asked: EvaluationProperties) -> int | None:
        table = self._physical(_TABLE, lambda _: True)
        if table is None:
            return None
        counter = LedgerCounter(self._aws("dynamodb"), table, asked.evaluation_id, asked.max_tokens)
        return counter.read().tokens

    def _physical(self, kind: str, is_it: Callable[[str], bool]) -> str | None:
        resources = stack_states.resources(self._cloudformation, self._foundation)
        found = (
            each["PhysicalResourceId"]
            for each in resources
            if each["ResourceType"] == kind and is_it(each["LogicalResourceId"])
        )
        return next(found, None)

    def _seen(self, read: Callable[[], T]) -> T | None:
        """Return what a read gives; None where it is denied, and why is kept."""
        try:
            return read()
        except ClientError as error:
            if not aws_errors.is_denied(error):
                raise
            self._unseen.append(aws_errors.sentence(error))
            return None


def _summary(store: Store, key: str) -> Summary | None:
    return Summary.from_json(store.read(key)) if store.has(key) else None
