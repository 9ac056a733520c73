"""Drives `Custom::BedrockModelCustomization`: observes, asks the decision table, acts once."""

import hashlib
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.contract.model_customization import (
    JOB_ARN,
    TRAINING_ID,
    TRAINING_NAME,
    ModelCustomizationProperties,
)
from bedrock_lifecycle.decisions import model_customization as table
from bedrock_lifecycle.decisions.actions import Create, Done, Refuse, Retag, Stop, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.clock import SEEN_WITHIN
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Again, Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.preflight.desired import DesiredTraining
from bedrock_lifecycle.preflight.facts import TargetLocation
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.readers.reading import Patience
from bedrock_lifecycle.preflight.report import PreflightReport
from bedrock_lifecycle.resources.attempts import model_may_appear, other_attempt
from bedrock_lifecycle.resources.bedrock import Bedrock, as_list, owner_tags, tags_gone

if TYPE_CHECKING:
    from mypy_boto3_bedrock.literals import CustomizationTypeType

KIND = "model-customization"


def physical_id(request: Request) -> PhysicalId:
    return PhysicalId(KIND, ModelProperties(request.properties).training_name)


class ModelCustomization:
    """The job of one training attempt, and the tags of its model."""

    def __init__(self, bedrock: Bedrock, preflight: Preflight) -> None:
        self._bedrock = bedrock
        self._preflight = preflight

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        if turn.request.request_type == "Delete":
            return self._remove(turn)
        desired = ModelCustomizationProperties(turn.request.properties).complete()
        name = desired.training_name
        job = self._bedrock.job(name)
        model = self._bedrock.model(name) if job and job.status == "Completed" else None
        other = None if job or turn.is_rollback else self._other_attempt(turn, desired)
        tags = training_tags(desired, turn.request.stack_owner, self._bedrock.foundation)
        gone = tags_gone(ModelProperties(turn.request.old_properties).tags, desired.tags)
        facts = table.Facts(
            event=turn.request.request_type,
            name=name,
            owner=turn.request.stack_owner,
            job=job,
            model=model,
            model_may_appear=job is not None and model is None and model_may_appear(job, turn.now, turn.entry.began),
            other=other,
            rolling_back=turn.is_rollback,
            role_arn=desired.role_arn,
            kms_key_arn=desired.custom_model_kms_key_arn,
            training_data_uri=desired.training_data_uri,
            tags=tags,
            tags_gone=gone,
            model_tags=self._bedrock.tags(model.arn) if model else None,
            job_is_fresh=job is not None and turn.now - job.created < SEEN_WITHIN,
        )
        match decide(table.ROWS, facts):
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Create():
                return self._create(turn, desired, tags)
            case Retag():
                for arn in (found.arn for found in (model, job) if found):
                    self._bedrock.retag(arn, tags, gone)
        return _settled(desired, job.arn if job else "")

    def _other_attempt(self, turn: Turn, desired: ModelProperties) -> table.Attempt | None:
        unseen = turn.known.unseen(turn.now)
        return other_attempt(self._bedrock, desired, turn.now, unseen=unseen, missed=turn.expects)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a training is never undone: it is paid for and will be adopted")

    def _remove(self, turn: Turn) -> Outcome:
        properties = ModelCustomizationProperties(turn.request.properties)
        name = PhysicalId.named(turn.request.physical_id, KIND) or properties.training_name
        job = self._bedrock.job(name)
        facts = table.Facts(
            event="Delete",
            name=name,
            owner=turn.request.stack_owner,
            job=job,
            stack_goes_for_good=job is not None and job.status == "InProgress" and turn.stack_goes_for_good(),
            stop_on_delete=properties.stop_on_delete,
        )
        match decide(table.ROWS, facts):
            case Stop() if job and self._bedrock.gives_back(job.arn, job.tags):
                return Waiting(f"training run {name} is tagged as this Foundation's again, and then stopped")
            case Stop():
                self._stop(job.arn if job else name)
                return Waiting(f"training run {name} is stopping")
            case Wait(detail):
                return Waiting(detail)
            case Done(detail):
                return Settled(detail=detail)
        raise AssertionError("a delete stops, waits or is done")

    def _create(self, turn: Turn, desired: ModelCustomizationProperties, tags: dict[str, str]) -> Outcome:
        looked = self._look(turn, desired)
        if looked.problems:
            return Failed(looked.refusal())
        optional: dict[str, Any] = {}
        if desired.validation_data_uri:
            optional["validationDataConfig"] = {"validators": [{"s3Uri": desired.validation_data_uri}]}
        if desired.custom_model_kms_key_arn:
            optional["customModelKmsKeyId"] = desired.custom_model_kms_key_arn
        if desired.subnet_ids:
            optional["vpcConfig"] = {
                "subnetIds": list(desired.subnet_ids),
                "securityGroupIds": list(desired.security_group_ids),
            }
        turn.about_to_create(desired.training_name, undoes=False)
        try:
            return _settled(desired, self._create_job(desired, tags, optional), looked.remark())
        except ClientError as error:
            # The name was taken between the look and the call, by a call of ours whose answer was lost: look again.
            if aws_errors.code(error) == "ConflictException":
                raise Again(aws_errors.sentence(error)) from None
            raise

    def _look(self, turn: Turn, desired: ModelCustomizationProperties) -> PreflightReport:
        asked = DesiredTraining.read(desired, desired.training_name)
        place = TargetLocation.of(turn.request.stack_id)
        patience = Patience(fresh=turn.is_fresh, again=turn.looks() == 0)
        return self._preflight.training(asked, place, turn.now, patience)

    def _create_job(self, desired: ModelCustomizationProperties, tags: dict[str, str], optional: dict[str, Any]) -> str:
        name = desired.training_name
        created = self._bedrock.client.create_model_customization_job(
            jobName=name,
            customModelName=name,
            roleArn=desired.role_arn,
            clientRequestToken=request_token(name),
            baseModelIdentifier=desired.base_model,
            customizationType=cast("CustomizationTypeType", desired.customization_type),
            trainingDataConfig={"s3Uri": desired.training_data_uri},
            outputDataConfig={"s3Uri": desired.output_uri},
            hyperParameters=desired.hyper_parameters,
            jobTags=as_list(tags),
            customModelTags=as_list(tags),
            **optional,
        )
        return created["jobArn"]

    def _stop(self, arn: str) -> None:
        try:
            self._bedrock.client.stop_model_customization_job(jobIdentifier=arn)
        except ClientError as error:
            # It ended in between: the next look sees how.
            if aws_errors.code(error) in ("ConflictException", "ValidationException"):
                raise Again(aws_errors.sentence(error)) from None
            raise


def training_tags(desired: ModelProperties, owner: str, foundation: str | None) -> dict[str, str]:
    """Return the tags of a job and of its model."""
    tags = owner_tags(desired, owner=owner, foundation=foundation)
    return {**tags, contract.TAG_TRAINING_ID: desired.training_id}


def _settled(desired: ModelCustomizationProperties, job_arn: str, remark: str = "") -> Settled:
    told = {TRAINING_ID: desired.training_id, TRAINING_NAME: desired.training_name, JOB_ARN: job_arn}
    return Settled(told, remark)


def request_token(name: str) -> str:
    """Return the idempotency token of what carries this name: the same on every retry, unlike botocore's own."""
    return hashlib.sha256(name.encode()).hexdigest()
