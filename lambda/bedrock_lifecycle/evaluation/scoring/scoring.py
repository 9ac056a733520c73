"""The scores of one shard: read where they are there already, otherwise computed from the answers and kept.

Only scores of a whole shard are kept: a run that is continued with more tokens adds to the others.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedrock_lifecycle.contract.evaluation_identity import Target, scores_id
from bedrock_lifecycle.contract.evaluation_store import scores_key
from bedrock_lifecycle.evaluation.metrics.metric import Metric
from bedrock_lifecycle.evaluation.scoring.definitions import OWN, OwnMetric, metric_of
from bedrock_lifecycle.evaluation.scoring.own_metric import own_scores
from bedrock_lifecycle.evaluation.scoring.references import scores_of
from bedrock_lifecycle.evaluation.scoring.tally import AnsweredShard
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.progress import TALLY
from bedrock_lifecycle.evaluation.stored.records import Answer, Index, Question
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_questions
from bedrock_lifecycle.evaluation.stored.store import Store

Scores = Mapping[str, Mapping[int, float]]
"""By measure, the score of each record."""


@dataclass(frozen=True)
class Scored:
    """How a target did in one shard, of the records that it was asked."""

    target: Target
    answered: AnsweredShard
    scores: Scores

    @property
    def records(self) -> set[int]:
        """The records of which every score is known."""
        return set(self.answered.records).intersection(*self.scores.values())


class Scoring:
    """Scores the targets of one shard. `invoke` is Lambda's, for a metric of the team's own."""

    def __init__(
        self, store: Store, plan: EvaluationPlan, index: Index, shard: int, invoke: Callable[..., Any]
    ) -> None:
        self._store = store
        self._plan = plan
        self._index = index
        self._shard = shard
        self._invoke = invoke
        self._questions: list[Question] | None = None

    def of(self, target: Target) -> Scored:
        """Return a target's scores; what was computed is kept.

        Raises:
            BadReference: A metric cannot use a record's reference; it names the record and the reason alone.
            OwnMetricFailed: The team's own metric gave no scores.
            UnknownMetric: This code does not have a metric of the plan.
        """
        kept = {each: self._store.found(self._key(target, each)) for each in (TALLY, *self._plan.metrics)}
        tally = kept.pop(TALLY)
        before = AnsweredShard.from_json(tally) if tally else None
        may_be_old = before is not None and before.tally.unheard > 0
        is_kept = tally is not None and all(kept.values())
        asked, answers = ([], []) if is_kept and not may_be_old else self._asked(target)
        found = AnsweredShard.of(asked, answers)
        is_old = may_be_old and len(asked) == self._records and found != before
        if is_old:
            kept = dict.fromkeys(kept)
        answered = found if before is None or is_old else before
        scores: dict[str, Mapping[int, float]] = {}
        for metric, body in kept.items():
            scores |= _read(body) if body else self._keep_scores(target, metric, asked, answers)
        # Last of all: until then it is seen that the scores are of older answers.
        if is_old or not tally:
            self._keep(target, TALLY, len(asked), answered.to_json())
        return Scored(target, answered, scores)

    def _asked(self, target: Target) -> tuple[list[Question], list[Answer]]:
        """Return the questions that have an answer, and these."""
        found = found_answers(self._store, self._plan.answers_id(target), self._index, self._shard)
        if not found:
            # The questions may have expired with them.
            return [], []
        if self._questions is None:
            self._questions = read_questions(self._store, self._plan, self._index, self._shard)
        answers = {each.record: each for each in found}
        asked = [each for each in self._questions if each.record in answers]
        return asked, [answers[each.record] for each in asked]

    def _keep_scores(
        self, target: Target, definition: str, asked: Sequence[Question], answers: Sequence[Answer]
    ) -> Scores:
        metric = metric_of(definition)
        if isinstance(metric, OwnMetric):
            values = {OWN: self._own(asked, answers)}
        else:
            values = _scores_of(metric, asked, answers)
        records = [each.record for each in asked]
        body = json.dumps({"records": records, "scores": values}, sort_keys=True, separators=(",", ":"))
        self._keep(target, definition, len(asked), body.encode())
        return _read(body)

    def _own(self, asked: Sequence[Question], answers: Sequence[Answer]) -> list[float]:
        said = [
            (place, answer.text, question.reference)
            for place, (question, answer) in enumerate(zip(asked, answers, strict=True))
            if answer.text is not None
        ]
        function = self._plan.metric_functions[OWN]
        scores = own_scores(self._invoke, function, [(text, reference) for _, text, reference in said])
        values = [0.0] * len(asked)
        for (place, _, _), score in zip(said, scores, strict=True):
            values[place] = score
        return values

    def _keep(self, target: Target, metric: str, records: int, body: bytes) -> None:
        if records == self._records:
            self._store.write(self._key(target, metric), body)

    @property
    def _records(self) -> int:
        return self._index.shards[self._shard].records

    def _key(self, target: Target, metric: str) -> str:
        return scores_key(scores_id(self._plan.answers_id(target), metric), self._shard)


def _scores_of(metric: Metric, asked: Sequence[Question], answers: Sequence[Answer]) -> dict[str, list[float]]:
    """Return the scores of each measure in the order of the records; a record without an answer has 0."""
    values: dict[str, list[float]] = {measure: [] for measure in metric.measures}
    for question, answer in zip(asked, answers, strict=True):
        # Also where nobody answered: a reference that cannot be used is found whoever answers.
        scores = scores_of(metric, answer.text or "", question)
        for measure, its in values.items():
            its.append(scores[measure] if answer.text is not None else 0.0)
    return values


def _read(body: str | bytes) -> Scores:
    raw = json.loads(body)
    return {measure: dict(zip(raw["records"], values, strict=True)) for measure, values in raw["scores"].items()}
