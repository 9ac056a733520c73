"""What serves a model: the properties that throughput and deployment share, each one's own, and their answers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION, GATED_CONTRACT_VERSION
from bedrock_lifecycle.contract.evaluation import GateProperties
from bedrock_lifecycle.contract.model import ModelProperties, Purchase
from bedrock_lifecycle.contract.properties import (
    flag,
    integer,
    optional_text,
    text,
    texts,
    written,
)

# Attributes; the last one of both.
PROVISIONED_MODEL_ARN: Final = "ProvisionedModelArn"
PROVISIONED_MODEL_NAME: Final = "ProvisionedModelName"
CUSTOM_MODEL_DEPLOYMENT_ARN: Final = "CustomModelDeploymentArn"
MODEL_DEPLOYMENT_NAME: Final = "ModelDeploymentName"
MODEL_ARN: Final = "ModelArn"


class ServedModelProperties(ModelProperties, GateProperties):
    """What serves the model of a training, or one that is given; `served_model` is the construct's, or nothing.

    With a gate, nothing is made or moved that has not passed it.
    """

    model_arn = optional_text("ModelArn")
    served_model_kms_key_arns = texts("ServedModelKmsKeyArns")
    served_model = optional_text("ServedModel")
    keep_models = integer("KeepModels")
    model_owner = text("ModelOwner")
    # Whether a policy of the template keeps it where it is replaced or removed, which no request tells.
    is_retained = flag("Retained", default=False)

    @property
    def model(self) -> str:
        """The ARN of the model that is given, or the name of the one that is trained."""
        return self.model_arn or self.training_name

    @property
    def serving_name(self) -> str:
        """The name of what serves, which each way of serving makes up for itself."""
        raise NotImplementedError

    @property
    def is_let_go_when_committed(self) -> bool:
        """Whether a delete leaves what cannot be deleted yet."""
        return False

    @classmethod
    def write(
        cls,
        *,
        name: str,
        environment: str,
        base_model: str,
        training_id: str | None,
        attempt: int,
        model_environment: str | None,
        model_arn: str | None,
        own: Mapping[str, object],
        custom_model_kms_key_arn: str,
        quotas: Mapping[str, str],
        served_model: str,
        reconcile: int,
        tags: Mapping[str, str],
        customized_from: str | None,
        served_model_kms_key_arns: Sequence[str],
        keep_models: int | None,
        model_owner: str | None,
        is_retained: object,
        gate: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the properties; `own` are those of the way in which it serves, `gate` what `write_gate` returned.

        `is_retained` is known when the template is written: until then a policy may be set.
        """
        of_training = model_arn is None
        return {
            **written(
                {
                    cls.contract_version: GATED_CONTRACT_VERSION if gate else CONTRACT_VERSION,
                    cls.name: name,
                    cls.environment: environment,
                    cls.base_model: base_model,
                    cls.training_id: training_id,
                    cls.attempt: attempt if of_training else None,
                    cls.model_environment: model_environment,
                    cls.model_arn: model_arn,
                }
            ),
            **own,
            **written(
                {
                    cls.custom_model_kms_key_arn: custom_model_kms_key_arn,
                    cls.quotas: dict(quotas),
                    cls.served_model: served_model,
                    cls.reconcile: reconcile,
                    cls.tags: dict(sorted(tags.items())),
                    CustomModelDeploymentProperties.customized_from: customized_from,
                    cls.served_model_kms_key_arns: list(served_model_kms_key_arns) or None,
                    cls.keep_models: keep_models,
                    cls.model_owner: model_owner if keep_models is not None else None,
                    cls.is_retained: is_retained,
                }
            ),
            **(gate or {}),
        }


class ProvisionedThroughputProperties(ServedModelProperties, Purchase):
    """`Custom::BedrockProvisionedThroughput`."""

    detach_when_committed = flag("DetachWhenCommitted", default=False)
    acknowledge_commitment = optional_text("AcknowledgeCommitment")
    commit_baked_only = flag("CommitBakedOnly", default=False)

    @property
    def serving_name(self) -> str:
        return self.throughput_name(self)

    @property
    def is_let_go_when_committed(self) -> bool:
        return self.detach_when_committed

    @classmethod
    def write_own(
        cls,
        *,
        model_units: int,
        commitment_duration: str | None,
        acknowledge_commitment: str | None,
        detach_when_committed: bool,
        commit_baked_only: bool = False,
    ) -> dict[str, Any]:
        return written(
            {
                cls.model_units: model_units,
                cls.detach_when_committed: detach_when_committed,
                cls.commitment_duration: commitment_duration,
                # For whoever reviews the template, and for BedrockTuningChecks.
                cls.acknowledge_commitment: acknowledge_commitment,
                cls.commit_baked_only: True if commit_baked_only else None,
            }
        )


class CustomModelDeploymentProperties(ServedModelProperties):
    """`Custom::BedrockCustomModelDeployment`; a model that was customized before `customized_from` is not taken."""

    customized_from = optional_text("CustomizedFrom")

    @property
    def serving_name(self) -> str:
        return self.deployment_name
