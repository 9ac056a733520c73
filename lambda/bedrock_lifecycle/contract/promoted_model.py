"""`Custom::BedrockPromotedModel`: another environment's model, told by what it was trained from."""

from collections.abc import Mapping
from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION
from bedrock_lifecycle.contract.model import CustomizedModelProperties
from bedrock_lifecycle.contract.properties import TRAIN_SHA256, optional_text, text, written

# Attributes.
MODEL_ARN: Final = "ModelArn"
MODEL_NAME: Final = "ModelName"


class PromotedModelProperties(CustomizedModelProperties):
    """The model that an environment serves of another one; `giver_foundation` is the owner tag of that one's stack.

    Customization type, hyper-parameters and validation data are for whoever reviews the template: the training id,
    which is checked at synth and on the model, follows from them.
    """

    giver_foundation = text("GiverFoundation")
    train_sha256 = text(TRAIN_SHA256)
    validation_sha256 = optional_text("ValidationSha256")
    mode = optional_text("ServesBy")

    @classmethod
    def write(
        cls,
        *,
        name: str,
        environment: str,
        giver: str,
        giver_foundation: str,
        training_id: str,
        attempt: int,
        base_model: str,
        customization_type: str,
        hyper_parameters: Mapping[str, str],
        train_sha256: str,
        validation_sha256: str | None,
        custom_model_kms_key_arn: str | None,
        mode: str,
        reconcile: int,
    ) -> dict[str, Any]:
        return written(
            {
                cls.contract_version: CONTRACT_VERSION,
                cls.name: name,
                cls.environment: environment,
                cls.model_environment: giver,
                cls.giver_foundation: giver_foundation,
                cls.training_id: training_id,
                cls.attempt: attempt,
                cls.base_model: base_model,
                cls.customization_type: customization_type,
                cls.hyper_parameters: dict(hyper_parameters),
                cls.train_sha256: train_sha256,
                cls.validation_sha256: validation_sha256,
                cls.custom_model_kms_key_arn: custom_model_kms_key_arn,
                cls.mode: mode,
                cls.reconcile: reconcile,
            }
        )
