"""What a request would do, step by step: the lifecycle's own decision tables, asked again after each action.

Nothing is decided here. After an action the facts are carried forward as they are when it has succeeded, and the same
table says what comes next, until it says that it is done, or refuses.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, assert_never

from bedrock_lifecycle.decisions import (
    custom_model_deployment,
    evaluation,
    model_customization,
    promoted_model,
    provisioned_throughput,
    quality_gate,
    serving_bake,
    training_await,
)
from bedrock_lifecycle.decisions.actions import (
    Adopt,
    Ask,
    Create,
    Delete,
    Done,
    Pass,
    Refuse,
    Release,
    Retag,
    Swap,
    Wait,
)
from bedrock_lifecycle.decisions.model_customization import Facts
from bedrock_lifecycle.decisions.observed import Deployment, Job, Model, Throughput
from bedrock_lifecycle.decisions.table import DecisionRow

AS_BEFORE: Final = "as before"
F = TypeVar("F")
# One for each way to serve.
Presence = provisioned_throughput.ThroughputPresence | custom_model_deployment.DeploymentPresence
Absence = provisioned_throughput.ThroughputAbsence | custom_model_deployment.DeploymentAbsence
P = TypeVar("P", bound=Presence)
A = TypeVar("A", bound=Absence)
S = TypeVar("S", bound=Presence | Absence)


@dataclass(frozen=True)
class PlanStep:
    """One step: the row that holds, its action in a word, and in the lifecycle's words what is done and who pays."""

    row: str
    action: str
    does: str
    pays: str
    reason: str = ""

    @property
    def fails(self) -> bool:
        return self.action == "refuse"

    @property
    def changes(self) -> bool:
        """Whether something is different afterwards."""
        return self.action not in ("done", "keep", "wait", "refuse")


def kept(policy: str) -> PlanStep:
    """Return what happens where CloudFormation, by a policy of the template, deletes nothing."""
    return PlanStep(policy, "keep", "nothing: CloudFormation keeps it, and no stack holds it any more", AS_BEFORE)


def job_steps(facts: Facts, now: datetime) -> tuple[PlanStep, ...]:
    """Return what happens to a customization job."""

    def carry(facts: Facts, action: object) -> Facts:
        job = facts.job or _created(facts, now)
        model_tags = None if facts.model_tags is None else _tagged(facts.model_tags, facts)
        tagged = dataclasses.replace(job, tags=_tagged(job.tags, facts))
        return dataclasses.replace(facts, job=tagged, model_tags=model_tags)

    return _sequence(model_customization.ROWS, facts, carry)


def await_step(facts: training_await.Facts) -> PlanStep:
    """Return what the first rung does."""
    return _step(*_holding(training_await.ROWS, facts))


def promotion_steps(facts: promoted_model.Facts, now: datetime) -> tuple[PlanStep, ...]:
    """Return what happens to another environment's model."""

    def carry(facts: promoted_model.Facts, action: object) -> promoted_model.Facts:
        if isinstance(action, Release):
            return dataclasses.replace(facts, held=tuple(each for each in facts.held if each not in facts.released))
        model = facts.model or Model("", "Active")
        held = (promoted_model.Held(arn=model.arn, name=facts.name, since=promoted_model.since(now)),)
        others = tuple(each for each in facts.held if each.arn != model.arn)
        # It was waited for, or is held: either way it is what was meant.
        return dataclasses.replace(
            facts, model=dataclasses.replace(model, status="Active"), tags=facts.expected_tags, held=(*others, *held)
        )

    return _sequence(promoted_model.ROWS, facts, carry)


def evaluation_steps(facts: evaluation.Facts) -> tuple[PlanStep, ...]:
    """Return what happens to an evaluation whose run measures everything."""

    def carry(facts: evaluation.Facts, action: object) -> evaluation.Facts:
        if isinstance(action, Create):
            return dataclasses.replace(facts, is_complete=True)
        model = facts.model or Model("", "Active")
        return dataclasses.replace(facts, model=dataclasses.replace(model, status="Active"))

    return _sequence(evaluation.ROWS, facts, carry)


def gate_steps(facts: quality_gate.Facts) -> tuple[PlanStep, ...]:
    """Return what a gate says."""
    return _sequence(quality_gate.ROWS, facts, lambda facts, _: facts)


def bake_steps(facts: serving_bake.Facts) -> tuple[PlanStep, ...]:
    """Return what a bake does that passes."""

    def carry(facts: serving_bake.Facts, action: object) -> serving_bake.Facts:
        if isinstance(action, Ask):
            return dataclasses.replace(facts, answers="1" * facts.questions)
        return dataclasses.replace(facts, watched=True)

    return _sequence(serving_bake.ROWS, facts, carry)


def presence_steps(facts: Presence) -> tuple[PlanStep, ...]:
    """Return what happens to what shall exist and serve."""
    match facts:
        case provisioned_throughput.ThroughputPresence():
            return _sequence(provisioned_throughput.PRESENCE, facts, _carry_presence)
        case custom_model_deployment.DeploymentPresence():
            return _sequence(custom_model_deployment.PRESENCE, facts, _carry_presence)
        case _:
            assert_never(facts)


