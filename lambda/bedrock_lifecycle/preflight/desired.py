"""What is asked for, as the properties of a custom resource say it. What a template leaves out is not checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.preflight.facts import Fact, Known


@dataclass(frozen=True)
class DataFile:
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
    foundation_model_id: str | None
    data: tuple[DataFile, ...]
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
    def read(cls, properties: Properties, name: str) -> "DesiredTraining":
        """Read a `Custom::BedrockModelCustomization`."""
        return cls(
            name=name,
            base_model_id=properties.text("BaseModel"),
            foundation_model_id=properties.optional_text("FoundationModelId"),
            data=tuple(_data_files(properties)),
            output_uri=Known(properties.text("OutputUri")),
            role_arn=Known(properties.text("RoleArn")),
            key_arn=Known(properties.optional_text("CustomModelKmsKeyArn") or ""),
            serving=_serving(properties),
            min_records_sum=_integer(properties, "MinRecordsSum"),
            max_records_sum=_integer(properties, "MaxRecordsSum"),
            quotas=properties.mapping("Quotas"),
            subnet_ids=properties.texts("SubnetIds"),
            security_group_ids=properties.texts("SecurityGroupIds"),
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
    def read(cls, properties: Properties, model: str) -> "DesiredThroughput":
        """Read a `Custom::BedrockProvisionedThroughput` of a model, told by its name or its ARN."""
        return cls(
            **_served(properties, model),
            serving=_units(properties, properties),
            base_model_id=properties.text("BaseModel"),
            model_is_given="ModelArn" in properties,
        )


@dataclass(frozen=True, kw_only=True)
class DesiredDeployment(DesiredServing):
    """An on-demand deployment of a custom model; one that was customized before `customized_from` is not taken."""

    customized_from: date | None = None

    @classmethod
    def read(cls, properties: Properties, model: str) -> "DesiredDeployment":
        """Read a `Custom::BedrockCustomModelDeployment` of a model, told by its name or its ARN."""
        since = properties.optional_text("CustomizedFrom")
        return cls(
            **_served(properties, model),
            serving=_deployment(properties),
            customized_from=date.fromisoformat(since) if since else None,
        )


def throughput_name(properties: Properties, asked: Properties) -> str:
    """Return the name of a throughput whose model units `asked` tells; what cannot change in place is part of it."""
    return contract.throughput_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        base_model=properties.text("BaseModel"),
        model_units=asked.integer("ModelUnits"),
        commitment_duration=asked.optional_text("CommitmentDuration"),
    )


def deployment_name(properties: Properties) -> str:
    """Return the name of the deployment that properties describe; what cannot change in place is part of it."""
    return contract.deployment_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        base_model=properties.text("BaseModel"),
    )


def _served(properties: Properties, model: str) -> dict[str, Any]:
    return {
        "model": model,
        "key_arn": Known(properties.optional_text("CustomModelKmsKeyArn") or ""),
        "model_key_arns": properties.texts("ServedModelKmsKeyArns"),
        "quotas": properties.mapping("Quotas"),
    }


def _data_files(properties: Properties) -> Iterator[DataFile]:
    for use, name in (("training", "Training"), ("validation", "Validation")):
        if uri := properties.optional_text(f"{name}DataUri"):
            yield DataFile(
                Known(uri),
                use=use,
                checked=properties.optional_text(f"{name}DataVersionId"),
                records=_integer(properties, f"{name}Records"),
            )


def _integer(properties: Properties, name: str) -> int | None:
    is_told = name in properties and properties.optional_text(name) != contract.UNKNOWN
    return properties.integer(name) if is_told else None


def _serving(properties: Properties) -> ServingAsked | None:
    asked = Properties(properties.mapping("Serving"))
    mode = asked.optional_text("Mode")
    if mode == contract.PROVISIONED_THROUGHPUT_MODE:
        return _units(properties, asked)
    return _deployment(properties) if mode == contract.ON_DEMAND_MODE else None


def _deployment(properties: Properties) -> ServingAsked:
    return ServingAsked(contract.ON_DEMAND_MODE, deployment_name=deployment_name(properties))


def _units(properties: Properties, asked: Properties) -> ServingAsked:
    return ServingAsked(
        contract.PROVISIONED_THROUGHPUT_MODE,
        throughput_name=throughput_name(properties, asked),
        model_units=asked.integer("ModelUnits"),
        committed=asked.optional_text("CommitmentDuration") is not None,
    )
