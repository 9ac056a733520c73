"""The Training stack: the copies of the data files, the job, and the model that the rungs wait for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.dataset.errors import Helps, NotPushed, S3Object
from bedrock_lifecycle.decisions import model_customization, no_model, training_await
from bedrock_lifecycle.decisions.observed import Job, Model
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.report import Problem
from bedrock_lifecycle.resources.attempts import elapsed, other_attempt
from bedrock_lifecycle.resources.bedrock import Bedrock, tags_gone
from bedrock_lifecycle.resources.model_customization import training_tags
from tune.account.templates import UNKNOWN, TemplateResource, of_type
from tune.plan import steps
from tune.plan.planned import JOB, Event, Planned, StackDiff, not_reached
from tune.plan.steps import PlanStep

DATA_FILE: Final = "data file"
SizeOf = Callable[[str, str], int | None]

_COPY = PlanStep(
    "dataset-copy", "create", "check every record and the digest, write it once", "storage in the bucket, by the month"
)
_PRESENT = PlanStep(
    "dataset-present", "done", "check it where it is stored; write nothing", "storage in the bucket, as before"
)


@dataclass(frozen=True)
class TrainingPlan:
    """The Training stack's lines, the job as it is after them, and whether this deploy waits for its model.

    Nothing, where nothing is trained.
    """

    lines: tuple[Planned, ...] = ()
    job: Job | None = None
    waits: bool = False

    @property
    def fails(self) -> bool:
        return any(line.fails for line in self.lines)


def plan(scene: StackDiff, bedrock: Bedrock, size_of: SizeOf) -> TrainingPlan:
    """Return the Training stack's lines and what they lead to; raise BadProperty where there are several trainings."""
    copies = [_data_file(scene, *copy, size_of) for copy in of_type(scene.wanted, contract.DATASET).items()]
    jobs = of_type(scene.wanted, contract.MODEL_CUSTOMIZATION)
    if not jobs:
        return TrainingPlan(tuple(copies))
    if len(jobs) > 1:
        raise BadProperty(f"{scene.name} has {len(jobs)} training runs, not one")
    [(logical_id, resource)] = jobs.items()
    training, job, found = _training(scene, logical_id, resource, bedrock)
    if any(copy.fails for copy in copies):
        training = not_reached(training)
    model = _model(scene, logical_id, training, job, found)
    return TrainingPlan((*copies, training, model), job, waits=model.event is not None)


def _data_file(scene: StackDiff, logical_id: str, resource: TemplateResource, size_of: SizeOf) -> Planned:
    properties = DatasetProperties(scene.properties(resource))
    bucket, key = properties.destination_bucket, properties.destination_key
    size = None if bucket == UNKNOWN else size_of(bucket, key)
    pushed = properties.is_pushed
    missing = _not_pushed(S3Object(bucket, key), scene.push) if pushed else _COPY
    return scene.planned(
        scene.event(logical_id),
        (missing if size is None else _PRESENT,),
        "push the file with this digest again" if pushed else scene.remedy,
        kind=DATA_FILE,
        logical_id=logical_id,
        name=key,
        desired=f"s3://{bucket}/{key}",
        observed="not in the bucket" if size is None else f"in the bucket, {size:,} bytes",
    )


def _not_pushed(where: S3Object, push: str) -> PlanStep:
    return PlanStep("dataset-not-pushed", "refuse", "fail", "nobody", NotPushed(where).told(Helps(push=push)))


def _training(
    scene: StackDiff, logical_id: str, resource: TemplateResource, bedrock: Bedrock
) -> tuple[Planned, Job | None, Model | None]:
    """Return the job's line, the job as it is after it, and the model that it has now."""
    desired = ModelCustomizationProperties(scene.properties(resource)).complete()
    name, event = desired.training_name, scene.event(logical_id)
    job = bedrock.job(name)
    model = bedrock.model(name) if job and job.status == "Completed" else None
    facts = model_customization.Facts(
        event=event or "Update",
        name=name,
        owner=scene.owner,
        job=job,
        model=model,
        other=None if job else other_attempt(bedrock, desired, scene.now, missed=lambda _name: scene.now),
        role_arn=desired.role_arn,
        kms_key_arn=desired.custom_model_kms_key_arn,
        training_data_uri=desired.training_data_uri,
        tags=training_tags(desired, scene.owner, scene.foundation),
        tags_gone=tags_gone(ModelProperties(scene.old_properties(logical_id)).tags, desired.tags),
        model_tags=bedrock.tags(model.arn) if model else None,
    )
    found = steps.job_steps(facts, scene.now)
    if job is None:
        found = _checked(found, desired, bedrock, scene.now)
    line = scene.planned(
        event,
        found,
        kind=JOB,
        logical_id=logical_id,
        name=name,
        desired=f"trains {desired.base_model}",
        observed=_seen_job(scene, name, job),
    )
    return line, steps.created_job(facts, line.steps, scene.now), model


def _model(scene: StackDiff, job_id: str, before: Planned, job: Job | None, model: Model | None) -> Planned:
    rungs = of_type(scene.wanted, contract.TRAINING_AWAIT)
    logical_id = next(iter(rungs), "")
    line = Planned(
        kind="custom model",
        stack=scene.name,
        logical_id=logical_id,
        name=before.name,
        desired="Active" if rungs else "no deploy waits for it (max_training_hours = 0)",
        observed=model.status if model else "none",
    )
    event = None if before.fails or not rungs else _rung_event(scene, job_id, logical_id, before.name)
    if not event:
        return line
    ran = elapsed(job, scene.now) if job else ""
    late = job is not None and job.is_late(scene.now)
    facts = training_await.Facts(event=event, name=before.name, job=job, model=model, late=late, ran=ran)
    step = steps.await_step(facts)
    return replace(line, event=event, steps=(replace(step, reason="") if before.creates else step,))


def _rung_event(scene: StackDiff, job_id: str, rung_id: str, name: str) -> Event | None:
    event = scene.event(rung_id)
    if event:
        return event
    # Its template says "the name that the job gives": the event comes when that is another one.
    held = PhysicalId.parse(scene.held(job_id))
    return None if held and held.name == name else "Update"


def _checked(
    found: tuple[PlanStep, ...], desired: ModelCustomizationProperties, bedrock: Bedrock, now: datetime
) -> tuple[PlanStep, ...]:
    """Look at the base model, without which there is no new job; `tune preflight` looks at everything."""
    preflight = Preflight(lambda _: bedrock.client)
    verdict = preflight.base_model(desired.base_model, desired.customization_type, now)
    if not isinstance(verdict, Problem):
        return found
    return tuple(
        replace(step, action="refuse", reason=verdict.text) if step.action == "create" else step for step in found
    )


def _seen_job(scene: StackDiff, name: str, job: Job | None) -> str:
    if job is None:
        return "none"
    if job.is_late(scene.now):
        return no_model.not_started(name, elapsed(job, scene.now))
    preposition = "after" if job.ended else "for"
    return f"{job.status} {preposition} {elapsed(job, scene.now)}"
