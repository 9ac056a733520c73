"""What an evaluation would take at most, as its run reckons before its first question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import Target
from bedrock_lifecycle.evaluation.asking.preparing import refusal
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.progress import (
    Keys,
    answered_records,
    shards_to_ask,
    tokens_to_ask,
    tokens_to_judge,
)
from bedrock_lifecycle.evaluation.stored.records import Index
from tune.evaluation.facts import TargetProgress

_LARGE_GROUP: Final = 100_000
"""From so many records on that belong together; at a second an answer that is more than a day."""
_LARGE: Final = (
    "{:,} records belong together by group_by or are asked with those that do: one model is asked them one after the "
    "other, which may take longer than the quotas tell; group by a field with more values"
)


@dataclass(frozen=True, kw_only=True)
class AskedAtMost:
    """What one model would be asked at most.

    asked: how far it is; None where the test data could not be read.
    tokens: those of its questions, with answers of full length.
    """

    model: str
    target: str
    asked: TargetProgress | None = None
    tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What the next run of an evaluation would take at most.

    judge: the model that compares answers; empty without one. judge_tokens: those of its verdicts.
    counted: the tokens of runs before, which count for the same bound.
    is_complete: whether its numbers are there, so that nobody is asked.
    refusal: why the run would ask nobody; empty if it would begin, as far as that is known.
    notes: what was not looked at, and why.
    """

    id: str
    training: str
    max_tokens: int
    targets: Sequence[AskedAtMost]
    judge: str = ""
    judge_tokens: int = 0
    counted: int = 0
    is_complete: bool = False
    refusal: str = ""
    notes: Sequence[str] = ()

    @property
    def asked(self) -> list[TargetProgress]:
        """How far each target is; empty where the test data could not be read."""
        return [each.asked for each in self.targets if each.asked]

    @property
    def tokens(self) -> int:
        """All tokens of the next run."""
        return sum(each.tokens for each in self.targets) + self.judge_tokens


def of_plan(plan: EvaluationPlan) -> Estimate:
    """Return what is known without the test data."""
    return Estimate(
        id=plan.id,
        training=plan.tuned.model,
        max_tokens=plan.max_tokens,
        targets=[AskedAtMost(model=each.model, target=each.name) for each in plan.targets],
        judge=plan.judge.model if plan.judge else "",
    )


def reckoned(
    plan: EvaluationPlan,
    index: Index,
    *,
    keys: Keys,
    rate: Callable[[Target], float | None],
    rubric_tokens: int = 0,
    counted: int = 0,
) -> Estimate:
    """Return what is known with the test data.

    keys: what is kept of earlier runs. rate: how many questions a minute a target may be asked.
    """

    def to_ask(target: Target) -> AskedAtMost:
        shards = shards_to_ask(plan, index, target, keys)
        # Of answers that have expired the numbers may be there.
        answered = answered_records(plan, index, target, keys) if shards else index.records
        return AskedAtMost(
            model=target.model,
            target=target.name,
            asked=TargetProgress(target.name, answered, index.records, rate(target)),
            tokens=tokens_to_ask(plan, index, target, shards, keys),
        )

    found = replace(
        of_plan(plan),
        targets=[to_ask(each) for each in plan.targets],
        judge_tokens=tokens_to_judge(plan, index, rubric_tokens, keys),
        counted=counted,
    )
    largest = max((each.records for each in index.shards), default=0)
    refused = refusal(plan, index, needed=found.tokens, counted=counted)
    notes = (_LARGE.format(largest),) if largest >= _LARGE_GROUP else ()
    return replace(found, refusal=refused.reason if refused else "", notes=notes)
