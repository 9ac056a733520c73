"""Guard rails of evaluations and gates: what keeps a model from serving that nobody found to be good."""

from collections.abc import Iterator

from bedrock_lifecycle.contract.evaluation import EvaluationProperties, GateProperties, QualityGateProperties
from bedrock_lifecycle.contract.properties import BadProperty, Received
from bedrock_lifecycle.contract.served_model import ServedModelProperties
from bedrock_lifecycle.evaluation.results.gate import Requirement
from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding


def loosened(stack: StackTemplate, path: str, its: Received, old: Received | None) -> Iterator[ReviewFinding]:
    """Yield what the properties of a custom resource let pass, or spend, beyond those before."""
    if isinstance(its, EvaluationProperties) and isinstance(old, EvaluationProperties):
        yield from _of_evaluation(stack, path, its, old)
    if isinstance(its, QualityGateProperties):
        yield from _of_gate(stack, path, its, old if isinstance(old, QualityGateProperties) else None)
    if isinstance(its, ServedModelProperties) and _is_gated(old) and not _is_gated(its):
        says = "any model can be served, whatever its evaluation found"
        yield stack.finding(path, "loosens", says, source=GateProperties.gate_evaluation_id.name)


def removed(stack: StackTemplate, path: str, old: Received | None) -> Iterator[ReviewFinding]:
    """Yield what a custom resource that is gone kept out."""
    if isinstance(old, QualityGateProperties):
        says = "the model is no longer judged before it serves: its gate is removed"
        yield stack.finding(path, "loosens", says, was=", ".join(map(_required, _requirements(old))))


def _is_gated(its: Received | None) -> bool:
    return isinstance(its, ServedModelProperties) and its.gate_evaluation_id is not None


def _of_evaluation(
    stack: StackTemplate, path: str, its: EvaluationProperties, old: EvaluationProperties
) -> Iterator[ReviewFinding]:
    """Yield what an evaluation may spend, or overlook, more of than before."""
    for says, source, was, now in (
        ("the evaluation may use more tokens", "MaxTokens", old.max_tokens, its.max_tokens),
        ("more records may be without an answer", "MaxErrorRate", old.max_error_rate, its.max_error_rate),
        (
            "the evaluation may use more of the quotas that serving needs too",
            "QuotaShare",
            old.quota_share,
            its.quota_share,
        ),
    ):
        if now > was:
            yield stack.finding(path, "loosens", says, was=f"{was:,}", now=f"{now:,}", source=source)
    if old.records != its.records and (old.records is None or (its.records is not None and its.records < old.records)):
        before, after = ("every record" if each is None else f"{each:,} records" for each in (old.records, its.records))
        yield stack.finding(
            path, "loosens", "the evaluation uses fewer records", was=before, now=after, source="Records"
        )
    if old.test_sha256 != its.test_sha256:
        says = "the test records are different: templates do not show whether they are easier"
        more = {"was": old.test_sha256, "now": its.test_sha256, "source": "TestSha256"}
        yield stack.finding(path, "loosens", says, certainty="atMost", **more)


def _of_gate(
    stack: StackTemplate, path: str, its: QualityGateProperties, old: QualityGateProperties | None
) -> Iterator[ReviewFinding]:
    """Yield what a gate lets pass that it did not before."""
    if its.accepted and (old is None or _acceptance(its) != _acceptance(old)):
        says = f"evaluation {its.accepted} is accepted whatever it found, until {its.accepted_until}"
        why = its.accepted_reason or ""
        yield stack.finding(path, "loosens", says, now=why, source=GateProperties.accepted.name)
    if old is None:
        return
    if its.tells_only and not old.tells_only:
        says = "the gate only reports: it does not keep any model from serving"
        yield stack.finding(path, "loosens", says, source=QualityGateProperties.tells_only.name)
    if its.confidence < old.confidence:
        says = "the gate requires less confidence"
        more = {"was": f"{old.confidence:g}", "now": f"{its.confidence:g}", "source": GateProperties.confidence.name}
        yield stack.finding(path, "loosens", says, **more)
    required = {(each.measure, each.against): each for each in _requirements(its)}
    for each in _requirements(old):
        now = required.get((each.measure, each.against))
        if now is None or now.threshold < each.threshold:
            says = "the gate no longer has this requirement" if now is None else "the gate requires less"
            more = {"was": _required(each), "now": _required(now) if now else ""}
            yield stack.finding(path, "loosens", says, source=GateProperties.requirements.name, **more)


def _acceptance(its: QualityGateProperties) -> tuple[str | None, ...]:
    return its.accepted, its.accepted_until, its.accepted_reason


def _requirements(its: QualityGateProperties) -> list[Requirement]:
    try:
        return [Requirement.from_text(each) for each in its.requirements]
    except ValueError as problem:
        raise BadProperty(f"property {GateProperties.requirements.name}: {problem}") from None


def _required(its: Requirement) -> str:
    less = f" - {its.against}" if its.against else ""
    return f"{its.measure} of the tuned model{less} at least {its.threshold:g}"
