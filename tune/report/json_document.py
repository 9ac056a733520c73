"""What `tune report --json` prints. Keys are only ever added; `version` goes up when one changes its meaning."""

from collections.abc import Sequence
from typing import Any, Final

from bedrock_lifecycle.evaluation.results.gate import Judgment
from bedrock_lifecycle.evaluation.results.statistician import CONFIDENCE
from bedrock_lifecycle.evaluation.statistics.bootstrap import SEED
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, Summary, TargetAnswers
from tune.report.charts import interval
from tune.report.document import compared, metric_version, of_judge
from tune.report.facts import Asked, GateFacts, Outcomes, Report

VERSION: Final = 1


def document(its: Report) -> dict[str, Any]:
    """Return the document; of the records it has numbers alone, whatever was asked for."""
    numbers = its.numbers
    return {
        "version": VERSION,
        "environment": its.environment,
        "model": its.model,
        "evaluation": numbers.evaluation,
        "training": numbers.model,
        "isSimulated": its.is_simulated,
        "isComplete": numbers.is_complete,
        "hasFailed": its.has_failed,
        "made": numbers.made,
        "records": numbers.records,
        "of": numbers.of,
        "gate": _gate(its.gate) if its.gate else None,
        "scores": [
            {"target": target, "measure": measure, **_interval(sample)}
            for target, found in numbers.scores.items()
            for measure, sample in found.items()
        ],
        "differences": _differences(numbers, its.outcomes),
        "slices": [
            {"by": each.by, "label": each.label, "target": each.target, "measure": each.measure}
            | _interval(each.sample)
            for each in numbers.slices
        ],
        "worst": [
            {"line": each.record, "measure": each.measure, "against": each.theirs, "difference": each.difference}
            for each in numbers.worst
        ],
        "targets": [_answered(each) for each in numbers.targets],
        "tokens": numbers.tokens,
        "throttled": numbers.throttled,
        "method": _method(numbers, its.asked),
        "warnings": list(numbers.warnings),
    }


def _interval(sample: Sample) -> dict[str, Any]:
    its = interval(sample)
    return {
        "estimate": its.estimate,
        "low": its.low,
        "high": its.high,
        "records": sample.records,
        "groups": sample.clusters,
        "interval": str(its.method),
        "coverageIsPromised": its.coverage_is_promised,
    }


def _gate(its: GateFacts) -> dict[str, Any]:
    return {
        "verdict": its.verdict.verdict or None,
        "told": its.verdict.told,
        "isOpen": its.verdict.is_open,
        "acceptedUntil": its.verdict.accepted_until or None,
        "confidence": its.judged.confidence if its.judged else None,
        "requirements": [_requirement(each) for each in its.judged.judgments] if its.judged else [],
    }


def _requirement(its: Judgment) -> dict[str, Any]:
    return {
        "measure": its.requirement.measure,
        "against": its.requirement.against,
        "threshold": its.requirement.threshold,
        "verdict": str(its.verdict),
        "estimate": its.estimate,
        "low": its.low,
        "high": its.high,
        "records": its.records,
        "needed": its.needed,
    }


def _differences(numbers: Summary, outcomes: Sequence[Outcomes]) -> list[dict[str, Any]]:
    found = {(each.theirs, each.measure): each for each in outcomes}
    return [
        {"measure": told.measure, "against": told.theirs, **_interval(told.sample)}
        | {"pValue": p_value, "detectable": its.detectable}
        | _counts(told, of_judge(told) or found.get((told.theirs, told.measure)))
        for told, its, p_value in compared(numbers)
    ]


def _counts(told: Difference, its: Outcomes | None) -> dict[str, Any]:
    if told.both is not None:
        return {
            "bothRight": told.both,
            "onlyTunedRight": told.ours,
            "onlyOtherRight": told.theirs_only,
            "bothWrong": told.neither,
        }
    return {"better": its.better, "equal": its.equal, "worse": its.worse} if its else {}


def _answered(its: TargetAnswers) -> dict[str, Any]:
    return {
        "name": its.name,
        "model": its.model,
        "answered": its.answered,
        "unanswered": its.unanswered,
        "inputTokens": its.input_tokens,
        "outputTokens": its.output_tokens,
        "stopReasons": dict(its.stop_reasons),
        "errors": dict(its.errors),
        "latencyP50Milliseconds": its.latency_p50,
        "latencyP95Milliseconds": its.latency_p95,
    }


def _method(numbers: Summary, asked: Asked | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "confidence": CONFIDENCE,
        "bootstrapSeed": SEED,
        "testSha256": numbers.test_sha256,
        "looks": numbers.looks,
        "trainedOn": numbers.trained_on,
    }
    if asked:
        inputs = asked.inputs
        found |= {
            "metrics": [metric_version(each) for each in inputs.metrics],
            "drawnRecords": inputs.questions.records,
            "groupBy": inputs.questions.group_by,
            "maxOutputTokens": inputs.max_output_tokens,
            "maxTokens": asked.max_tokens,
            "judge": inputs.judge.model if inputs.judge else None,
        }
    return found
