"""What was measured, in words: each number with its bounds, how many records, what was required."""

import random
from dataclasses import replace

import pytest

from bedrock_lifecycle.evaluation.results.gate import Requirement, judge
from bedrock_lifecycle.evaluation.results.numbers import counted, share
from bedrock_lifecycle.evaluation.results.words import (
    of_judgment,
    of_judgments,
    of_summary,
    of_unanswered,
)
from bedrock_lifecycle.evaluation.statistics import bootstrap
from bedrock_lifecycle.evaluation.statistics.comparison import compare
from bedrock_lifecycle.evaluation.statistics.holm import adjusted
from bedrock_lifecycle.evaluation.statistics.intervals import interval
from bedrock_lifecycle.evaluation.statistics.sample import UNITS, Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, JudgeTold, Summary, TargetAnswers
from tests.support.messages import says
from tests.unit.evaluation.samples import pairs, rates, repeated

PASSES = judge(Requirement.at_least("exact_match", 0.7), rates(760, 1000), 0.95)
FAILS = judge(Requirement.better_than("exact_match", "base", by=0.05), pairs(100, 120, 1000), 0.95)
CANNOT_TELL = judge(Requirement.not_worse_than("exact_match", "us.any.model", by=0.05), pairs(100, 140, 1000), 0.95)
NEVER_TELLS = judge(Requirement.at_least("exact_match", 0.7), rates(700, 1000), 0.95)


def test_a_requirement_is_told_with_its_numbers() -> None:
    line = of_judgment(FAILS)
    assert "\n" not in line
    assert says(
        line, "exact_match tuned - base = -0.020", f"[{FAILS.low:+.3f}, {FAILS.high:+.3f}]", "n = 1,000", ">= +0.050"
    )
    assert says(of_judgment(PASSES), "exact_match tuned = 0.760", f"[{PASSES.low:.3f}, {PASSES.high:.3f}]", ">= 0.700")


def test_what_cannot_be_told_says_how_many_records_would() -> None:
    assert says(of_judgment(CANNOT_TELL), f"{CANNOT_TELL.needed:,}", "us.any.model", ">= -0.050")
    assert NEVER_TELLS.needed is None
    assert says(of_judgment(NEVER_TELLS), "no number of records")


def test_a_gate_tells_first_what_is_not_met() -> None:
    line = of_judgments([PASSES, CANNOT_TELL, FAILS], 0.95)
    assert says(line, "1 of 3", "95 %")
    assert line.index(of_judgment(FAILS)) < line.index(of_judgment(CANNOT_TELL)) < line.index(of_judgment(PASSES))


def test_a_gate_on_few_groups_tells_what_they_cannot_show() -> None:
    grouped = judge(
        Requirement.at_least("exact_match", 0.7), repeated("scores", {(1.0,) * 10: 39, (0.0,) * 10: 1}), 0.95
    )
    line = of_judgments([PASSES, grouped], 0.95)
    assert says(line, "40 groups", "40 of one size", "7.5 %")
    assert not says(of_judgments([PASSES, FAILS], 0.95), "groups")


def test_ten_requirements_fit_into_the_reason_of_a_custom_resource() -> None:
    name = "us.anthropic." + "x" * 127
    few = repeated("differences", {(0.0,) * 10_000: 98, (-0.5,) * 10_000: 2})
    long = judge(Requirement.not_worse_than("json_schema.fields", name, by=0.05), few, 0.95)
    assert len(of_judgments([long] * 10, 0.95).encode()) < 4096


def summary() -> Summary:
    return Summary(
        evaluation="9c1f6a0b2d3e",
        is_complete=True,
        made="any",
        test_sha256="a" * 64,
        records=1000,
        of=1000,
        targets=(
            TargetAnswers(
                name="tuned",
                model="the-training",
                answered=990,
                unanswered=10,
                input_tokens=99,
                output_tokens=19_800,
                latency_p50=800,
                latency_p95=2100,
            ),
            TargetAnswers(name="base", model="the-base", answered=0, unanswered=0, input_tokens=0, output_tokens=0),
        ),
        scores={"tuned": {"exact_match": rates(700, 1000), "own": repeated("scores", {(1.0, 0.5): 30})}},
        differences=(
            Difference(theirs="base", measure="exact_match", sample=pairs(331, 50, 1000)),
            Difference(theirs="other", measure="exact_match", sample=pairs(60, 40, 1000)),
        ),
        judge=(JudgeTold(theirs="base", agreed=80, flipped=18, no_verdict=2, unasked=5),),
        tokens=812_440,
        throttled=7,
        warnings=("a warning",),
    )


