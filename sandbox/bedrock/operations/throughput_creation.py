"""CreateProvisionedModelThroughput."""

from dataclasses import dataclass

from sandbox.bedrock.catalogue import PROVISIONED, FoundationModel
from sandbox.bedrock.errors import ServiceError, invalid, not_found, quota_exceeded
from sandbox.bedrock.lifecycle import throughputs
from sandbox.bedrock.operations import model_keys, tags
from sandbox.bedrock.operations.base_models import foundation_model, refuse_legacy
from sandbox.bedrock.operations.call import Call, Params, Result
from sandbox.bedrock.resources.region import find
from sandbox.bedrock.resources.throughput import Throughput


@dataclass(frozen=True)
class Servable:
    """A model that a throughput can serve."""

    arn: str
    base: FoundationModel
    is_custom: bool


def create(call: Call, params: Params) -> Result:
    """Buy a throughput, or return the one that an earlier request with the same token bought and that still exists."""
    token = params.get("clientRequestToken")
    for throughput in call.region.throughputs.values() if call.assumed.honours_tokens else ():
        if token is not None and throughput.client_request_token == token and throughput.deleted is None:
            return {"provisionedModelArn": throughput.arn}
    check_name(call, params["provisionedModelName"])
    model = servable(call, params["modelId"])
    refuse_legacy(model.base, call, "CreateProvisionedModelThroughput", "a new Provisioned Throughput")
    purchase_tags = tags.checked(params.get("tags", []), params["provisionedModelName"])
    if model.is_custom:
        model_keys.check(call, call.region.models[model.arn])
    _check_quota(call, model, params["modelUnits"], committed="commitmentDuration" in params)
    throughput = _new_throughput(call, params, model)
    call.region.throughputs[throughput.arn] = throughput
    call.region.tags[throughput.arn] = purchase_tags
    throughputs.begin_creation(call.simulation, throughput)
    return {"provisionedModelArn": throughput.arn}


def check_name(call: Call, name: str) -> None:
    """Refuse a name that is taken."""
    if any(throughput.name == name for throughput in call.region.throughputs.values()):
        raise ServiceError(call.assumed.taken_name_error, f"A provisioned model with the name {name} already exists")


def servable(call: Call, identifier: str) -> Servable:
    """Return the model that a request names: a custom model, or a context variant of a foundation model."""
    custom = find(call.region.models, identifier)
    if custom is not None:
        return _provisionable(Servable(custom.arn, custom.base, is_custom=True))
    base = foundation_model(call, identifier)
    if base is None:
        raise not_found(f"The model {identifier} was not found")
    return _provisionable(Servable(call.scope.foundation_model_arn(base.model_id), base, is_custom=False))


def _provisionable(model: Servable) -> Servable:
    if PROVISIONED not in model.base.inference_types:
        raise invalid(f"The model {model.base.model_id} does not support Provisioned Throughput")
    return model


def _check_quota(call: Call, model: Servable, model_units: int, *, committed: bool) -> None:
    quotas = call.simulation.quotas.of(call.scope)
    total = quotas.custom_model_units if model.is_custom else quotas.base_model_units
    held = sum(
        each.model_units
        for each in call.region.throughputs.values()
        if each.of_custom_model == model.is_custom and each.commitment is None
    )
    if not committed and held + model_units > total:
        raise quota_exceeded(f"{model_units} model units were requested and {held} are in use, the quota is {total}")
    own = quotas.model_units_per_throughput
    single = quotas.custom_model_units if own is None else own
    if model.is_custom and model_units > single:
        raise quota_exceeded(f"{model_units} model units were requested, the quota of a provisioned model is {single}")


def _new_throughput(call: Call, params: Params, model: Servable) -> Throughput:
    region, name = call.region, params["provisionedModelName"]
    # A name can be used again after a deletion; the ARN of the second one is another.
    ordinal = sum(each.created_as == name for each in (*region.throughputs.values(), *region.past_throughputs))
    return Throughput(
        scope=call.scope,
        arn=call.scope.arn(f"provisioned-model/{call.scope.generated_id('throughput', name, str(ordinal))}"),
        name=name,
        created_as=name,
        model_units=params["modelUnits"],
        model_arn=model.arn,
        desired_model_arn=model.arn,
        base=model.base,
        of_custom_model=model.is_custom,
        client_request_token=params.get("clientRequestToken"),
        commitment=params.get("commitmentDuration"),
        term=call.assumed.term(params.get("commitmentDuration")),
        created=call.now,
        modified=call.now,
        due=None,
    )
