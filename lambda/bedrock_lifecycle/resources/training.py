"""The training that a request names, read from its properties."""

from collections.abc import Mapping
from dataclasses import dataclass

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import Properties


@dataclass(frozen=True)
class Training:
    """One attempt of one training: what its job is created from."""

    name: str
    environment: str
    training_id: str
    base_model: str
    customization_type: str
    hyper_parameters: Mapping[str, str]
    training_data_uri: str
    validation_data_uri: str | None
    output_uri: str
    role_arn: str
    kms_key_arn: str | None
    tags: Mapping[str, str]
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()

    @classmethod
    def read(cls, properties: Properties) -> "Training":
        return cls(
            name=training_name(properties),
            environment=properties.text("Environment"),
            training_id=properties.text("TrainingId"),
            base_model=properties.text("BaseModel"),
            customization_type=properties.text("CustomizationType"),
            hyper_parameters=properties.mapping("HyperParameters"),
            training_data_uri=properties.text("TrainingDataUri"),
            validation_data_uri=properties.optional_text("ValidationDataUri"),
            output_uri=properties.text("OutputUri"),
            role_arn=properties.text("RoleArn"),
            kms_key_arn=properties.optional_text("CustomModelKmsKeyArn"),
            tags=properties.mapping("Tags"),
            subnet_ids=properties.texts("SubnetIds"),
            security_group_ids=properties.texts("SecurityGroupIds"),
        )


def training_name(properties: Properties) -> str:
    """Return the name that job and model of the training share."""
    return contract.training_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        training_id=properties.text("TrainingId"),
        attempt=properties.integer("Attempt"),
    )


def attempts_begin(properties: Properties) -> str:
    """Return how the names of all attempts at the training begin; the number of the attempt follows."""
    return training_name(properties).rpartition("-")[0] + "-"
