"""Reads what is kept of one evaluation, as far as that is allowed."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from botocore.exceptions import ClientError

from bedrock_lifecycle.contract.evaluation import QualityGateProperties
from bedrock_lifecycle.contract.evaluation_store import bounded_summary_key, failed_summary_key, summary_key
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.asking.preparing import requests_a_minute
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.progress import answered_records
from bedrock_lifecycle.evaluation.stored.records import Index
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.evaluation.stored.store import Missing, Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bedrock_lifecycle.resources.gate_reading import gate_verdict
from tune.account.aws import Aws
from tune.account.evaluation_place import EvaluationPlace
from tune.evaluation.facts import Ending, TargetProgress

T = TypeVar("T")


class EvaluationReader:
    """Reads one evaluation. What may not be read is None, and `unseen` has why."""

    def __init__(self, aws: Aws, place: EvaluationPlace, evaluation: str) -> None:
        self._aws = aws
        self._place = place
        self._evaluation = evaluation
        self._store = Store(aws("s3"), place.bucket)
        self._unseen: list[str] = []

    @property
    def unseen(self) -> str:
        """Why something was not seen."""
        return "; ".join(dict.fromkeys(self._unseen))

    def ended(self, *, goes_on: bool = False) -> tuple[Ending | None, Summary | None, str]:
        """Return how the last run ended that left numbers, these, and where they are; no ending where none are there.

        Who may list need not be allowed to decrypt: then there is an ending, and no numbers.
        goes_on: whether a run goes on, beside which only a complete one before counts.
        """
        if found := self._kept("complete", summary_key):
            return found
        if goes_on:
            return None, None, ""
        others = (self._kept("bounded", bounded_summary_key), self._kept("failed", failed_summary_key))
        left = [each for each in others if each]
        return max(left, key=lambda its: its[1].made if its[1] else "", default=(None, None, ""))

    def _kept(self, ending: Ending, key_of: Callable[[str], str]) -> tuple[Ending, Summary | None, str] | None:
        key = key_of(self._evaluation)
        if not self._seen(lambda: self._store.has(key)):
            return None
        return ending, self._seen(lambda: Summary.from_json(self._store.read(key))), f"s3://{self._store.bucket}/{key}"

    def gate(self, asked: QualityGateProperties, now: datetime) -> GateVerdict | None:
        """Return what a gate says of the numbers."""
        return self._seen(lambda: gate_verdict(self._store, asked, asked.model, now))

    def tokens(self, max_tokens: int) -> int | None:
        """Return how many tokens are counted."""
        counter = LedgerCounter(self._aws("dynamodb"), self._place.table, self._evaluation, max_tokens)
        return self._seen(lambda: counter.read().tokens)

    def plan(self) -> EvaluationPlan | None:
        """Return what its run has to do; None also once that has expired."""
        return self._seen(lambda: read_plan(self._store, self._evaluation))

    def asked(self, plan: EvaluationPlan) -> tuple[TargetProgress, ...]:
        """Return how far each target is; nothing before the questions are written."""
        found = self._seen(lambda: self._asked(plan, read_index(self._store, plan)))
        return found or ()

    def _asked(self, plan: EvaluationPlan, index: Index) -> tuple[TargetProgress, ...]:
        rate = partial(requests_a_minute, plan, index, quotas=self._aws)
        return tuple(
            TargetProgress(each.name, answered_records(plan, index, each, self._store.keys), index.records, rate(each))
            for each in plan.targets
        )

    def _seen(self, read: Callable[[], T]) -> T | None:
        found, why_not = seen(read)
        self._unseen += [why_not] if why_not else []
        return found


def seen(read: Callable[[], T]) -> tuple[T | None, str]:
    """Return what a read gives, and why it gives nothing: it is denied, or a property is none of this code's.

    Nothing for what is not there.
    """
    try:
        return read(), ""
    except Missing:
        return None, ""
    except BadProperty as problem:
        return None, str(problem)
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return None, aws_errors.sentence(error)
