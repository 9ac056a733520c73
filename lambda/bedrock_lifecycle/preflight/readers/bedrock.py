"""Reads of Bedrock."""

from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.preflight.facts import (
    BaseModel,
    CustomModelFacts,
    Fact,
    Known,
    ModelAvailability,
    NotChecked,
    ThroughputFacts,
)
from bedrock_lifecycle.preflight.readers.reading import Reading

T = TypeVar("T")


class BedrockReader:
    """What Bedrock says of base models, and what the account has there."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def base_model(self, base_model_id: str) -> Fact[BaseModel | None]:
        """Return a base model, or None when the Region does not offer it."""
        found = self._read("GetFoundationModel", lambda bedrock: _details(bedrock, base_model_id), must=True)
        if isinstance(found, NotChecked):
            return found
        if found.value == {}:
            return NotChecked("GetFoundationModel says nothing about it")
        return Known(found.value and _base_model(found.value))

    def active_base_models(self, customization_type: str | None) -> Fact[tuple[str, ...]]:
        """Return the ids of the base models that can be customized in the Region in a way; for None, in any."""

        def ids(bedrock: Any) -> tuple[str, ...]:
            asked = {} if customization_type is None else {"byCustomizationType": customization_type}
            listed = bedrock.list_foundation_models(**asked).get("modelSummaries", [])
            tunable = (each for each in listed if asked or each.get("customizationsSupported"))
            return tuple(sorted(each["modelId"] for each in tunable if _status(each) == "ACTIVE"))

        return self._read("ListFoundationModels", ids)

    def access(self, foundation_model_id: str) -> Fact[ModelAvailability]:
        """Return whether the account may use a foundation model."""

        def access(bedrock: Any) -> ModelAvailability:
            found = bedrock.get_foundation_model_availability(modelId=foundation_model_id)
            agreement = found["agreementAvailability"]
            return ModelAvailability(
                agreement=agreement["status"],
                authorization=found["authorizationStatus"],
                entitlement=found["entitlementAvailability"],
                region=found["regionAvailability"],
                agreement_error=agreement.get("errorMessage", ""),
            )

        return self._read("GetFoundationModelAvailability", access)

    def running_jobs(self) -> Fact[tuple[str, ...]]:
        """Return the names of the customization jobs in progress."""
        return self._read(
            "ListModelCustomizationJobs",
            lambda bedrock: tuple(
                each["jobName"]
                for each in _listed(
                    bedrock,
                    "list_model_customization_jobs",
                    "modelCustomizationJobSummaries",
                    statusEquals="InProgress",
                )
            ),
        )

    def custom_models(self) -> Fact[int]:
        """Return how many custom models the account holds."""
        return self._read(
            "ListCustomModels",
            lambda bedrock: len(_listed(bedrock, "list_custom_models", "modelSummaries", isOwned=True)),
        )

    def model_exists(self, name: str) -> Fact[bool]:
        """Return whether a custom model has a name."""
        return self._read("GetCustomModel", lambda bedrock: _model_exists(bedrock, name))

    def custom_model(self, model: str) -> Fact[CustomModelFacts]:
        """Return a custom model, by its name or ARN."""

        def read(bedrock: Any) -> CustomModelFacts:
            found = bedrock.get_custom_model(modelIdentifier=model)
            return CustomModelFacts(found.get("modelKmsKeyArn"), found.get("creationTime"))

        return self._read("GetCustomModel", read)

    def throughputs(self) -> Fact[tuple[ThroughputFacts, ...]]:
        """Return the Provisioned Throughputs of the account."""

        def read(bedrock: Any) -> tuple[ThroughputFacts, ...]:
            listed = _listed(bedrock, "list_provisioned_model_throughputs", "provisionedModelSummaries")
            return tuple(
                ThroughputFacts(
                    name=each["provisionedModelName"],
                    model_units=each["modelUnits"],
                    of_custom_model=":custom-model/" in each["modelArn"],
                    committed=each.get("commitmentDuration") is not None,
                )
                for each in listed
            )

        return self._read("ListProvisionedModelThroughputs", read)

    def deployments(self) -> Fact[tuple[str, ...]]:
        """Return the names of the on-demand deployments of custom models."""
        return self._read(
            "ListCustomModelDeployments",
            lambda bedrock: tuple(
                each["customModelDeploymentName"]
                for each in _listed(bedrock, "list_custom_model_deployments", "modelDeploymentSummaries")
            ),
        )

    def _read(self, operation: str, call: Callable[[Any], T], *, must: bool = False) -> Fact[T]:
        return self._reading.read("bedrock", operation, call, must=must)


def _listed(bedrock: Any, operation: str, member: str, **parameters: Any) -> list[Any]:
    pages = bedrock.get_paginator(operation).paginate(**parameters)
    return [each for page in pages for each in page.get(member, [])]


def _details(bedrock: Any, base_model_id: str) -> Any:
    """Return what Bedrock says of a base model; None when the Region does not offer it."""
    try:
        return bedrock.get_foundation_model(modelIdentifier=base_model_id).get("modelDetails", {})
    except ClientError as error:
        if not aws_errors.is_not_found(error):
            raise
        return None


def _base_model(details: Any) -> BaseModel:
    customizations, lifecycle = details.get("customizationsSupported"), details.get("modelLifecycle", {})
    return BaseModel(
        status=_status(details),
        end_of_life=lifecycle.get("endOfLifeTime"),
        customizations=None if customizations is None else tuple(customizations),
        legacy=lifecycle.get("legacyTime"),
    )


def _model_exists(bedrock: Any, name: str) -> bool:
    try:
        bedrock.get_custom_model(modelIdentifier=name)
    except ClientError as error:
        if not aws_errors.is_not_found(error):
            raise
        return False
    return True


def _status(found: Any) -> str:
    return str(found.get("modelLifecycle", {}).get("status", "ACTIVE"))
