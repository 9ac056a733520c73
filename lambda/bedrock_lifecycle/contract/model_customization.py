"""`Custom::BedrockModelCustomization`: the properties of a training, and what it answers with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION, VPC_CONTRACT_VERSION
from bedrock_lifecycle.contract.model import CustomizedModelProperties, Purchase
from bedrock_lifecycle.contract.properties import (
    Properties,
    flag,
    known_integer,
    mapping,
    optional_text,
    text,
    texts,
    written,
)

# Attributes.
TRAINING_ID: Final = "TrainingId"
TRAINING_NAME: Final = "TrainingName"
JOB_ARN: Final = "JobArn"


class ServingProperties(Purchase):
    """How the model of a training is to be served; the units of those that are bought."""

    mode = optional_text("Mode")

    @classmethod
    def write(cls, *, mode: str, model_units: int | None, commitment_duration: str | None) -> dict[str, Any]:
        return written(
            {cls.mode: mode, cls.model_units: model_units, cls.commitment_duration: commitment_duration},
        )


@dataclass(frozen=True, kw_only=True)
class CheckedData:
    """A data file as its check found it, by what a deployment tells; None: nothing is told."""

    uri: str
    version_id: str | None = None
    records: str | int | None = None


class ModelCustomizationProperties(CustomizedModelProperties):
    """One attempt of one training: what its job is created from, and what is looked at before."""

    foundation_model_id = optional_text("FoundationModelId")
    training_data_uri = text("TrainingDataUri")
    training_data_version_id = optional_text("TrainingDataVersionId")
    training_records = known_integer("TrainingRecords")
    validation_data_uri = optional_text("ValidationDataUri")
    validation_data_version_id = optional_text("ValidationDataVersionId")
    validation_records = known_integer("ValidationRecords")
    min_records_sum = known_integer("MinRecordsSum")
    max_records_sum = known_integer("MaxRecordsSum")
    output_uri = text("OutputUri")
    role_arn = text("RoleArn")
    subnet_ids = texts("SubnetIds")
    security_group_ids = texts("SecurityGroupIds")
    stop_on_delete = flag("StopOnDelete", default=True)
    _serving = mapping("Serving")

    @property
    def serving(self) -> ServingProperties:
        return ServingProperties(Properties(self._serving))

    @classmethod
    def write(
        cls,
        *,
        name: str,
        environment: str,
        training_id: str,
        attempt: int,
        base_model: str,
        foundation_model_id: str,
        customization_type: str,
        hyper_parameters: Mapping[str, str],
        training_data: CheckedData,
        validation_data: CheckedData | None,
        min_records_sum: int | None,
        max_records_sum: int | None,
        output_uri: str,
        role_arn: str,
        custom_model_kms_key_arn: str,
        subnet_ids: Sequence[str],
        security_group_ids: Sequence[str],
        stop_on_delete: bool,
        reconcile: int,
        quotas: Mapping[str, str],
        serving: Mapping[str, str] | None,
        tags: Mapping[str, str],
    ) -> dict[str, Any]:
        is_inside_vpc = bool(subnet_ids)
        return written(
            {
                # A Foundation that does not know networks must not train outside of one.
                cls.contract_version: VPC_CONTRACT_VERSION if is_inside_vpc else CONTRACT_VERSION,
                cls.name: name,
                cls.environment: environment,
                cls.training_id: training_id,
                cls.attempt: attempt,
                cls.base_model: base_model,
                cls.foundation_model_id: foundation_model_id,
                cls.customization_type: customization_type,
                cls.hyper_parameters: dict(hyper_parameters),
                cls.output_uri: output_uri,
                cls.role_arn: role_arn,
                cls.custom_model_kms_key_arn: custom_model_kms_key_arn,
                cls.stop_on_delete: stop_on_delete,
                cls.reconcile: reconcile,
                cls.tags: dict(sorted(tags.items())),
                cls.quotas: dict(quotas),
                cls._serving: serving,
                cls.training_data_uri: training_data.uri,
                cls.training_data_version_id: training_data.version_id,
                cls.training_records: training_data.records,
                cls.validation_data_uri: validation_data.uri if validation_data else None,
                cls.validation_data_version_id: validation_data.version_id if validation_data else None,
                cls.validation_records: validation_data.records if validation_data else None,
                cls.min_records_sum: min_records_sum,
                cls.max_records_sum: max_records_sum,
                cls.subnet_ids: list(subnet_ids) if is_inside_vpc else None,
                cls.security_group_ids: list(security_group_ids) if is_inside_vpc else None,
            }
        )
