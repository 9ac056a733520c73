"""What is asked for, as the properties of a custom resource say it. What a template leaves out is not checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.properties import Properties
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
class TrainingAsked:
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

    @classmethod
    def read(cls, properties: Properties, name: str) -> "TrainingAsked":
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
        )


@dataclass(frozen=True, kw_only=True)
class PurchaseAsked:
    """A Provisioned Throughput; whether it serves a model that was given, and not one that was trained here.

    `key_arn` is the environment's own, `model_key_arns` are the further ones whose models it may serve.
    """

    model: str
    base_model_id: str
    model_is_given: bool
    serving: ServingAsked
    key_arn: Fact[str]
    model_key_arns: tuple[str, ...] = ()
    quotas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, properties: Properties, model: str) -> "PurchaseAsked":
        """Read a `Custom::BedrockProvisionedThroughput` of a model, told by its name or its ARN."""
        return cls(
            model=model,
            base_model_id=properties.text("BaseModel"),
            model_is_given="ModelArn" in properties,
            serving=_units(properties, properties),
            key_arn=Known(properties.optional_text("CustomModelKmsKeyArn") or ""),
            model_key_arns=properties.texts("ServedModelKmsKeyArns"),
            quotas=properties.mapping("Quotas"),
        )


@dataclass(frozen=True, kw_only=True)
class DeploymentAsked:
    """An on-demand deployment of a custom model; the keys are as those of a purchase."""

    model: str
    serving: ServingAsked
    key_arn: Fact[str]
    model_key_arns: tuple[str, ...] = ()
    quotas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, properties: Properties, model: str) -> "DeploymentAsked":
        """Read a `Custom::BedrockCustomModelDeployment` of a model, told by its name or its ARN."""
        return cls(
            model=model,
            serving=_deployment(properties),
            key_arn=Known(properties.optional_text("CustomModelKmsKeyArn") or ""),
            model_key_arns=properties.texts("ServedModelKmsKeyArns"),
            quotas=properties.mapping("Quotas"),
        )


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
    return properties.integer(name) if name in properties else None


def _serving(properties: Properties) -> ServingAsked | None:
    asked = Properties(properties.mapping("Serving"))
    mode = asked.optional_text("Mode")
    if mode == contract.PROVISIONED_THROUGHPUT_MODE:
        return _units(properties, asked)
    return _deployment(properties) if mode == contract.ON_DEMAND_MODE else None


def _deployment(properties: Properties) -> ServingAsked:
    name = contract.deployment_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        base_model=properties.text("BaseModel"),
    )
    return ServingAsked(contract.ON_DEMAND_MODE, deployment_name=name)


def _units(properties: Properties, asked: Properties) -> ServingAsked:
    units, duration = asked.integer("ModelUnits"), asked.optional_text("CommitmentDuration")
    name = contract.throughput_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        base_model=properties.text("BaseModel"),
        model_units=units,
        commitment_duration=duration,
    )
    mode = contract.PROVISIONED_THROUGHPUT_MODE
    return ServingAsked(mode, throughput_name=name, model_units=units, committed=duration is not None)
