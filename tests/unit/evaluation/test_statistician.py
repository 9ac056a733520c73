"""Every reason to doubt the numbers is told, with its figures, and none that there is not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation_identity import metric_definition
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext, warnings
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.summary import Difference, JudgeTold, Summary, TargetAnswers
from tests.support.messages import says
from tests.unit.evaluation.samples import pairs, rates, repeated
from tests.unit.evaluation.worlds import EXACT, plan

HARMLESS = 1  # that one answer a record says nothing of others
NOTHING = ScoreContext(trained_on=0)


def summary(tuned: Sample | None = None, **changes: Any) -> Summary:
    """Return one of 1,000 records about which there is nothing to say."""
    answered = TargetAnswers(name="tuned", model="any", answered=1000, unanswered=0, input_tokens=9, output_tokens=9)
    its = Summary(
        evaluation="9c1f6a0b2d3e",
        is_complete=True,
        made="any",
        test_sha256="a" * 64,
        records=1000,
        of=1000,
        targets=(answered, replace(answered, name="base")),
        scores={"tuned": {"exact_match": tuned or rates(700, 1000)}, "base": {"exact_match": rates(500, 1000)}},
        differences=(Difference(theirs="base", measure="exact_match", sample=pairs(250, 50, 1000)),),
    )
    return replace(its, **changes)


def target(**changes: Any) -> dict[str, Any]:
    base = summary().targets[1]
    return {"targets": (summary().targets[0], replace(base, **changes))}


def told(its: Summary, known: ScoreContext = NOTHING, by: EvaluationPlan | None = None) -> list[str]:
    return list(warnings(its, by or plan(), known))


def test_only_that_one_answer_is_not_all_is_said_of_good_numbers() -> None:
    (only,) = told(summary(), ScoreContext(looks=9, trained_on=0))
    assert says(only, "temperature")


@pytest.mark.parametrize(
    ("its", "known", "tokens"),
    [
        (summary, ScoreContext(trained_on=12), ("12", "1,000", "training")),
        (summary, ScoreContext(trained_on=None), ("not looked for", "training")),
        (lambda: summary(rates(30, 40)), NOTHING, ("40", "200")),
        (lambda: summary(rates(990, 1000)), NOTHING, ("exact_match of tuned",)),
        (
            lambda: summary(differences=(Difference(theirs="base", measure="exact_match", sample=pairs(5, 5, 1000)),)),
            NOTHING,
            ("exact_match against base",),
        ),
        (summary, ScoreContext(trained_on=0, repeated=37), ("37", "1,000", "group_by")),
        (
            lambda: summary(**target(answered=968, unanswered=32, errors={"ValidationException": 30, "X": 2})),
            NOTHING,
            ("3.2 %", "base", "ValidationException: 30", "X: 2"),
        ),
        (lambda: summary(**target(answered=0, unanswered=1000, errors={"X": 1000})), NOTHING, ("100 %", "base")),
        (
            lambda: summary(**target(stop_reasons={"max_tokens": 120, "end_turn": 880})),
            NOTHING,
            ("12 %", "base", "256"),
        ),
        (summary, ScoreContext(trained_on=0, looks=10), ("10", "test file")),
        (
            lambda: summary(judge=(JudgeTold(theirs="base", agreed=80, flipped=18, no_verdict=2),)),
            NOTHING,
            ("18", "100", "base", "2"),
        ),
    ],
)
def test_a_reason_to_doubt_is_told_with_its_figures(
    its: Callable[[], Summary], known: ScoreContext, tokens: tuple[str, ...]
) -> None:
    lines = told(its(), known)
    assert len(lines) == HARMLESS + 1
    assert says(lines[0], *tokens)


def test_few_groups_are_told_with_what_none_of_them_may_show() -> None:
    lines = told(summary(repeated("scores", {(1.0,) * 10: 50, (0.5,) * 10: 50})))
    assert len(lines) == HARMLESS + 2
    assert says(lines[0], "1,000", "100 groups")
    assert says(lines[1], "100 groups", "100 of one size", "3.0 %")


def test_a_few_very_large_groups_among_many_count_for_few() -> None:
    (line, *others) = told(summary(repeated("scores", {(1.0,): 300, (0.5,) * 100: 2, (0.0,): 50})))
    assert says(line, "352 groups", "15 of one size", "0.9 %")
    assert not any("groups" in each for each in others)


@pytest.mark.parametrize(
    ("its", "known", "by"),
    [
        (summary, ScoreContext(trained_on=0, repeated=37), plan(group_by="source")),
        (lambda: summary(**target(answered=991, unanswered=9)), NOTHING, None),
        (lambda: summary(**target(stop_reasons={"max_tokens": 9})), NOTHING, None),
        (lambda: summary(judge=(JudgeTold(theirs="base", agreed=80, flipped=0, no_verdict=0),)), NOTHING, None),
        # Bounded intervals hold the truth as often or more often.
        (lambda: summary(repeated("scores", {(1.0,): 999, (0.5,): 1})), NOTHING, None),
        # Measures beside a metric's first one are told without a warning each.
        (
            lambda: summary(scores={"tuned": {"tool_call": rates(700, 1000), "tool_call.names": rates(999, 1000)}}),
            NOTHING,
            plan(metrics=[metric_definition("tool_call", 1)]),
        ),
        (lambda: summary(repeated("scores", {(1.0,) * 2: 150, (0.5,) * 2: 150})), NOTHING, None),
        (lambda: summary(scores={}, differences=()), NOTHING, None),
    ],
)
def test_nothing_is_said_without_a_reason(
    its: Callable[[], Summary], known: ScoreContext, by: EvaluationPlan | None
) -> None:
    assert len(told(its(), known, by)) == HARMLESS


def test_the_gravest_comes_first() -> None:
    its = summary(rates(30, 40), **target(stop_reasons={"max_tokens": 500}))
    lines = told(its, ScoreContext(trained_on=5), plan(metrics=[EXACT]))
    assert says(lines[0], "training")
    assert says(lines[-1], "temperature")
