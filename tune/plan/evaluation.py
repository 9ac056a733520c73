"""The Evaluation stack: who would be asked, whether the numbers are there already, and what its gate says of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties, QualityGateProperties
from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.decisions import evaluation, quality_gate
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.observed import Job, Model
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.resources.attempts import elapsed
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.gate_reading import gate_verdict
from tune.account.templates import UNKNOWN, of_type
from tune.plan import steps
from tune.plan.planned import Planned, StackDiff

EVALUATION_KIND: Final = "evaluation"
GATE_KIND: Final = "quality gate"
StoreOf = Callable[[str], Store | None]
"""Returns the evaluations that a bucket keeps; None where no bucket can be looked into."""


@dataclass(frozen=True)
class PlannedEvaluation:
    """What happens to one model's evaluation.

    numbers: where its numbers are; None where they are not there, or may not be read.
    presumed: the evaluation whose numbers nobody knows yet: a deploy makes them, or nobody may look at them.
    asks_what_serves: whether it comes after what serves, which it asks.
    """

    lines: Sequence[Planned] = ()
    numbers: Store | None = None
    presumed: str = ""
    asks_what_serves: bool = False

    def outlook(self, gate: GateVerdict | None) -> GateVerdict | None:
        """Return what a gate says by then; numbers that nobody knows are taken for good ones."""
        if gate and gate.evaluation == self.presumed and not gate.verdict:
            return _presumed(gate.evaluation)
        return gate


def plan(scene: StackDiff, bedrock: Bedrock, store_of: StoreOf, *, job: Job | None, waits: bool) -> PlannedEvaluation:
    """Return the stack's lines. `job` is the training's by then; with `waits` its model is waited for before."""
    found: list[Planned] = []
    outlook = PlannedEvaluation()
    for logical_id, resource in of_type(scene.wanted, contract.EVALUATION).items():
        desired = EvaluationProperties(scene.properties(resource)).complete()
        before, unread = _deployed(EvaluationProperties(scene.old_properties(logical_id)))
        numbers = _numbers(desired, before, store_of)
        event = scene.event(logical_id)
        facts = _facts(desired, bedrock, scene, job, is_complete=numbers.are_there, waits=waits)
        made = steps.evaluation_steps(facts)
        begins = event is not None and any(step.action == "create" for step in made)
        outlook = PlannedEvaluation(
            numbers=numbers.store if numbers.are_there else None,
            presumed=desired.evaluation_id if begins or numbers.store is None else "",
            asks_what_serves=desired.served_arn is not None,
        )
        found.append(
            scene.planned(
                event,
                # Without an event nobody is asked, and numbers that are missing are no drift.
                made if event else (),
                kind=EVALUATION_KIND,
                logical_id=logical_id,
                name=desired.evaluation_id,
                desired=_words(desired),
                observed=(numbers.why_not or ("complete" if numbers.are_there else "no numbers")) + unread,
            )
        )
    fails = any(line.fails for line in found)
    for logical_id, resource in of_type(scene.wanted, contract.QUALITY_GATE).items():
        line = _gate(scene, logical_id, QualityGateProperties(scene.properties(resource)), outlook)
        found.append(replace(line, event=None, steps=()) if fails else line)
    return replace(outlook, lines=tuple(found))


@dataclass(frozen=True)
class _Numbers:
    """Whether the numbers of an evaluation are there, and where; `why_not`: why nobody may look."""

    are_there: bool
    store: Store | None = None
    why_not: str = ""


def _deployed(before: EvaluationProperties) -> tuple[str, str]:
    """Return the evaluation that a stack has, empty for none, and why that cannot be read, as a template of other code
    may be.
    """
    try:
        return before.evaluation_id if EvaluationProperties.evaluation_id in before else "", ""
    except BadProperty as problem:
        return "", f"; what is deployed cannot be read: {problem}"


def _numbers(desired: EvaluationProperties, before: str, store_of: StoreOf) -> _Numbers:
    # A stack is complete only when its evaluation is.
    is_deployed = before == desired.evaluation_id
    bucket = (desired.test_uri or "").removeprefix("s3://").partition("/")[0]
    store = store_of(bucket) if bucket and UNKNOWN not in bucket else None
    if store is None:
        return _Numbers(is_deployed)
    key, are_there = summary_key(desired.evaluation_id), is_deployed
    try:
        if are_there := store.has(key):
            store.read(key)  # who may list need not be allowed to decrypt
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return _Numbers(are_there, why_not=f"not looked at: {aws_errors.sentence(error)}")
    return _Numbers(are_there, store)


def _facts(
    desired: EvaluationProperties,
    bedrock: Bedrock,
    scene: StackDiff,
    job: Job | None,
    *,
    is_complete: bool,
    waits: bool,
) -> evaluation.Facts:
    model = bedrock.model(desired.training_name)
    if waits:
        model = Model(model.arn if model else "", "Active")
    return evaluation.Facts(
        event="Update",
        evaluation=desired.evaluation_id,
        is_complete=is_complete,
        training_name=desired.training_name,
        giver=desired.model_environment or "",
        model=model,
        job=job,
        job_ran=elapsed(job, scene.now) if job else "",
    )


def _words(desired: EvaluationProperties) -> str:
    inputs = desired.inputs
    asked = "every record" if desired.records is None else f"{desired.records:,} records"
    of = ", ".join([TUNED, *(each.name for each in inputs.targets if each.name != TUNED)])
    judged = f", compared by {inputs.judge.model}" if inputs.judge else ""
    return f"{asked} sent to {of}{judged}; at most {desired.max_tokens:,} tokens"


def _gate(scene: StackDiff, logical_id: str, asked: QualityGateProperties, outlook: PlannedEvaluation) -> Planned:
    event = scene.event(logical_id)
    named = asked.gate_evaluation_id or ""
    verdict = gate_verdict(outlook.numbers, asked, asked.model, scene.now) if outlook.numbers else None
    by_then = verdict or (_presumed(named) if named == outlook.presumed else None)
    facts = quality_gate.Facts(
        event=event or "Update",
        tells_only=asked.tells_only,
        gate=by_then or GateVerdict(evaluation=named, told="its numbers are not there"),
    )
    return scene.planned(
        event,
        # What was judged is not judged again without an event.
        steps.gate_steps(facts) if event and by_then else (),
        kind=GATE_KIND,
        logical_id=logical_id,
        name=asked.model,
        desired=f"{len(asked.requirements)} requirements on evaluation {named}",
        observed=str(verdict) if verdict else "no numbers to judge yet",
    )


def _presumed(named: str) -> GateVerdict:
    return GateVerdict(evaluation=named, verdict=contract.PASSED, told="if the numbers meet every requirement")
