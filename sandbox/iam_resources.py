"""Which resources a Bedrock request touches, in IAM's terms.

MiniStack checks one resource a request and knows few of Bedrock's; a create is checked on all that it names.
Source: service authorization reference for Amazon Bedrock, and for creating a job also the refusals seen in public
threads, which name the customization job.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.bedrock.catalogue import load_catalogue
from sandbox.bedrock.wire.routing import match

Json = Mapping[str, Any]

# Members of requests that give tags to what is made or named.
_GIVEN_TAGS: Final = ("tags", "jobTags", "customModelTags")
_MADE: Final = {
    "CreateModelCustomizationJob": ("model-customization-job", "custom-model"),
    "CreateProvisionedModelThroughput": ("provisioned-model",),
    "CreateCustomModelDeployment": ("custom-model-deployment",),
}


def touched(service: str, method: str, path: str, body: bytes, region: str, account: str) -> list[str]:
    """Return the ARNs that a request must be allowed on; `*` for an action without resource types."""
    found = match(service, method, path)
    if found is None or found.operation.name not in _RESOURCES:
        return ["*"]
    labels = dict(found.labels)
    return _RESOURCES[found.operation.name](_Names(region, account), labels, _parsed(body))


def tagged_at_creation(service: str, method: str, path: str, body: bytes, region: str, account: str) -> list[str]:
    """Return the ARNs that a create must be allowed to tag, besides: those of what it makes, when tags are sent."""
    found, asked = match(service, method, path), _parsed(body)
    if found is None or not any(asked.get(member) for member in _GIVEN_TAGS):
        return []
    names = _Names(region, account)
    return [names.own(kind, "new") for kind in _MADE.get(found.operation.name, ())]


def request_tags(body: bytes) -> dict[str, Any]:
    """Return what a request to Bedrock says of tags, as IAM's conditions name it.

    That it is so of every list of tags in a request is assumed (`job-request-tags` in the register).
    """
    asked = _parsed(body)
    given = {tag["key"]: tag["value"] for member in _GIVEN_TAGS for tag in asked.get(member) or ()}
    keys = [*given, *(asked.get("tagKeys") or ())]
    context: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return {**context, "aws:TagKeys": keys} if keys else {}


def through_profile(service: str, method: str, path: str, region: str, account: str) -> dict[str, Any]:
    """Return by which inference profile a model is asked, as IAM's conditions on the model name it."""
    found = match(service, method, path)
    asked = found.labels.get("modelId", "") if found else ""
    if not load_catalogue().profile_regions(asked.rpartition("/")[2]):
        return {}
    return {"bedrock:InferenceProfileArn": _Names(region, account).own("inference-profile", asked)}


def quota(body: bytes, region: str, account: str) -> str:
    """Return the quota that a request to Service Quotas must be allowed on, `*` for one that names none."""
    asked = _parsed(body)
    if "QuotaCode" not in asked:
        return "*"
    return f"arn:aws:servicequotas:{region}:{account}:{asked.get('ServiceCode')}/{asked['QuotaCode']}"


def _parsed(body: bytes) -> Json:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, Mapping) else {}


class _Names:
    def __init__(self, region: str, account: str) -> None:
        self._prefix = f"arn:aws:bedrock:{region}"
        self._account = account

    def own(self, kind: str, name: str) -> str:
        return name if name.startswith("arn:") else f"{self._prefix}:{self._account}:{kind}/{name}"

    def foundation_model(self, name: str) -> str:
        return name if name.startswith("arn:") else f"{self._prefix}::foundation-model/{name}"


def _create_job(names: _Names, _labels: Json, body: Json) -> list[str]:
    base = str(body.get("baseModelIdentifier", ""))
    new = f"{base}/new"
    return [
        names.foundation_model(base),
        names.own("custom-model", new),
        names.own("model-customization-job", new),
    ]


def _create_throughput(names: _Names, _labels: Json, body: Json) -> list[str]:
    return [names.own("custom-model", str(body.get("modelId", "")))]


def _update_throughput(names: _Names, labels: Json, body: Json) -> list[str]:
    model = [names.own("custom-model", body["desiredModelId"])] if "desiredModelId" in body else []
    return [names.own("provisioned-model", labels["provisionedModelId"]), *model]


def _create_deployment(names: _Names, _labels: Json, body: Json) -> list[str]:
    return [names.own("custom-model", str(body.get("modelArn", ""))), names.own("custom-model-deployment", "new")]


def _update_deployment(names: _Names, labels: Json, body: Json) -> list[str]:
    deployment = names.own("custom-model-deployment", labels["customModelDeploymentIdentifier"])
    return [deployment, names.own("custom-model", str(body.get("modelArn", "")))]


def _labelled(kind: str, label: str) -> Callable[[_Names, Json, Json], list[str]]:
    return lambda names, labels, _body: [names.own(kind, labels[label])]


def _tagged(_names: _Names, _labels: Json, body: Json) -> list[str]:
    return [str(body.get("resourceARN", "*"))]


def _invoked(names: _Names, labels: Json, _body: Json) -> list[str]:
    """Name what answers; for an inference profile also the model in each of its Regions (inference-profiles-prereq)."""
    asked = labels["modelId"]
    profile = asked.rpartition("/")[2]
    if regions := load_catalogue().profile_regions(profile):
        models = [f"arn:aws:bedrock:{region}::foundation-model/{profile.partition('.')[2]}" for region in regions]
        return [names.own("inference-profile", asked), *models]
    return [names.foundation_model(asked)]


_RESOURCES: Final[Mapping[str, Callable[[_Names, Json, Json], list[str]]]] = {
    "CreateModelCustomizationJob": _create_job,
    "GetModelCustomizationJob": _labelled("model-customization-job", "jobIdentifier"),
    "StopModelCustomizationJob": _labelled("model-customization-job", "jobIdentifier"),
    "GetCustomModel": _labelled("custom-model", "modelIdentifier"),
    "DeleteCustomModel": _labelled("custom-model", "modelIdentifier"),
    "CreateProvisionedModelThroughput": _create_throughput,
    "GetProvisionedModelThroughput": _labelled("provisioned-model", "provisionedModelId"),
    "UpdateProvisionedModelThroughput": _update_throughput,
    "DeleteProvisionedModelThroughput": _labelled("provisioned-model", "provisionedModelId"),
    "CreateCustomModelDeployment": _create_deployment,
    "GetCustomModelDeployment": _labelled("custom-model-deployment", "customModelDeploymentIdentifier"),
    "UpdateCustomModelDeployment": _update_deployment,
    "DeleteCustomModelDeployment": _labelled("custom-model-deployment", "customModelDeploymentIdentifier"),
    "GetFoundationModel": lambda names, labels, _body: [names.foundation_model(labels["modelIdentifier"])],
    "ListTagsForResource": _tagged,
    "TagResource": _tagged,
    "UntagResource": _tagged,
    "InvokeModel": _invoked,
    "Converse": _invoked,
}
