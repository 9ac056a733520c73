"""The model that another environment has trained, as a resource: checked, and held so that nobody deletes it."""

from collections.abc import Mapping

from aws_cdk import CustomResource
from constructs import Construct, IDependable

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, ServingMode
from bedrock_tuning.common.naming import check_environment, check_name
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.serving.served_model import ServedModelParameters
from bedrock_tuning.spending.metadata import tell_spending
from bedrock_tuning.spending.words import DataFile, Spending, promotion_spending


class PromotedModel(Construct):
    """A model of another environment in the same account and Region, to be served where it is. Nothing is trained.

    Before it is served, the lifecycle finds it by its name and compares tags, base model, training data and key with
    the parameters. Then it holds the model by a tag of this environment's own, and the two that it served before. The
    other environment deletes no model with such a tag. Foundation needs `promotions` for this.

    Serve it with `CustomModelDeployment(…, model=model)` or `ProvisionedThroughput(…, model=model, model_units=…)`.

    Args:
        name: Your name for the model, as for `ModelCustomization`, in both environments.
        environment: The environment that serves it, as for `ModelCustomization`.
        giver: The environment that trained it.
        giver_foundation: The owner tag of that environment's Foundation stack, one of the `givers` of `Promotions`.
        base_model: The base model's profile.
        train_sha256: SHA-256 of the training data.
        mode: How it is served, `on_demand` or `provisioned_throughput`: for a model whose base model is legacy no new
            throughput can be bought.
        data_store: The data store of this environment.
        workflow: The lifecycle that manages it.
        validation_sha256: SHA-256 of the validation data. Default: none was used.
        hyper_parameters: The hyper-parameters that were set. Default: none.
        customization_type: Bedrock's customization type. Default: `FINE_TUNING`.
        attempt: Which attempt made the model. Default: 1.
        kms_key_arn: The key that encrypts the model. Default: none, a key that AWS owns.
        base_models: The base models that a message suggests. Default: those of the library.
        reconcile: Raise it by one to send an event, which looks at the model again. Default: 0.
        tags: Your tags for what serves it. Default: none.

    Attributes:
        training_id: The training ID, known at synth.
        model_name: The name of the custom model, known at synth.
        resource: The custom resource; its `ModelArn` is known once the model was found.
        spending: Which model it is and from what it was trained, as texts by name, for your own outputs.
        ready: What must exist before the model is served.
        to_serve: The parameters for what serves it.

    Raises:
        ValueError: For a name or an environment out of bounds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        environment: str,
        giver: str,
        giver_foundation: str,
        base_model: BaseModelProfile,
        train_sha256: str,
        mode: ServingMode,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        validation_sha256: str | None = None,
        hyper_parameters: Mapping[str, object] | None = None,
        customization_type: str = contract.FINE_TUNING,
        attempt: int = 1,
        kms_key_arn: str | None = None,
        base_models: BaseModels | None = None,
        reconcile: int = 0,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        check_name(name)
        for each in (environment, giver):
            check_environment(each)
        canonical = base_model.canonical_hyper_parameters(hyper_parameters or {}, customization_type)
        inputs = TrainingInputs(
            base_model=base_model.id,
            customization_type=customization_type,
            hyper_parameters=canonical,
            train_sha256=train_sha256,
            validation_sha256=validation_sha256,
        )
        self.training_id: str = training_id(inputs)
        self.model_name: str = contract.training_name(
            name=name, environment=giver, training_id=self.training_id, attempt=attempt
        )
        self.resource: CustomResource = workflow.custom_resource(
            self,
            "Model",
            resource_type=contract.PROMOTED_MODEL,
            properties=PromotedModelProperties.write(
                name=name,
                environment=environment,
                giver=giver,
                giver_foundation=giver_foundation,
                training_id=self.training_id,
                attempt=attempt,
                base_model=base_model.id,
                customization_type=customization_type,
                hyper_parameters=canonical,
                train_sha256=train_sha256,
                validation_sha256=validation_sha256,
                custom_model_kms_key_arn=kms_key_arn,
                mode=mode,
                reconcile=reconcile,
            ),
        )
        validation = [DataFile(split="validation", sha256=validation_sha256)] if validation_sha256 else []
        self.spending: Spending = promotion_spending(
            model=self.model_name,
            giver=giver,
            base_model=base_model.id,
            hyper_parameters=canonical,
            data=[DataFile(split="train", sha256=train_sha256), *validation],
            kms_key_arn=kms_key_arn,
        )
        tell_spending(self.resource, self.spending)
        self.ready: IDependable = self.resource
        self.to_serve: ServedModelParameters = {
            "name": name,
            "environment": environment,
            "base_model": base_model,
            "base_models": base_models,
            "training_id": self.training_id,
            "attempt": attempt,
            "model_environment": giver,
            "model_key_arn": kms_key_arn,
            "data_store": data_store,
            "workflow": workflow,
            "tags": tags,
        }
