"""Reads the numbers of an evaluation, and judges them by what a gate requires."""

from datetime import date, datetime
from typing import Final

from bedrock_lifecycle.contract.evaluation import GateProperties
from bedrock_lifecycle.contract.evaluation_store import bounded_summary_key, summary_key
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_lifecycle.evaluation.results.verdict import Judged, judged
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary

_FIRST: Final = "deploy the Evaluation stack first"


def gate_verdict(store: Store | None, asked: GateProperties, model: str, now: datetime) -> GateVerdict:
    """Return what a gate says of a model, by its name in Bedrock.

    store: None in a Foundation without evaluations.

    Raises:
        BadProperty: When the gate's properties are none of a gate's.
        ClientError: When the numbers may not be read.
    """
    return judged_gate(store, asked, model, now)[0]


def judged_gate(
    store: Store | None, asked: GateProperties, model: str, now: datetime, numbers: Summary | None = None
) -> tuple[GateVerdict, Judged | None]:
    """Return the same with the judgment on each requirement, None where there is no verdict; raise the same.

    numbers: what the store has of the complete evaluation. Default: read from there.
    """
    evaluation = asked.gate_evaluation_id or ""
    requirements, confidence = _required(asked)
    found = _found(store, evaluation, model, numbers)
    if isinstance(found, str):
        return GateVerdict(evaluation=evaluation, told=found), None
    try:
        result: Judged | None = judged(found, requirements, confidence)
        told = str(result)
    except ValueError as problem:
        result, told = None, f"{problem}; correct [gate] in the model's file, or evaluate again"
    until = _accepted_until(asked) if asked.accepted == evaluation else None
    verdict = GateVerdict(
        evaluation=evaluation,
        verdict=str(result.verdict) if result else "",
        told=told,
        accepted_until=until.isoformat() if until else "",
        is_expired=until is not None and now.date() > until,
    )
    return verdict, result


def _found(store: Store | None, evaluation: str, model: str, numbers: Summary | None) -> Summary | str:
    """Return the numbers of a complete evaluation of a model, or why there are none and what to do."""
    if store is None:
        return (
            "this Foundation keeps no evaluations; set `allow.evaluate_with` in environment.toml and deploy Foundation"
        )
    if not store.has(summary_key(evaluation)):
        if store.has(bounded_summary_key(evaluation)):
            return "it stopped at its bound; raise `evaluation.max_tokens` and deploy the Evaluation stack again"
        return f"it is not complete; {_FIRST}, and if it was complete once, raise `reconcile` by one before"
    summary = numbers or Summary.from_json(store.read(summary_key(evaluation)))
    if summary.evaluation != evaluation or not summary.is_complete:
        where = f"s3://{store.bucket}/{summary_key(evaluation)}"
        return f"{where} has scores of something else; delete this object, raise `reconcile` by one, and {_FIRST}"
    evaluated = summary.model or "no tuned model"
    if evaluated != model:
        return f"it is of {evaluated}, not of {model}; {_FIRST}"
    return summary


def _required(asked: GateProperties) -> tuple[tuple[Requirement, ...], float]:
    try:
        requirements = tuple(Requirement.from_text(each) for each in asked.requirements)
    except ValueError as problem:
        raise BadProperty(f"property {GateProperties.requirements.name}: {problem}") from None
    if not requirements:
        raise BadProperty(f"property {GateProperties.requirements.name}: must have a requirement (got none)")
    return requirements, asked.confidence


def _accepted_until(asked: GateProperties) -> date:
    try:
        return date.fromisoformat(asked.accepted_until or "")
    except ValueError:
        name = GateProperties.accepted_until.name
        raise BadProperty(f"property {name}: must be a date (got {asked.accepted_until!r})") from None