def absence_steps(facts: Absence) -> tuple[PlanStep, ...]:
    """Return what happens to what shall no longer serve."""
    match facts:
        case provisioned_throughput.ThroughputAbsence():
            is_refused = facts.found is not None and facts.found.is_in_first_term(facts.now)
            facts = dataclasses.replace(facts, refused=is_refused)
            return _sequence(provisioned_throughput.ABSENCE, facts, _carry_absence)
        case custom_model_deployment.DeploymentAbsence():
            return _sequence(custom_model_deployment.ABSENCE, facts, _carry_absence)
        case _:
            assert_never(facts)


def row_of(facts: Presence) -> str:
    """Return what the ids of the rows begin with that decide about these facts."""
    match facts:
        case provisioned_throughput.ThroughputPresence():
            return provisioned_throughput.KIND.row
        case custom_model_deployment.DeploymentPresence():
            return custom_model_deployment.KIND.row
        case _:
            assert_never(facts)


def created_job(facts: Facts, steps: Sequence[PlanStep], now: datetime) -> Job | None:
    """Return the job as it is after its steps."""
    return _created(facts, now) if any(step.action == "create" for step in steps) else facts.job


def _created(facts: Facts, now: datetime) -> Job:
    return Job(
        arn="",
        status="InProgress",
        role_arn=facts.role_arn,
        training_data_uri=facts.training_data_uri,
        kms_key_arn=facts.kms_key_arn,
        created=now,
        ended=None,
        failure_message="",
        tags=dict(facts.tags),
    )


def _tagged(present: Mapping[str, str], facts: Facts | Presence) -> dict[str, str]:
    """Return tags as they are after a retag, which leaves those that somebody else added."""
    return {**{key: value for key, value in present.items() if key not in facts.tags_gone}, **facts.tags}


def _carry_presence(facts: P, action: object) -> P:
    model = facts.model
    if model is None or model.status != "Active":
        return dataclasses.replace(facts, model=Model(model.arn if model else "", "Active"))
    found = facts.found
    if found is None:
        return _with(facts, _made(facts, model.arn))
    match action:
        case Swap():
            found = _in_service(found, model.arn)
        case Retag() | Adopt():
            found = dataclasses.replace(found, tags=_tagged(found.tags, facts))
        case _:
            # It was waited for: what was asked for before has come to pass.
            found = _in_service(found, found.desired_arn)
    return _with(facts, found)


def _with(facts: S, found: Throughput | Deployment) -> S:
    changes: dict[str, Any] = {"found": found}  # which of the two goes with which facts, `replace` cannot tell
    return dataclasses.replace(facts, **changes)


def _carry_absence(facts: A, action: object) -> A:
    if isinstance(action, Delete) or facts.found is None:
        return dataclasses.replace(facts, found=None)
    return _with(facts, _in_service(facts.found, facts.found.desired_arn))


def _made(facts: Presence, model_arn: str) -> Throughput | Deployment:
    tags = dict(facts.tags)
    match facts:
        case provisioned_throughput.ThroughputPresence():
            return Throughput(
                arn="", name=facts.name, status="InService", model_arn=model_arn, desired_model_arn=model_arn, tags=tags
            )
        case custom_model_deployment.DeploymentPresence():
            return Deployment(arn="", name=facts.name, status="Active", model_arn=model_arn, tags=tags)
        case _:
            assert_never(facts)


def _in_service(found: Throughput | Deployment, model_arn: str) -> Throughput | Deployment:
    match found:
        case Throughput():
            return dataclasses.replace(found, status="InService", model_arn=model_arn, desired_model_arn=model_arn)
        case Deployment():
            return dataclasses.replace(found, status="Active", model_arn=model_arn, update=None)
        case _:
            assert_never(found)


def _sequence(rows: Sequence[DecisionRow[F, Any]], facts: F, carry: Callable[[F, object], F]) -> tuple[PlanStep, ...]:
    steps: list[PlanStep] = []
    while True:
        row, action = _holding(rows, facts)
        if isinstance(action, Done) and steps:
            return tuple(steps)
        steps.append(_step(row, action))
        if isinstance(action, Done | Pass | Refuse):
            return tuple(steps)
        facts = carry(facts, action)


def _holding(rows: Sequence[DecisionRow[F, Any]], facts: F) -> tuple[DecisionRow[F, Any], object]:
    # The order of `decide`, which gives the action without its row.
    row = next(row for row in rows if row.when(facts))
    return row, row.then(facts)


def _step(row: DecisionRow[Any, Any], action: object) -> PlanStep:
    reason = ""
    match action:
        case Refuse(text) | Wait(text) | Done(text) | Pass(text):
            reason = text
        case Create():
            pass
    # What is done already was paid, or is, whether or not anybody deploys.
    pays = AS_BEFORE if isinstance(action, Done) else row.pays
    return PlanStep(row.id, type(action).__name__.lower(), row.does, pays, reason)
