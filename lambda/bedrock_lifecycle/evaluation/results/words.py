"""The results of an evaluation as text: what a gate says, and what the command line prints. Pure."""

from collections.abc import Iterator, Sequence

from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.evaluation.results.gate import Judgment, Verdict
from bedrock_lifecycle.evaluation.results.numbers import counted, difference, of_few_groups, score, share
from bedrock_lifecycle.evaluation.results.statistician import CONFIDENCE
from bedrock_lifecycle.evaluation.statistics.comparison import compare
from bedrock_lifecycle.evaluation.statistics.holm import adjusted
from bedrock_lifecycle.evaluation.statistics.intervals import interval
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, JudgeTold, Summary, TargetAnswers


def of_judgment(judgment: Judgment) -> str:
    """Return one requirement of a gate with its numbers, on one line.

    The bounds are the gate's: each one-sided, at its confidence.
    """
    requirement = judgment.requirement
    number = score if requirement.against is None else difference
    line = (
        f"{of_measure(requirement.measure, requirement.against)} = {number(judgment.estimate)} "
        f"[{number(judgment.low)}, {number(judgment.high)}], n = {judgment.records:,}, "
        f"required >= {number(requirement.threshold)}: {judgment.verdict}"
    )
    if judgment.verdict is not Verdict.INCONCLUSIVE:
        return line
    if judgment.needed is None:
        return f"{line}; no number of records would decide: the estimate is too close to what is required"
    return f"{line}; about {judgment.needed:,} records would be enough to decide"


def of_judgments(judgments: Sequence[Judgment], confidence: float) -> str:
    """Return a gate's verdict on one line: those requirements first that have not passed, then what it cannot know."""
    passed = sum(each.verdict is Verdict.PASSED for each in judgments)
    order = (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.PASSED)
    ordered = sorted(judgments, key=lambda each: order.index(each.verdict))
    bounds = f"bounds at {confidence * 100:g} %"
    few = min((each.few_groups for each in judgments if each.few_groups), default=None)
    told = [*map(of_judgment, ordered), *([of_few_groups(few)] if few else [])]
    return f"{passed} of {len(judgments)} requirements passed ({bounds}). " + ". ".join(told)


def of_measure(measure: str, against: str | None) -> str:
    """Return what is measured: the tuned model's score, or how far it is above another's."""
    return f"{measure} {TUNED}" if against is None else f"{measure} {TUNED} - {against}"


def of_unanswered(summary: Summary) -> str:
    """Return how many records have no answer of whom, and how often for which reason, in codes of errors alone."""
    told = ", ".join(
        f"{each.name} {each.unanswered:,} of {each.answered + each.unanswered:,} ({counted(each.errors)})"
        for each in summary.targets
        if each.unanswered
    )
    return f"records without an answer: {told}"


def of_summary(summary: Summary) -> list[str]:
    """Return the lines that say what was measured: models, scores, paired differences, warnings.

    Intervals are two-sided at 95 %; p-values are adjusted for all differences that are shown (Holm, 1979).
    """
    return [
        f"evaluation {summary.evaluation}: {summary.records:,} of {summary.of:,} records"
        + ("" if summary.is_complete else ", not complete")
        + f", {summary.tokens:,} tokens"
        + (f", {summary.throttled:,} requests throttled" if summary.throttled else ""),
        *map(_of_target, summary.targets),
        *_of_scores(summary),
        *_of_differences(summary.differences),
        *map(_of_judge, summary.judge),
        *(f"note: {warning}" for warning in summary.warnings),
    ]


def _of_target(target: TargetAnswers) -> str:
    asked = target.answered + target.unanswered
    line = f"{target.name} ({target.model}): {target.answered:,} of {asked:,} answered"
    if target.answered:
        tokens = target.output_tokens / target.answered
        line += f", {tokens:,.0f} tokens an answer"
    if target.latency_p50 is not None and target.latency_p95 is not None:
        line += f", half in {target.latency_p50:,} ms, 95 % in {target.latency_p95:,} ms"
    return line


def _of_scores(summary: Summary) -> Iterator[str]:
    for target in summary.targets:
        for measure, sample in sorted(summary.scores.get(target.name, {}).items()):
            its = interval(sample, CONFIDENCE)
            yield (
                f"{measure} {target.name} = {score(its.estimate)} [{score(its.low)}, {score(its.high)}]"
                f"{_of_records(sample)}{_mark(its.coverage_is_promised)}"
            )


def _of_differences(differences: Sequence[Difference]) -> Iterator[str]:
    compared = [compare(each.sample, CONFIDENCE) for each in differences]
    p_values = adjusted([each.p_value for each in compared])
    for told, its, p_value in zip(differences, compared, p_values, strict=True):
        found = its.difference
        yield (
            f"{of_measure(told.measure, told.theirs)} = {difference(found.estimate)} "
            f"[{difference(found.low)}, {difference(found.high)}]{_of_records(told.sample)}, {_p(p_value)}, "
            f"seen from {score(its.detectable)} on{_mark(found.coverage_is_promised)}"
        )


def _of_judge(told: JudgeTold) -> str:
    asked = told.agreed + told.flipped + told.no_verdict
    return (
        f"judge, {TUNED} and {told.theirs}: {told.agreed:,} of {asked:,} pairs ({share(told.agreed, asked)}) with "
        f"the same verdict in both orders; {told.unasked:,} more needed no judge"
    )


def _of_records(sample: Sample) -> str:
    groups = f" in {sample.clusters:,} groups" if sample.clusters < sample.records else ""
    return f", n = {sample.records:,}{groups}"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _mark(is_promised: bool) -> str:
    return "" if is_promised else " (coverage not promised)"
