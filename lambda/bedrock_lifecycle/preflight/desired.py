"""What is asked for, as the properties of a custom resource say it. What a template leaves out is not checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.contract.model import ModelProperties, Purchase
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.served_model import (
    CustomModelDeploymentProperties,
    ProvisionedThroughputProperties,
    ServedModelProperties,
)
from bedrock_lifecycle.preflight.facts import Fact, Known


@dataclass(frozen=True)
class JobFile:
    """Where a job reads a data file; `local` is the file that a deployment would copy there.

    `checked` is the version that was checked before, and `records` how many records it has; None: not told.
    """

    uri: Fact[str]
    local: str = ""
    use: str = "training"
    checked: str | None = None
    records: int | None = None


@dataclass(frozen=True)
class ServingAsked:
    """How the model of a training is to be served."""

    mode: str
    throughput_name: str = ""
    model_units: int = 0
    committed: bool = False
    deployment_name: str = ""


@dataclass(frozen=True, kw_only=True)
class DesiredTraining:
    """A customization job. `key_arn` is empty when Bedrock's own key is to be used."""

    name: str
    base_model_id: str
    customization_type: str
    foundation_model_id: str | None
    data: tuple[JobFile, ...]
    output_uri: Fact[str]
    role_arn: Fact[str]
    key_arn: Fact[str]
    serving: ServingAsked | None
    min_records_sum: int | None = None
    max_records_sum: int | None = None
    quotas: Mapping[str, str] = field(default_factory=dict)
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, properties: ModelCustomizationProperties, name: str) -> "DesiredTraining":
        """Read a `Custom::BedrockModelCustomization`."""
        return cls(
            name=name,
            base_model_id=properties.base_model,
            customization_type=properties.customization_type,
            foundation_model_id=properties.foundation_model_id,
            data=tuple(_data_files(properties)),
            output_uri=Known(properties.output_uri),
            role_arn=Known(properties.role_arn),
            key_arn=Known(properties.custom_model_kms_key_arn or ""),
            serving=_serving(properties),
            min_records_sum=properties.min_records_sum,
            max_records_sum=properties.max_records_sum,
            quotas=properties.quotas,
            subnet_ids=properties.subnet_ids,
            security_group_ids=properties.security_group_ids,
        )


@dataclass(frozen=True, kw_only=True)
class DesiredServing:
    """Something that serves a model.

    `key_arn` is the environment's own, `model_key_arns` are the further ones whose models it may serve.
    """

    model: str
    serving: ServingAsked
    key_arn: Fact[str]
    model_key_arns: tuple[str, ...] = ()
    quotas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DesiredThroughput(DesiredServing):
    """A Provisioned Throughput; whether it serves a model that was given, and not one that was trained here."""

    base_model_id: str
    model_is_given: bool

    @classmethod
    def read(cls, properties: ProvisionedThroughputProperties, model: str) -> "DesiredThroughput":
        """Read a `Custom::BedrockProvisionedThroughput` of a model, told by its name or its ARN."""
        return cls(
            **_served(properties, model),
            serving=_units(properties, properties),
            base_model_id=properties.base_model,
            model_is_given=ServedModelProperties.model_arn in properties,
        )


@dataclass(frozen=True, kw_only=True)
class DesiredDeployment(DesiredServing):
    """An on-demand deployment of a custom model; one that was customized before `customized_from` is not taken."""

    customized_from: date | None = None

    @classmethod
    def read(cls, properties: CustomModelDeploymentProperties, model: str) -> "DesiredDeployment":
        """Read a `Custom::BedrockCustomModelDeployment` of a model, told by its name or its ARN."""
        since = properties.customized_from
        return cls(
            **_served(properties, model),
            serving=_deployment(properties),
            customized_from=date.fromisoformat(since) if since else None,
        )


@dataclass(frozen=True, kw_only=True)
class DesiredPromotion:
    """Another environment's model, to be served here; `key_arn` is empty for a key that AWS owns."""

    base_model_id: str
    key_arn: str
    buys: bool

    @classmethod
    def read(cls, properties: PromotedModelProperties) -> "DesiredPromotion":
        """Read a `Custom::BedrockPromotedModel`."""
        return cls(
            base_model_id=properties.base_model,
            key_arn=properties.custom_model_kms_key_arn or "",
            buys=properties.mode == contract.PROVISIONED_THROUGHPUT_MODE,
        )


@dataclass(frozen=True, kw_only=True)
class DesiredEvaluation:
    """An evaluation. `asked` are the ids of all models besides the tuned one; `candidate` is the name of the deployment
    that answers for that, empty where something serves it already.
    """

    asked: tuple[str, ...]
    test: JobFile
    candidate: str = ""
    max_tokens: int
    max_output_tokens: int
    quotas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, properties: EvaluationProperties, bucket: str) -> "DesiredEvaluation":
        """Read a `Custom::BedrockEvaluation` whose data are in a bucket."""
        inputs = properties.inputs
        judges = [inputs.judge.model] if inputs.judge else []
        key = contract.data_key("test", properties.test_sha256)
        candidate = contract.candidate_name(
            name=properties.name, environment=properties.environment, evaluation_id=properties.evaluation_id
        )
        return cls(
            asked=tuple(dict.fromkeys((*properties.compared_with.values(), *judges))),
            test=JobFile(Known(f"s3://{bucket}/{key}"), use="test"),
            candidate="" if properties.served_arn else candidate,
            max_tokens=properties.max_tokens,
            max_output_tokens=properties.max_output_tokens,
            quotas=properties.quotas,
        )


def _served(properties: ServedModelProperties, model: str) -> dict[str, Any]:
    return {
        "model": model,
        "key_arn": Known(properties.custom_model_kms_key_arn or ""),
        "model_key_arns": properties.served_model_kms_key_arns,
        "quotas": properties.quotas,
    }


def _data_files(properties: ModelCustomizationProperties) -> Iterator[JobFile]:
    yield JobFile(
        Known(properties.training_data_uri),
        checked=properties.training_data_version_id,
        records=properties.training_records,
    )
    if uri := properties.validation_data_uri:
        yield JobFile(
            Known(uri),
            use="validation",
            checked=properties.validation_data_version_id,
            records=properties.validation_records,
        )


def _serving(properties: ModelCustomizationProperties) -> ServingAsked | None:
    asked = properties.serving
    if asked.mode == contract.PROVISIONED_THROUGHPUT_MODE:
        return _units(properties, asked)
    return _deployment(properties) if asked.mode == contract.ON_DEMAND_MODE else None


def _deployment(properties: ModelProperties) -> ServingAsked:
    return ServingAsked(contract.ON_DEMAND_MODE, deployment_name=properties.deployment_name)


def _units(properties: ModelProperties, asked: Purchase) -> ServingAsked:
    return ServingAsked(
        contract.PROVISIONED_THROUGHPUT_MODE,
        throughput_name=properties.throughput_name(asked),
        model_units=asked.model_units,
        committed=asked.commitment_duration is not None,
    )
