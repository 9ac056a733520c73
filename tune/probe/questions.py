"""How an account is asked: the reads of each entry of the register that is free to ask."""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from bedrock_lifecycle.engine.clock import service_time
from bedrock_tuning.base_models import BaseModels
from tune.probe import verdicts
from tune.probe.reads import Reads, Refused, Reply, Told, Unanswered
from tune.probe.verdicts import Verdict

_BEDROCK: Final = "bedrock"
_MODELS_AT_MOST: Final = 10


class _Kind(NamedTuple):
    """How a kind of thing is listed, and how it is found: operations, members and parameters."""

    listing: str
    member: str
    name: str
    get: str
    parameter: str


_KINDS: Final = (
    _Kind(
        "ListModelCustomizationJobs",
        "modelCustomizationJobSummaries",
        "jobName",
        "GetModelCustomizationJob",
        "jobIdentifier",
    ),
    _Kind("ListCustomModels", "modelSummaries", "modelName", "GetCustomModel", "modelIdentifier"),
    _Kind(
        "ListProvisionedModelThroughputs",
        "provisionedModelSummaries",
        "provisionedModelName",
        "GetProvisionedModelThroughput",
        "provisionedModelId",
    ),
    _Kind(
        "ListCustomModelDeployments",
        "modelDeploymentSummaries",
        "customModelDeploymentName",
        "GetCustomModelDeployment",
        "customModelDeploymentIdentifier",
    ),
)


@dataclass(frozen=True)
class Asking:
    """What a question is asked with: an account, its Region, and a name that nobody there has."""

    reads: Reads
    region: str
    nobody: str

    def bedrock(self, operation: str, **params: Any) -> Reply:
        """Ask Bedrock."""
        return self.reads.read(_BEDROCK, operation, **params)

    def tunable(self) -> Iterator[str]:
        """Yield the ids of the base models that can be tuned in the Region, as the profiles know them."""
        return (profile.id for profile in BaseModels.shipped() if self.region in profile.regions)


@dataclass(frozen=True)
class ProbeQuestion:
    """How one entry is asked, and what that takes: `actions` of IAM."""

    ask: Callable[[Asking], Verdict]
    actions: tuple[str, ...]


def _unknown(kind: _Kind) -> ProbeQuestion:
    def ask(asking: Asking) -> Verdict:
        return verdicts.error_of(asking.bedrock(kind.get, **{kind.parameter: asking.nobody}))

    return ProbeQuestion(ask, (f"bedrock:{kind.get}",))


def _unknown_foundation_model(asking: Asking) -> Verdict:
    return verdicts.error_of(asking.bedrock("GetFoundationModel", modelIdentifier=f"amazon.{asking.nobody}-v1:0"))


def _found_by_name(asking: Asking) -> Verdict:
    return verdicts.found_by_name([look for kind in _KINDS for look in _look(asking, kind)])


def _look(asking: Asking, kind: _Kind) -> Iterator[Reply]:
    listed = asking.bedrock(kind.listing)
    if isinstance(listed, Told):
        for each in listed.members.get(kind.member, [])[:1]:
            yield asking.bedrock(kind.get, **{kind.parameter: each[kind.name]})
    else:
        yield _no_answer(listed)


def _empty_lists(asking: Asking) -> Verdict:
    asked = {each.member: asking.bedrock(each.listing, nameContains=asking.nobody) for each in _KINDS}
    return verdicts.empty_lists(asked)


def _base_model_arn(asking: Asking) -> Verdict:
    listed = asking.bedrock("ListCustomModels")
    if not isinstance(listed, Told):
        return _no_answer(listed)
    arns = [each["modelArn"] for each in listed.members.get("modelSummaries", [])[:_MODELS_AT_MOST]]
    return verdicts.base_model_arn([asking.bedrock("GetCustomModel", modelIdentifier=arn) for arn in arns])


def _authorization(asking: Asking) -> Verdict:
    ids = {_whole(model) for model in asking.tunable()}
    return verdicts.authorization(
        [asking.bedrock("GetFoundationModelAvailability", modelId=each) for each in sorted(ids)]
    )


def _variant_tunable(asking: Asking) -> Verdict:
    variants = [model for model in asking.tunable() if model != _whole(model)]
    return verdicts.variant_tunable(
        {model: asking.bedrock("GetFoundationModel", modelIdentifier=model) for model in variants},
        {model: asking.bedrock("GetFoundationModel", modelIdentifier=_whole(model)) for model in variants},
    )


def _end_of_life_read(asking: Asking) -> Verdict:
    now = _now(asking)
    if isinstance(now, Unanswered):
        return now
    over = [
        profile.id
        for profile in BaseModels.shipped()
        if asking.region in profile.regions
        and profile.lifecycle
        and profile.lifecycle.end_of_life
        and profile.lifecycle.end_of_life < now.date()
    ]
    return verdicts.end_of_life_read(
        [asking.bedrock("GetFoundationModel", modelIdentifier=_whole(each)) for each in over], now
    )


def _quota_endpoint(asking: Asking) -> Verdict:
    prefix = "cn." if asking.region.startswith("cn-") else ""
    name = f"{prefix}com.amazonaws.{asking.region}.servicequotas"
    return verdicts.quota_endpoint(asking.reads.read("ec2", "DescribeVpcEndpointServices", ServiceNames=[name]))


def _now(asking: Asking) -> datetime | Unanswered:
    """Return the service's own time."""
    reply = asking.bedrock("ListCustomModels", nameContains=asking.nobody)
    return service_time(reply.members) if isinstance(reply, Told) else _no_answer(reply)


def _no_answer(reply: Refused | Unanswered) -> Unanswered:
    return reply if isinstance(reply, Unanswered) else Unanswered(f"a list was answered with {reply.code}")


def _whole(base_model_id: str) -> str:
    """Return an id without its context length."""
    return ":".join(base_model_id.split(":")[:2])


_LISTS: Final = tuple(f"bedrock:{each.listing}" for each in _KINDS)
_GETS: Final = tuple(f"bedrock:{each.get}" for each in _KINDS)
_NAMED: Final = ("job", "model", "throughput", "deployment")
_GET_FOUNDATION_MODEL: Final = "bedrock:GetFoundationModel"

QUESTIONS: Final[Mapping[str, ProbeQuestion]] = {
    **{f"unknown-{kind}": _unknown(its) for kind, its in zip(_NAMED, _KINDS, strict=True)},
    "unknown-foundation-model": ProbeQuestion(_unknown_foundation_model, (_GET_FOUNDATION_MODEL,)),
    "found-by-name": ProbeQuestion(_found_by_name, (*_LISTS, *_GETS)),
    "empty-lists": ProbeQuestion(_empty_lists, _LISTS),
    "base-model-arn": ProbeQuestion(_base_model_arn, ("bedrock:ListCustomModels", "bedrock:GetCustomModel")),
    "authorization": ProbeQuestion(_authorization, ("bedrock:GetFoundationModelAvailability",)),
    "variant-tunable": ProbeQuestion(_variant_tunable, (_GET_FOUNDATION_MODEL,)),
    "end-of-life-read": ProbeQuestion(_end_of_life_read, ("bedrock:ListCustomModels", _GET_FOUNDATION_MODEL)),
    "quota-endpoint": ProbeQuestion(_quota_endpoint, ("ec2:DescribeVpcEndpointServices",)),
}


@functools.cache
def actions() -> tuple[str, ...]:
    """Return every action that the probe needs, sorted."""
    return tuple(sorted({action for question in QUESTIONS.values() for action in question.actions}))
