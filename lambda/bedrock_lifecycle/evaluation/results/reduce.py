"""The summary of an evaluation: all parts added up, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Final

from bedrock_lifecycle.evaluation.results.numbers import counted, share
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext, warnings
from bedrock_lifecycle.evaluation.scoring.part import PartialScores
from bedrock_lifecycle.evaluation.scoring.tally import Tally
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.summary import Summary, TargetAnswers

COMPLETE: Final = "complete"
BOUNDED: Final = "bounded"
FAILED: Final = "failed"


@dataclass(frozen=True)
class Ended:
    """How a run ended, and why in words that quote no record."""

    outcome: str
    reason: str = ""


def summarized(plan: EvaluationPlan, parts: Iterable[PartialScores], known: ScoreContext, made: str) -> Summary:
    """Return the summary of all parts, whatever their order; `made` is the time in ISO 8601."""
    total = reduce(add, parts, PartialScores())
    tallies = {each.name: total.tallies.get(each.name, Tally()) for each in plan.targets}
    summary = Summary(
        evaluation=plan.id,
        is_complete=total.records == total.of > 0 and not total.unjudged,
        made=made,
        test_sha256=plan.questions.test_sha256,
        records=total.records,
        of=total.of,
        targets=tuple(_answered(each.name, each.model, tallies[each.name]) for each in plan.targets),
        scores=total.scores,
        differences=tuple(each for each in total.differences if each.sample.records),
        slices=total.slices,
        worst=total.worst,
        judge=total.judge,
        looks=known.looks,
        trained_on=known.trained_on,
        tokens=known.tokens,
        throttled=known.throttled,
    )
    return replace(summary, warnings=warnings(summary, plan, known))


def ended(plan: EvaluationPlan, summary: Summary) -> Ended:
    """Return how the run ended.

    It has failed if a target left more records without an answer than the plan allows: their scores of 0 would say more
    about the errors than about the model.
    """
    for each in lacking(summary, plan.max_error_rate):
        asked = each.answered + each.unanswered
        return Ended(
            FAILED,
            f"{each.unanswered:,} of {asked:,} records have no answer of {each.name} ({counted(each.errors)}), more "
            f"than `evaluation.max_error_rate` = {plan.max_error_rate:g} allows; deploy again to send only these "
            "records again, or raise this setting to count them as 0",
        )
    if summary.is_complete:
        return Ended(COMPLETE)
    if summary.records < summary.of:
        told = f"{summary.records:,} of {summary.of:,} records were sent to every model"
    else:
        told = f"all {summary.of:,} records were sent, and the judge has not compared all the answers that it should"
    return Ended(
        BOUNDED,
        f"it stopped at `evaluation.max_tokens` = {plan.max_tokens:,} after {told} "
        f"({share(summary.records, summary.of)}); raise this setting, and only the missing records are sent",
    )


def lacking(summary: Summary, max_error_rate: float) -> list[TargetAnswers]:
    """Return the targets that left more records without an answer than a share of them."""
    return [each for each in summary.targets if each.unanswered > max_error_rate * (each.answered + each.unanswered)]


def _answered(name: str, model: str, tally: Tally) -> TargetAnswers:
    return TargetAnswers(
        name=name,
        model=model,
        answered=tally.answered,
        unanswered=tally.unanswered,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        stop_reasons=tally.stop_reasons,
        errors=tally.errors,
        latency_p50=tally.latency(0.5),
        latency_p95=tally.latency(0.95),
    )
