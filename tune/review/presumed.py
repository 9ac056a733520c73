"""Bedrock as it is once the base is deployed and well: what the lifecycle's decisions are asked about without AWS.

It answers as boto3's client does, so that the code which plans a deploy on an account plans one on it too. What
templates do not tell, it does not know: whether a training ever ran that the base does not ask for, for one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.contract.served_model import (
    CustomModelDeploymentProperties,
    ProvisionedThroughputProperties,
    ServedModelProperties,
)
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources import (
    custom_model_deployment,
    model_customization,
    promoted_model,
    provisioned_throughput,
)
from bedrock_lifecycle.resources.bedrock import as_list, owner_tags
from bedrock_lifecycle.resources.model_customization import training_tags
from tune.account.location import Location
from tune.account.stacks import Stack
from tune.account.templates import Template, TemplateResource, resolved

# Some moment long after everything was made; nothing here depends on the day on which somebody looks.
NOW: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MADE: Final = datetime(1999, 1, 1, tzinfo=UTC)
_TERM_ENDS: Final = datetime(2001, 1, 1, tzinfo=UTC)


class PresumedWorld:
    """What stands in one account and Region. Has the methods of boto3's `bedrock` client that a plan calls."""

    def __init__(
        self, place: Location, *, in_term: bool = False, has_trained: bool = True, has_baked: bool = True
    ) -> None:
        """Begin with nothing.

        in_term: Whether what was bought with a commitment is inside its term.
        has_trained: Whether trainings have made their models; they have failed otherwise.
        has_baked: Whether models have passed a bake that no template of the base asks for.
        """
        self._baked: set[str] = set()
        self._has_baked = has_baked
        self._has_trained = has_trained
        self._place = place
        self._in_term = in_term
        self._jobs: dict[str, dict[str, Any]] = {}
        self._models: dict[str, dict[str, Any]] = {}
        self._served: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in contract.SERVING_TYPES}
        self._tags: dict[str, list[Any]] = {}

    def deploy(self, name: str, template: Template, foundation: str, known: Mapping[str, str]) -> Stack:
        """Make what a stack of the base has made, and return the stack."""
        owner, held = self._place.stack_owner(name), {}
        for logical_id, resource in template.items():
            properties = Properties(resolved(resource.properties, known))
            held[logical_id] = self._make(logical_id, resource, properties, owner, foundation)
        return Stack(name, f"{owner}/presumed", "CREATE_COMPLETE", held)

    def _make(
        self, logical_id: str, resource: TemplateResource, properties: Properties, owner: str, foundation: str
    ) -> str:
        match resource.type:
            case contract.MODEL_CUSTOMIZATION:
                training = ModelCustomizationProperties(properties)
                self._train(training, owner, foundation)
                return str(PhysicalId(model_customization.KIND, training.training_name))
            case contract.PROMOTED_MODEL:
                given = PromotedModelProperties(properties)
                self.promote(given, is_held=True)
                return str(PhysicalId(promoted_model.KIND, f"{given.name}-{given.environment}"))
            case contract.PROVISIONED_THROUGHPUT:
                bought = ProvisionedThroughputProperties(properties)
                return self._serve(resource.type, provisioned_throughput.KIND, bought, logical_id, owner, foundation)
            case contract.CUSTOM_MODEL_DEPLOYMENT:
                asked = CustomModelDeploymentProperties(properties)
                return self._serve(resource.type, custom_model_deployment.KIND, asked, logical_id, owner, foundation)
            case contract.SERVING_BAKE:
                self._baked.add(ServingBakeProperties(properties).model)
                return logical_id
            case kind if kind in contract.SERVING_TYPES:
                raise AssertionError(
                    f"{logical_id}: {kind} serves, and nothing is presumed of it; add it to PresumedWorld"
                )
            case _:
                return logical_id

    def _train(self, its: ModelCustomizationProperties, owner: str, foundation: str) -> None:
        name = its.training_name
        job, model = self._arn("model-customization-job", name), self._arn("custom-model", name)
        tags = as_list(training_tags(its, owner, foundation))
        self._tags |= {job: tags, model: tags}
        self._jobs[name] = {
            "jobArn": job,
            "jobName": name,
            "status": "Completed" if self._has_trained else "Failed",
            "roleArn": its.role_arn,
            "trainingDataConfig": {"s3Uri": its.training_data_uri},
            "outputModelKmsKeyArn": its.custom_model_kms_key_arn,
            "creationTime": _MADE,
            "endTime": _MADE,
        }
        if self._has_trained:
            self._models[name] = self._model(model, name, its.base_model)

    def promote(self, its: PromotedModelProperties, *, is_held: bool = False) -> None:
        """Let the model exist that another environment gives, as that environment has made it."""
        name, arn = its.training_name, self._arn("custom-model", its.training_name)
        self._models.setdefault(name, self._model(arn, name, its.base_model))
        tags = {tag["key"]: tag["value"] for tag in self._tags.get(arn, [])} | {
            contract.TAG_OWNER: its.giver_foundation,
            contract.TAG_FOUNDATION: its.giver_foundation,
            contract.TAG_ENVIRONMENT: its.trained_in,
            contract.TAG_MODEL: its.name,
            contract.TAG_TRAINING_ID: its.training_id,
        }
        held = {contract.hold_tag(its.environment): _MADE.isoformat()} if is_held else {}
        self._tags[arn] = as_list({**tags, **held})

    def _model(self, arn: str, name: str, base_model: str) -> dict[str, Any]:
        return {
            "modelArn": arn,
            "modelName": name,
            "modelStatus": "Active",
            "baseModelArn": f"arn:{self._place.partition}:bedrock:{self._place.region}::foundation-model/{base_model}",
            "creationTime": _MADE,
        }

    def _serve(
        self, kind: str, id_kind: str, its: ServedModelProperties, logical_id: str, owner: str, foundation: str
    ) -> str:
        name, arn = its.serving_name, self._arn(id_kind, its.serving_name)
        model = self.model_arn(its)
        holder = {contract.TAG_OWNER: owner, contract.TAG_RESOURCE: its.served_model or logical_id}
        self._tags[arn] = as_list({**owner_tags(its, owner=owner, foundation=foundation), **holder})
        is_committed = isinstance(its, ProvisionedThroughputProperties) and its.commitment_duration
        match kind:
            case contract.PROVISIONED_THROUGHPUT:
                self._served[kind][name] = {
                    "provisionedModelArn": arn,
                    "provisionedModelName": name,
                    "status": "InService",
                    "modelArn": model,
                    "desiredModelArn": model,
                    "creationTime": _MADE,
                    **({"commitmentExpirationTime": _TERM_ENDS} if is_committed and self._in_term else {}),
                }
            case contract.CUSTOM_MODEL_DEPLOYMENT:
                self._served[kind][name] = {
                    "customModelDeploymentArn": arn,
                    "customModelDeploymentName": name,
                    "modelDeploymentName": name,
                    "status": "Active",
                    "modelArn": model,
                    "createdAt": _MADE,
                }
            case _:
                raise AssertionError(f"{logical_id}: what Bedrock answers about a {kind} is not presumed")
        return str(PhysicalId(id_kind, name))

    def model_arn(self, its: ServedModelProperties) -> str:
        """Return the ARN of the model that is served; one that is given exists."""
        if its.model_arn is None:
            return self._arn("custom-model", its.training_name)
        self._models.setdefault(its.model_arn, self._model(its.model_arn, its.model_arn, its.base_model))
        return its.model_arn

    def _arn(self, kind: str, name: str) -> str:
        return f"arn:{self._place.partition}:bedrock:{self._place.region}:{self._place.account}:{kind}/{name}"

    # Of boto3's client, as `Bedrock` calls it.
    def get_model_customization_job(self, *, jobIdentifier: str) -> dict[str, Any]:  # noqa: N803
        return self._found(self._jobs, jobIdentifier)

    def get_custom_model(self, *, modelIdentifier: str) -> dict[str, Any]:  # noqa: N803
        by_arn = {its["modelArn"]: its for its in self._models.values()}
        return self._found({**by_arn, **self._models}, modelIdentifier)

    def get_provisioned_model_throughput(self, *, provisionedModelId: str) -> dict[str, Any]:  # noqa: N803
        return self._found(self._served[contract.PROVISIONED_THROUGHPUT], provisionedModelId)

    def get_custom_model_deployment(self, *, customModelDeploymentIdentifier: str) -> dict[str, Any]:  # noqa: N803
        return self._found(self._served[contract.CUSTOM_MODEL_DEPLOYMENT], customModelDeploymentIdentifier)

    def list_tags_for_resource(self, *, resourceARN: str) -> dict[str, Any]:  # noqa: N803
        baked = self._has_baked or any(resourceARN in (each, self._arn("custom-model", each)) for each in self._baked)
        is_model = ":custom-model/" in resourceARN
        passed = as_list({contract.TAG_BAKE: contract.PASSED}) if baked and is_model else []
        return {"tags": [*self._tags.get(resourceARN, []), *passed]}

    def get_foundation_model(self, **_: str) -> dict[str, Any]:
        raise _error("AccessDeniedException", "no account is asked")

    def get_paginator(self, operation: str) -> "_Pages":
        """Return the pages of a list: there is one."""
        members = {
            "list_model_customization_jobs": ("modelCustomizationJobSummaries", self._jobs),
            "list_custom_models": ("modelSummaries", self._models),
            "list_provisioned_model_throughputs": (
                "provisionedModelSummaries",
                self._served[contract.PROVISIONED_THROUGHPUT],
            ),
            "list_custom_model_deployments": (
                "modelDeploymentSummaries",
                self._served[contract.CUSTOM_MODEL_DEPLOYMENT],
            ),
        }
        member, things = members[operation]
        return _Pages(member, list(things.values()))

    def _found(self, things: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
        by_arn = {str(value): its for its in things.values() for key, value in its.items() if key.endswith("Arn")}
        found = things.get(name) or by_arn.get(name)
        if found is None:
            raise _error("ResourceNotFoundException", f"{name} is not asked for by the base")
        return found


class _Pages:
    def __init__(self, member: str, things: list[dict[str, Any]]) -> None:
        self._member = member
        self._things = things

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        part = asked.get("nameContains", "")
        names = ("jobName", "modelName", "provisionedModelName", "customModelDeploymentName")
        yield {
            self._member: [its for its in self._things if part in next(str(its[name]) for name in names if name in its)]
        }


def _error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Read")
