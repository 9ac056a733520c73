"""Drives `Custom::BedrockProvisionedThroughput`: observes, asks the decision table, acts once."""

from typing import Any

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Again, Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources import provisioned_throughput as table
from bedrock_lifecycle.resources.bedrock import Bedrock, Model, owner_tags
from bedrock_lifecycle.resources.model_customization import elapsed, request_token, why_no_model
from bedrock_lifecycle.resources.training import training_name


class ProvisionedThroughput:
    """One throughput, and the custom model that it is to serve."""

    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def reconcile(self, turn: Turn) -> Outcome:
        if turn.request.request_type == "Delete":
            return self._remove(turn, _name_to_delete(turn.request))
        leftover = _abandoned(turn.request)
        if leftover:
            outcome = self._remove(turn, leftover)
            if not isinstance(outcome, Settled):
                return outcome
        return self._provide(turn)

    def undo(self, turn: Turn) -> Outcome:
        return self._remove(turn, turn.entry.created)

    def _provide(self, turn: Turn) -> Outcome:
        properties = turn.request.properties
        name = table.name_of(properties)
        owner = turn.request.stack_owner
        model = self._model_to_serve(properties, turn)
        if model.status != "Active":
            return Waiting(f"the custom model is {model.status}")
        found = self._bedrock.throughput(name)
        match table.decide_presence(name, model.arn, owner, found):
            case table.Create():
                self._refuse_inside_commitment(turn, name)
                turn.about_to_create(name)
                self._create(turn.request, name, model)
                return Waiting(f"Provisioned Throughput {name} is being created")
            case table.SwapModel():
                self._bedrock.client.update_provisioned_model_throughput(
                    provisionedModelId=name, desiredModelId=model.arn
                )
                return Waiting(f"Provisioned Throughput {name} is being moved to the new model")
            case table.Wait(detail):
                return Waiting(detail)
            case table.Refuse(reason):
                return Failed(reason)
            case table.Done(arn):
                return Settled({"ProvisionedModelArn": arn, "ProvisionedModelName": name, "ModelArn": model.arn})
            case table.Delete():
                raise AssertionError("a create or an update never decides to delete")

    def _model_to_serve(self, properties: Properties, turn: Turn) -> Model:
        name = training_name(properties)
        model = self._bedrock.model(name)
        if model:
            return model
        job = self._bedrock.job(name)
        if job is None:
            raise Refusal(f"no training is named {name}: deploy the Training stack first")
        if job.status == "InProgress":
            raise Refusal(
                f"training {name} is still running after {elapsed(job, turn.now)}: run the same deploy again when it "
                "has finished; nothing was bought"
            )
        if job.status == "Completed":
            raise Refusal(f"the model of training {name} was deleted: raise attempt by one to train again")
        raise Refusal(why_no_model(name, job))

    def _refuse_inside_commitment(self, turn: Turn, name: str) -> None:
        """Refuse a replacement while the present throughput is committed: a clean-up delete could only log it."""
        present = PhysicalId.parse(turn.request.physical_id)
        if turn.request.request_type != "Update" or present is None or present.name == name:
            return
        found = self._bedrock.throughput(present.name)
        if found and (commitment := table.commitment_text(present.name, found, turn.now)):
            raise Refusal(f"{commitment}; it cannot be replaced, nothing was bought")

    def _create(self, request: Request, name: str, model: Model) -> None:
        properties = request.properties
        optional: dict[str, Any] = {}
        if commitment_duration := properties.optional_text("CommitmentDuration"):
            optional["commitmentDuration"] = commitment_duration
        self._bedrock.client.create_provisioned_model_throughput(
            provisionedModelName=name,
            modelId=model.arn,
            modelUnits=properties.integer("ModelUnits"),
            # With the request in it: a token of the name alone would be "already served" for a name used before.
            clientRequestToken=request_token(f"{name}/{request.request_id}"),
            tags=owner_tags(
                owner=request.stack_owner,
                environment=properties.text("Environment"),
                own=properties.mapping("Tags"),
            ),
            **optional,
        )

    def _remove(self, turn: Turn, name: str) -> Outcome:
        found = self._bedrock.throughput(name)
        match table.decide_absence(name, turn.request.stack_owner, found, turn.now):
            case table.Delete():
                self._delete(name)
                return Waiting(f"Provisioned Throughput {name} is being deleted")
            case table.Wait(detail):
                return Waiting(detail)
            case table.Refuse(reason):
                return Failed(reason)
            case _:
                return Settled()

    def _delete(self, name: str) -> None:
        try:
            self._bedrock.client.delete_provisioned_model_throughput(provisionedModelId=name)
        except ClientError as error:
            if aws_errors.code(error) == "ConflictException":
                raise Again(aws_errors.sentence(error)) from None
            if not aws_errors.is_not_found(error):
                raise


def _name_to_delete(request: Request) -> str:
    """Return the name in an id of ours, or what the properties give when CloudFormation made the id up."""
    known = PhysicalId.parse(request.physical_id)
    return known.name if known and known.kind == table.KIND else table.name_of(request.properties)


def _abandoned(request: Request) -> str | None:
    """Return the throughput that an abandoned update may have made, when this request is its rollback.

    A rollback reverses the properties, so its *old* ones are those of the attempt: they do not match the physical
    id, which a forward update's always do. CloudFormation does not always send a delete for what the attempt made.
    """
    present = PhysicalId.parse(request.physical_id)
    if request.request_type != "Update" or present is None or "Name" not in request.old_properties:
        return None
    attempted = table.name_of(request.old_properties)
    return attempted if attempted not in (present.name, table.name_of(request.properties)) else None
