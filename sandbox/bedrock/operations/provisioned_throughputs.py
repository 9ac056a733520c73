"""Get, Update, Delete and List of Provisioned Throughputs."""

from typing import Any

from sandbox.bedrock.errors import ServiceError, conflict, invalid, not_found
from sandbox.bedrock.lifecycle import deletion, throughputs
from sandbox.bedrock.operations.call import NOTHING, Call, Params, Result
from sandbox.bedrock.operations.listing import page
from sandbox.bedrock.operations.sight import listed, named
from sandbox.bedrock.operations.throughput_creation import check_name, servable
from sandbox.bedrock.phases import ThroughputStatus
from sandbox.bedrock.resources.leaving import refuse_leaving
from sandbox.bedrock.resources.throughput import Throughput


def get(call: Call, params: Params) -> Result:
    """GetProvisionedModelThroughput."""
    throughput = _existing(call, params)
    return {**_summary(call, throughput), "failureMessage": throughput.failure_message}


def update(call: Call, params: Params) -> Result:
    """UpdateProvisionedModelThroughput: a new name takes effect at once, a new model after a while."""
    throughput = _existing(call, params)
    refuse_leaving("provisioned model", throughput.name, throughput.leaving)
    if throughput.status is not ThroughputStatus.IN_SERVICE:
        raise invalid(f"The provisioned model {throughput.name} is {throughput.status} and cannot be updated")
    name = params.get("desiredProvisionedModelName", throughput.name)
    if name != throughput.name:
        check_name(call, name)
    model_arn = _desired_model(call, throughput, params.get("desiredModelId"))
    if name != throughput.name:
        throughput.name, throughput.modified = name, call.now
    if model_arn != throughput.model_arn:
        throughputs.begin_update(call.simulation, throughput, model_arn, call.now)
    return NOTHING


def delete(call: Call, params: Params) -> Result:
    """DeleteProvisionedModelThroughput."""
    throughput = _existing(call, params)
    refuse_leaving("provisioned model", throughput.name, throughput.leaving)
    if throughput.status is ThroughputStatus.UPDATING:
        raise conflict(f"The provisioned model {throughput.name} is Updating and cannot be deleted")
    refusal = call.assumed.creating_throughput_delete
    if refusal and throughput.status is ThroughputStatus.CREATING:
        raise ServiceError(refusal, f"The provisioned model {throughput.name} is Creating and cannot be deleted")
    if throughput.is_committed(call.now, renewal_binds=call.assumed.renewal_binds):
        end = throughput.commitment_expiration(call.now)
        raise conflict(f"The provisioned model {throughput.name} is committed until {end}")
    deletion.begin(call.simulation, throughput, call.now)
    return NOTHING


def list_all(call: Call, params: Params) -> Result:
    """ListProvisionedModelThroughputs."""
    seen = listed(call, "throughput", call.region.throughputs.values())
    found = [each for each in seen if _matches(each, params)]
    of_page, token = page(found, params)
    return {"provisionedModelSummaries": [_summary(call, each) for each in of_page], "nextToken": token}


def _desired_model(call: Call, throughput: Throughput, identifier: str | None) -> str:
    if identifier is None:
        return throughput.model_arn
    if not throughput.of_custom_model:
        raise invalid("Only a provisioned model of a custom model can be given another model")
    model = servable(call, identifier)
    if model.base != throughput.base:
        raise invalid(f"The model {identifier} is not of the base model {throughput.base.model_id}")
    return model.arn


def _existing(call: Call, params: Params) -> Throughput:
    throughput = named(call, "throughput", call.region.throughputs, params["provisionedModelId"])
    if throughput is None:
        raise not_found(f"The provisioned model {params['provisionedModelId']} was not found")
    return throughput


def _matches(throughput: Throughput, params: Params) -> bool:
    status: str = params.get("statusEquals", throughput.shown_status)
    model_arn: str = params.get("modelArnEquals", throughput.model_arn)
    return status == throughput.shown_status and model_arn == throughput.model_arn


def _summary(call: Call, throughput: Throughput) -> dict[str, Any]:
    return {
        "provisionedModelName": throughput.name,
        "provisionedModelArn": throughput.arn,
        "modelArn": throughput.model_arn,
        "desiredModelArn": throughput.desired_model_arn,
        "foundationModelArn": call.scope.foundation_model_arn(throughput.base.model_id),
        "modelUnits": throughput.model_units,
        "desiredModelUnits": throughput.model_units,
        "status": throughput.shown_status,
        "commitmentDuration": throughput.commitment,
        "commitmentExpirationTime": throughput.commitment_expiration(call.now),
        "creationTime": throughput.created,
        "lastModifiedTime": throughput.modified,
    }
