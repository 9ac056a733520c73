"""What a `modelId` of InvokeModel and Converse stands for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.bedrock.answers.corpus import Corpus
from sandbox.bedrock.catalogue import ON_DEMAND, FoundationModel
from sandbox.bedrock.errors import ServiceError, invalid, not_found
from sandbox.bedrock.operations.base_models import (
    authorization_fault,
    foundation_model,
    refuse_without_access,
    without_access,
)
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.phases import DeploymentStatus, ThroughputStatus


@dataclass(frozen=True)
class AnsweringModel:
    """What answers.

    base: the foundation model.
    asked_as: the id or ARN that it is metered by.
    names: by which it is known, the one that its answers depend on first.
    quota_of: whose requests and tokens in a minute are bounded together, see `rates.toml`; None: nobody's.
    corpus: what it was taught, if it is tuned.
    """

    base: FoundationModel
    asked_as: str
    names: tuple[str, ...]
    quota_of: str | None = None
    corpus: Corpus | None = None

    @property
    def is_tuned(self) -> bool:
        """Whether it is a custom model."""
        return self.corpus is not None


def resolve(call: Call, identifier: str) -> AnsweringModel:
    """Return what answers to an id or ARN; raise what the service says when nothing does, or nobody is let in."""
    target = _resolved(call, identifier)
    fault = authorization_fault(target.base.model_id, call)
    if fault and fault.enforced:
        raise without_access(target.base)
    return target


def _resolved(call: Call, identifier: str) -> AnsweringModel:
    for kind, of_kind in _BY_ARN.items():
        if f":{kind}/" in identifier:
            return of_kind(call, identifier)
    profile = identifier.removeprefix(call.scope.arn("inference-profile/"))
    if across_regions := call.simulation.catalogue.by_profile(profile, call.scope.region, call.now):
        refuse_without_access(across_regions, call)
        return AnsweringModel(across_regions, profile, (across_regions.model_id, profile), profile)
    base = foundation_model(call, identifier)
    if base is None:
        raise invalid("The provided model identifier is invalid.")
    if ON_DEMAND not in base.inference_types:
        # A context variant is there to be tuned or provisioned; the id without it is served on demand, or by a profile.
        raise invalid(f"Invocation of model ID {base.model_id} with on-demand throughput isn't supported.")
    refuse_without_access(base, call)
    return AnsweringModel(base, base.model_id, (base.model_id,), base.model_id)


def _tuned(
    call: Call, base: FoundationModel, model_arn: str, asked_as: str, quota_of: str | None = None
) -> AnsweringModel:
    """Return a base model with what the custom model of an ARN was taught, or what a throughput of itself answers."""
    custom = call.region.models.get(model_arn)
    names = (custom.name, model_arn) if custom else (base.without_context,)
    return AnsweringModel(base, asked_as, names, quota_of, custom.corpus if custom else None)


def _provisioned(call: Call, arn: str) -> AnsweringModel:
    throughput = call.region.throughputs.get(arn)
    if throughput is None or throughput.deleted or _is_over(call, throughput.base):
        raise not_found(f"The provisioned model {arn} was not found")
    if throughput.status not in {ThroughputStatus.IN_SERVICE, ThroughputStatus.UPDATING}:
        raise ServiceError("ModelNotReadyException", f"The provisioned model {arn} is {throughput.status}")
    return _tuned(call, throughput.base, throughput.model_arn, arn)


def _deployed(call: Call, arn: str) -> AnsweringModel:
    deployment = call.region.deployments.get(arn)
    if deployment is None or deployment.deleted or _is_over(call, deployment.base):
        raise not_found(f"The custom model deployment {arn} was not found")
    if deployment.status is not DeploymentStatus.ACTIVE:
        raise ServiceError("ModelNotReadyException", f"The custom model deployment {arn} is {deployment.status}")
    if deployment.is_updating and not call.assumed.serves_while_updating:
        raise ServiceError("ModelNotReadyException", f"The custom model deployment {arn} is being updated")
    of = f"custom/{deployment.base.without_context}"
    return _tuned(call, deployment.base, deployment.model_arn, arn, of)


def _is_over(call: Call, base: FoundationModel) -> bool:
    return base.lifecycle.is_over(call.now) and not call.assumed.serves_past_end_of_life


_BY_ARN: Final[Mapping[str, Callable[[Call, str], AnsweringModel]]] = {
    "provisioned-model": _provisioned,
    "custom-model-deployment": _deployed,
}
