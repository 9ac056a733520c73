"""Provisioned Throughput as a resource: bought on request, moved to the next model in place, gone when deleted."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from aws_cdk import CustomResource
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.base_model_checks import check_serving_mode
from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from bedrock_tuning.data_store import DataStore
from bedrock_tuning.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.names import check_environment, check_name
from bedrock_tuning.serving_intent import quotas_for_serving

CommitmentDuration = Literal["OneMonth", "SixMonths"]


class ProvisionedThroughput(Construct):
    """Serves a custom model. **Bills by the hour and model unit from its creation until it is deleted.**

    Another training of the same base model is moved to in place: the ARN stays and there is no moment without a
    serving model. Another number of model units or another commitment is another throughput: created first, then the
    old one is deleted, so the account's quota must hold both.

    Args:
        name: Your name for the model, as for `ModelCustomization`.
        environment: The environment, as for `ModelCustomization`.
        base_model: The base model's profile.
        training_id: The training whose model is served.
        attempt: The attempt of that training.
        model_units: How many model units to buy, at least 1. It has no default: each one bills by the hour. The
            account's quota for them is 0 until AWS raises it.
        data_store: Whose key encrypts the model.
        workflow: The lifecycle that carries the purchase.
        base_models: The base models that a message proposes instead of one that cannot be served so. Default: those
            of the library.
        commitment_duration: `OneMonth` or `SixMonths`. Default: no commitment, deletable at any time.
        acknowledge_commitment: Must repeat `commitment_duration`: a committed throughput cannot be deleted and bills
            until its term ends, and it renews by itself.
        detach_when_committed: Whether deleting it inside its commitment leaves it, billed, to be deleted by you after
            the term. Default: False, such a delete fails and says until when.
        keep_models: How many models of this name and environment are kept once a newer one serves, 1 to 100; never one
            that serves is deleted. Default: all.
        model_owner: `ModelCustomization.owner`, whose models `keep_models` is about; required with it.
        parameter_name: Name of the SSM parameter with the ARN, for applications. Default:
            `/bedrock-tuning/<environment>/<name>/model-id`.
        reconcile: Counting it up sends an event, which brings in line what CloudFormation cannot see. Default: 0.
        tags: Your tags for the throughput. Default: none but the owner tags that this project adds.

    Attributes:
        provisioned_model_arn: What applications give as `modelId` when they invoke the model.
        parameter: The SSM parameter that holds it.

    Raises:
        ValueError: For values out of bounds, a base model without this serving mode, or a commitment that is not
            acknowledged.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        environment: str,
        base_model: BaseModelProfile,
        training_id: str,
        attempt: int,
        model_units: int,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        base_models: BaseModels | None = None,
        commitment_duration: CommitmentDuration | None = None,
        acknowledge_commitment: CommitmentDuration | None = None,
        detach_when_committed: bool = False,
        reconcile: int = 0,
        keep_models: int | None = None,
        model_owner: str | None = None,
        parameter_name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        check_name(name)
        check_environment(environment)
        _check_keep_models(keep_models, model_owner)
        check_serving_mode(self, base_model, "provisioned_throughput", base_models)
        _check_purchase(model_units, commitment_duration, acknowledge_commitment)
        self._data_store = data_store
        properties: dict[str, Any] = {
            "ContractVersion": contract.CONTRACT_VERSION,
            "Name": name,
            "Environment": environment,
            "BaseModel": base_model.id,
            "TrainingId": training_id,
            "Attempt": str(attempt),
            "ModelUnits": str(model_units),
            "CustomModelKmsKeyArn": data_store.key.key_arn,
            "Quotas": quotas_for_serving(base_model, contract.PROVISIONED_THROUGHPUT_MODE),
            "DetachWhenCommitted": "true" if detach_when_committed else "false",
            "Reconcile": str(reconcile),
            "Tags": dict(sorted((tags or {}).items())),
        }
        if keep_models is not None:
            properties |= {"KeepModels": str(keep_models), "ModelOwner": model_owner}
        if commitment_duration:
            properties |= {
                "CommitmentDuration": commitment_duration,
                # For whoever reviews the template, and for BedrockTuningChecks.
                "AcknowledgeCommitment": acknowledge_commitment,
            }
        self.resource = CustomResource(
            self,
            "Purchase",
            resource_type=contract.PROVISIONED_THROUGHPUT,
            service_token=workflow.service_token,
            properties=properties,
        )
        self.provisioned_model_arn = self.resource.get_att_string("ProvisionedModelArn")
        self.parameter = ssm.StringParameter(
            self,
            "ModelId",
            parameter_name=parameter_name or f"/bedrock-tuning/{environment}/{name}/model-id",
            description="modelId for invoking the fine-tuned model with Amazon Bedrock",
            string_value=self.provisioned_model_arn,
        )

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to invoke the model: the throughput, the key of the model, and the parameter's value."""
        invoke = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            resource_arns=[self.provisioned_model_arn],
        )
        # GenerateDataKey is what invoking an encrypted Nova model needs besides Decrypt (Amazon Nova user guide,
        # "Encryption of custom Nova models").
        grantee.grant_principal.add_to_principal_policy(
            self._data_store.key_statement("Decrypt", "GenerateDataKey", via="bedrock")
        )
        return invoke.combine(self.parameter.grant_read(grantee))


def _check_keep_models(keep_models: int | None, model_owner: str | None) -> None:
    if keep_models is None:
        return
    if not 1 <= keep_models <= contract.MAX_KEEP_MODELS:
        raise ValueError(
            f"`keep_models` is {keep_models}; allowed 1 to {contract.MAX_KEEP_MODELS}, or none to keep all"
        )
    if not model_owner:
        raise ValueError("`keep_models` needs `model_owner`: give it `ModelCustomization.owner`")


def _check_purchase(
    model_units: int,
    commitment_duration: CommitmentDuration | None,
    acknowledge_commitment: CommitmentDuration | None,
) -> None:
    if model_units < 1:
        raise ValueError(f"`model_units` is {model_units}; allowed 1 or more, within the account's quota")
    if commitment_duration is not None and commitment_duration not in get_args(CommitmentDuration):
        raise ValueError(f"`commitment_duration` is {commitment_duration!r}; allowed OneMonth, SixMonths, or none")
    if acknowledge_commitment != commitment_duration:
        raise ValueError(
            f"`commitment_duration` is {commitment_duration!r}, `acknowledge_commitment` {acknowledge_commitment!r}: "
            "a commitment bills until its term ends and cannot be cancelled, so both must say the same"
        )
