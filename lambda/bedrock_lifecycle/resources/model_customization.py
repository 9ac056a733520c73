"""The customization job: adopted when it exists, created when it does not, never replaced in silence."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Turn, in_words
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Bedrock, Job, Model, owner_tags
from bedrock_lifecycle.resources.training import Training, training_name

KIND = "model-customization"


@dataclass(frozen=True)
class Create:
    """No job has this name: create it, after the checks that go before something billable."""


@dataclass(frozen=True)
class Adopt:
    """The job is there and is ours: nothing is paid for again."""

    job_arn: str


@dataclass(frozen=True)
class Refuse:
    reason: str


Decision = Create | Adopt | Refuse


def physical_id(request: Request) -> PhysicalId:
    return PhysicalId(KIND, training_name(request.properties))


def decide(desired: Training, owner: str, job: Job | None, model: Model | None) -> Decision:
    """Decide what a create or an update does, from what is desired and what exists."""
    if job is None:
        return Create()
    if contract.TAG_OWNER not in job.tags:
        return Refuse(
            f"a customization job named {desired.name} exists that this project did not make; choose another name"
        )
    if job.tags[contract.TAG_OWNER] != owner and (difference := _difference(desired, job)):
        return Refuse(f"customization job {desired.name} was made by {job.tags[contract.TAG_OWNER]} {difference}")
    if job.status in ("Failed", "Stopped", "Stopping"):
        return Refuse(why_no_model(desired.name, job))
    if job.status == "Completed" and model is None:
        return Refuse(
            f"the model of training {desired.name} was deleted, and Bedrock never frees a job's name; "
            "raise attempt by one to train again"
        )
    return Adopt(job.arn)


def _difference(desired: Training, job: Job) -> str:
    for what, ours, theirs in (
        ("role", desired.role_arn, job.role_arn),
        ("key", desired.kms_key_arn, job.kms_key_arn),
        ("training data", desired.training_data_uri, job.training_data_uri),
    ):
        if ours != theirs:
            return f"with {what} {theirs}, and this stack's is {ours}"
    return ""


def why_no_model(name: str, job: Job) -> str:
    """Return why a training that ended has no model, and what to do."""
    verb = "failed" if job.status == "Failed" else "was stopped"
    why = f": {job.failure_message}" if job.failure_message else ""
    return f"training {name} {verb}{why} (mend the cause, then raise attempt by one to train again)"


def elapsed(job: Job, now: datetime) -> str:
    return in_words((job.ended or now) - job.created)


class ModelCustomization:
    """Drives `Custom::BedrockModelCustomization`."""

    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def reconcile(self, turn: Turn) -> Outcome:
        if turn.request.request_type == "Delete":
            # A fixed cost runs on and is adopted by the next deploy; the model, once it exists, is kept.
            return Settled(detail="the job, if it still runs, and the model are kept")
        desired = Training.read(turn.request.properties)
        owner = turn.request.stack_owner
        job = self._bedrock.job(desired.name)
        model = self._bedrock.model(desired.name) if job and job.status == "Completed" else None
        match decide(desired, owner, job, model):
            case Refuse(reason):
                return Failed(reason)
            case Create():
                job_arn = self._create(desired, owner)
            case Adopt(job_arn):
                pass
        return Settled(
            {"TrainingId": desired.training_id, "TrainingName": desired.name, "JobArn": job_arn},
        )

    def undo(self, turn: Turn) -> Outcome:
        raise Refusal("a training is never undone: it is a fixed cost and will be adopted")

    def _create(self, desired: Training, owner: str) -> str:
        self._bedrock.check_base_model(desired.base_model)
        tags = owner_tags(
            owner=owner, environment=desired.environment, training_id=desired.training_id, own=desired.tags
        )
        optional: dict[str, Any] = {}
        if desired.validation_data_uri:
            optional["validationDataConfig"] = {"validators": [{"s3Uri": desired.validation_data_uri}]}
        if desired.kms_key_arn:
            optional["customModelKmsKeyId"] = desired.kms_key_arn
        created = self._bedrock.client.create_model_customization_job(
            jobName=desired.name,
            customModelName=desired.name,
            roleArn=desired.role_arn,
            clientRequestToken=request_token(desired.name),
            baseModelIdentifier=desired.base_model,
            customizationType="FINE_TUNING",
            trainingDataConfig={"s3Uri": desired.training_data_uri},
            outputDataConfig={"s3Uri": desired.output_uri},
            hyperParameters=dict(desired.hyper_parameters),
            jobTags=tags,
            customModelTags=tags,
            **optional,
        )
        return created["jobArn"]


def request_token(name: str) -> str:
    """Return the idempotency token of what carries this name: the same on every retry, unlike botocore's own."""
    return hashlib.sha256(name.encode()).hexdigest()