def test_a_summary_is_told_in_lines() -> None:
    lines = of_summary(summary())
    assert says(lines[0], "9c1f6a0b2d3e", "1,000", "812,440", "7")
    assert says(lines[1], "the-training", "990", "1,000", "20 tokens", "800 ms", "2,100 ms")
    assert says(lines[2], "the-base", "0 of 0")
    its = interval(rates(700, 1000), 0.95)
    assert says(lines[3], "exact_match tuned = 0.700", f"[{its.low:.3f}, {its.high:.3f}]", "n = 1,000")
    assert says(lines[4], "own tuned", "n = 60 in 30 groups", "not promised")
    first, second = (compare(each.sample, 0.95) for each in summary().differences)
    p_values = adjusted([first.p_value, second.p_value])
    assert says(lines[5], "exact_match tuned - base = +0.281", "p < 0.001", f"{first.detectable:.3f}")
    assert says(lines[6], "exact_match tuned - other = +0.020", f"p = {p_values[1]:.3f}")
    assert says(lines[7], "80", "100", "80 %", "5")
    assert says(lines[8], "a warning")
    assert len(lines) == 9


def test_what_was_not_answered_is_told_by_kind_and_of_whom() -> None:
    tuned, *others = summary().targets
    some = replace(tuned, answered=90, unanswered=10, errors={"filtered": 3, "ThrottlingException": 7})
    told = of_unanswered(replace(summary(), targets=(some, *(replace(each, unanswered=0) for each in others))))
    assert told == f"records without an answer: {tuned.name} 10 of 100 (ThrottlingException: 7, filtered: 3)"


def test_p_values_are_adjusted_for_all_differences_that_are_told() -> None:
    differences = [
        Difference(theirs="base", measure="exact_match", sample=pairs(70, 40, 1000)),
        Difference(theirs="other", measure="exact_match", sample=pairs(60, 40, 1000)),
    ]
    alone = [compare(each.sample, 0.95).p_value for each in differences]
    lines = of_summary(replace(summary(), differences=tuple(differences)))
    assert says("\n".join(lines), "tuned - base", f"p = {2 * alone[0]:.3f}")
    assert says("\n".join(lines), "tuned - other", f"p = {alone[1]:.3f}")


def test_a_summary_that_is_not_complete_says_so() -> None:
    assert not says(of_summary(summary())[0], "not complete")
    assert says(of_summary(replace(summary(), is_complete=False, throttled=0))[0], "not complete")


@pytest.mark.parametrize(
    ("part", "of", "expected"), [(0, 0, "0 %"), (0, 5, "0 %"), (1, 250, "0.4 %"), (12, 100, "12 %"), (5, 5, "100 %")]
)
def test_shares(part: int, of: int, expected: str) -> None:
    assert share(part, of) == expected


def test_counts_are_told_with_the_largest_first() -> None:
    assert counted({"b": 1, "a": 1, "c": 1200}) == "c: 1,200, a: 1, b: 1"


def test_a_hundred_measures_of_few_records_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    draws = 0

    class Counting(random.Random):
        def random(self) -> float:
            nonlocal draws
            draws += 1
            return super().random()

    monkeypatch.setattr(random, "Random", Counting)
    bootstrap._resamples.cache_clear()
    measures = {f"measure {each}": Sample.of("scores", [[chance.random()] for _ in range(199)]) for each in range(100)}
    lines = of_summary(replace(summary(), scores={"tuned": measures}, differences=()))
    assert len([line for line in lines if line.startswith("measure ")]) == 100
    assert draws <= bootstrap.RESAMPLES * 199


@pytest.mark.parametrize("sizes", [[1], [3], [1] * 40, [1, 2, 5] * 20])
def test_what_is_drawn_once_is_what_each_sample_draws(sizes: list[int]) -> None:
    chance = random.Random(2)
    its = Sample.of("scores", [[chance.random() for _ in range(size)] for size in sizes])
    draw = random.Random(bootstrap.SEED).random
    means = []
    for _ in range(bootstrap.RESAMPLES):
        drawn = [its.few[int(draw() * len(sizes))] for _ in sizes]
        means.append(sum(total for total, _ in drawn) / sum(size for _, size in drawn) / UNITS)
    means.sort()
    expected = bootstrap.quantile(means, 0.025), bootstrap.quantile(means, 0.975)
    assert bootstrap.percentile(its, 0.95) == pytest.approx(expected, rel=1e-12)
