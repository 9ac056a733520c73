"""What serves a custom model, as a resource: the parts that are the same however it is served."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NotRequired, Protocol, TypedDict, assert_never, cast

import jsii
from aws_cdk import Annotations, CfnDeletionPolicy, CfnResource, CustomResource, IStableAnyProducer, Lazy, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct, IDependable

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import ServedModelProperties
from bedrock_tuning.base_models import BaseModelProfile, BaseModels, ServingMode
from bedrock_tuning.checks.base_model import check_serving_mode
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.common.custom_model_arn import CustomModelArn
from bedrock_tuning.common.naming import check_environment, check_name
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.evaluation.quality_gate import QualityGate
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.spending.metadata import tell_spending
from bedrock_tuning.spending.serving_intent import quotas_for_serving
from bedrock_tuning.spending.words import Spending, served_spending

_EXPORT_WARNING: Final = "bedrock-tuning:invoke-across-stacks"
# What a tag's value may not hold (botocore 1.43.106, TagValue).
_NOT_IN_TAGS: Final = re.compile(r"[^a-zA-Z0-9._:/=+@-]")

_KEPT: Final = frozenset({CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE})


class ServingOptions(TypedDict, total=False):
    """What may be said of serving any model; what it means, and its defaults, are those of `ServedModel`."""

    reconcile: int
    keep_models: int | None
    parameter_name: str | None
    tags: Mapping[str, str] | None
    gate: QualityGate | None


class ServedModelParameters(ServingOptions):
    """The parameters that each way of serving has; what they mean, and their defaults, are those of `ServedModel`."""

    name: str
    environment: str
    base_model: BaseModelProfile
    data_store: DataStore
    workflow: LifecycleWorkflow
    training_id: NotRequired[str | None]
    attempt: NotRequired[int]
    model_arn: NotRequired[str | None]
    model_environment: NotRequired[str | None]
    model_key_arn: NotRequired[str | None]
    base_models: NotRequired[BaseModels | None]
    model_owner: NotRequired[str | None]


class TrainedModel(Protocol):
    """A model that says itself what serving it needs: a `FineTunedModel`."""

    @property
    def to_serve(self) -> ServedModelParameters:
        """What serves it needs of it."""
        ...

    @property
    def ready(self) -> IDependable:
        """What has to be there before it is served."""
        ...


def parameters_of(model: TrainedModel | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters for `ServedModel`: what is given, or what a model says with the options beside."""
    if model is None:
        return dict(given)
    said = {name: value for name, value in given.items() if value is not None}
    if both := sorted(said.keys() - ServingOptions.__annotations__.keys()):
        names = ", ".join(f"`{name}`" for name in both)
        raise ValueError(f"`model` says which model is served and where: leave out {names}, or `model`")
    return {**model.to_serve, **said, "after": model.ready}


@jsii.implements(IStableAnyProducer)
class _Retained:
    """Whether a policy keeps the resource of what serves, which its function is told by a property alone."""

    def __init__(self, served_model: Construct, resource_id: str) -> None:
        self._served_model = served_model
        self._resource_id = resource_id

    def produce(self) -> str | None:
        """See `IStableAnyProducer`."""
        resource = self._served_model.node.find_child(self._resource_id).node.default_child
        options = cast("CfnResource", resource).cfn_options
        return "true" if {options.deletion_policy, options.update_replace_policy} & _KEPT else None


class ServedModel(Construct):
    """The base of `CustomModelDeployment` and `ProvisionedThroughput`; use one of those.

    The parameters that both have are described here. **Give both the same construct id**, and one takes the place of
    the other in a single deployment: the SSM parameter is the same resource then, so that it points at the next one
    when that serves and before the other is deleted.

    Args:
        model: A `FineTunedModel`, which replaces every parameter from `name` to `model_owner`. Serving starts when it
            is ready, and has its tags unless `tags` is set. Default: none; then the parameters without a default are
            required.
        name: Your name for the model, as for `ModelCustomization`.
        environment: The environment, as for `ModelCustomization`.
        base_model: The base model's profile; it must offer this way of serving.
        data_store: The data store whose key, or one of whose `model_keys`, encrypts the model.
        workflow: The lifecycle that manages it.
        training_id: The training whose model is served. Default: none; then `model_arn` is required.
        attempt: The attempt of that training run. Default: 1.
        model_arn: ARN of an existing custom model in this account and Region, tuned from `base_model`. It is served as
            it is and never deleted. Default: none, the model of `training_id`.
        model_environment: The environment that trained the model of `training_id`, if it was promoted. Default: none,
            this one.
        model_key_arn: The key that encrypts a promoted model. Default: none, one of the data store's.
        base_models: The base models that a message suggests in place of one that cannot be served this way. Default:
            those of the library.
        keep_models: How many models of this name and environment are kept once the desired one serves, 1 to 100. Older
            models are permanently deleted, also by the deployment that sets it, except those that serve or served just
            before. Not with `model_arn` or `model_environment`. Default: all.
        model_owner: `ModelCustomization.owner`, whose models `keep_models` counts; required with it.
        parameter_name: Name of the SSM parameter with the ARN, for applications. Default:
            `/bedrock-tuning/<environment>/<name>/model-id`.
        reconcile: Raise it by one to send an event, which corrects drift that CloudFormation cannot see. Default: 0.
        tags: Your tags for what serves. Default: only the owner tags that this project adds.
        gate: What the model must have passed before anything is created, bought or moved for it. Default: none.

    Attributes:
        model: The name of the model of a training run, or the ARN of one that is given.
        commitment_duration: The term of what was bought; None without one.
        commit_baked_only: Whether a commitment is bought only for a model that has passed a bake.
        model_id: The `modelId` for invoking the model: the ARN of what serves it.
        parameter: The SSM parameter that has it.
        resource: The custom resource.
        spending: What it serves, buys and keeps and how that is billed, as texts by name, for your own outputs; also in
            the resource's metadata.

    Raises:
        ValueError: For values out of bounds, or a base model without this way of serving.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        mode: ServingMode,
        resource_type: str,
        resource_id: str,
        attribute: str,
        own_properties: Mapping[str, object],
        own_spending: Callable[[str, str, str], Spending],
        name: str,
        environment: str,
        base_model: BaseModelProfile,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        training_id: str | None = None,
        attempt: int = 1,
        model_arn: str | None = None,
        model_environment: str | None = None,
        model_key_arn: str | None = None,
        base_models: BaseModels | None = None,
        reconcile: int = 0,
        keep_models: int | None = None,
        model_owner: str | None = None,
        parameter_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        after: IDependable | None = None,
        commitment_duration: str | None = None,
        commit_baked_only: bool = False,
        gate: QualityGate | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.node.add_dependency(*(each for each in (after, gate) if each))
        check_name(name)
        check_environment(environment)
        check_serving_mode(self, base_model, mode, base_models)
        _check_keep_models(keep_models, model_owner, is_given=bool(model_arn or model_environment))
        self._data_store = data_store
        self._model_key_arn = model_key_arn
        self._mode = mode
        # Another training run of the same base model may be served later, by the same ARN.
        tuned = f"{BedrockArns(Stack.of(self)).own}:custom-model/{base_model.foundation_model_id}*"
        self._models_arn = model_arn or tuned
        self._check_model(training_id, model_arn, base_model)
        deployment = base_model.serving.on_demand if mode == contract.ON_DEMAND_MODE and model_arn else None
        since = deployment.customized_from if deployment else None
        self.resource: CustomResource = workflow.custom_resource(
            self,
            resource_id,
            resource_type=resource_type,
            properties=ServedModelProperties.write(
                name=name,
                environment=environment,
                base_model=base_model.id,
                training_id=training_id,
                attempt=attempt,
                model_environment=model_environment,
                model_arn=model_arn,
                own=own_properties,
                custom_model_kms_key_arn=data_store.key.key_arn,
                quotas=quotas_for_serving(base_model, mode),
                served_model=self._place_in_stack(),
                reconcile=reconcile,
                tags=tags or {},
                customized_from=since.isoformat() if since else None,
                served_model_kms_key_arns=[
                    *(key.key_arn for key in data_store.model_keys),
                    *([model_key_arn] if model_key_arn else []),
                ],
                keep_models=keep_models,
                model_owner=model_owner,
                is_retained=Lazy.any(_Retained(self, resource_id)),
                gate=gate.asked if gate else None,
            ),
        )
        self.commitment_duration: str | None = commitment_duration
        self.commit_baked_only: bool = commit_baked_only
        self.model: str = model_arn or contract.training_name(
            name=name, environment=model_environment or environment, training_id=str(training_id), attempt=attempt
        )
        is_given = model_arn is not None or model_environment is not None
        self.spending: Spending = {
            **own_spending(name, environment, base_model.id),
            **served_spending(model=self.model, base_model=base_model.id, keep_models=keep_models, is_given=is_given),
        }
        tell_spending(self.resource, self.spending)
        self.model_id: str = self.resource.get_att_string(attribute)
        self.parameter: ssm.StringParameter = ssm.StringParameter(
            self,
            "ModelId",
            parameter_name=parameter_name or contract.model_id_parameter(name, environment),
            description="modelId for invoking the fine-tuned model with Amazon Bedrock",
            string_value=self.model_id,
        )

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a principal to invoke the model, to use its key and to read the parameter.

        This includes the account's default project in Bedrock, and reads of the model and of what serves it, as AWS
        documents; whether Bedrock enforces these is not established.

        Import a role of another stack by its name (`iam.Role.from_role_name`). Otherwise its policy imports the ARN of
        what serves, which CloudFormation then does not let you change; a warning says so.
        """
        self._warn_of_export(grantee.grant_principal)
        invoke = iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            # A request that names no project is one of the default project, and asks for it besides what it invokes
            # (API reference, InvokeModel and Converse). Alone it invokes nothing.
            resource_arns=[self.model_id, BedrockArns(Stack.of(self)).default_project],
        )
        principal = grantee.grant_principal
        for statement in self._reads():
            principal.add_to_principal_policy(statement)
        # A role that is brought in by its name is none of the class, but has a place in the tree.
        if hasattr(principal, "node") and self._models_arn.endswith("*"):
            why = "a model that is served later has another ARN"
            acknowledge_wildcard(cast("Construct", principal), self._models_arn, why)
        # GenerateDataKey is what invoking an encrypted Nova model needs besides Decrypt (Amazon Nova user guide,
        # "Encryption of custom Nova models").
        grantee.grant_principal.add_to_principal_policy(
            self._data_store.served_keys_statement("Decrypt", "GenerateDataKey", key_arn=self._model_key_arn)
        )
        return invoke.combine(
            iam.Grant.add_to_principal(
                grantee=grantee, actions=["ssm:GetParameter"], resource_arns=[self.parameter.parameter_arn]
            )
        )

    def _reads(self) -> Iterator[iam.PolicyStatement]:
        """Yield what the Bedrock user guide asks for besides ("Prerequisites for running model inference")."""
        yield iam.PolicyStatement(actions=["bedrock:GetCustomModel"], resources=[self._models_arn])
        match self._mode:
            case "provisioned_throughput":
                yield iam.PolicyStatement(actions=["bedrock:GetProvisionedModelThroughput"], resources=[self.model_id])
            case "on_demand":
                pass
            case _:
                assert_never(self._mode)

    def _warn_of_export(self, principal: iam.IPrincipal) -> None:
        stack = Stack.of(self)
        if isinstance(principal, Construct) and Stack.of(principal).node.path != stack.node.path:
            Annotations.of(self).add_warning_v2(
                _EXPORT_WARNING,
                f"{principal.node.path} is in another stack, which would import the ARN of what serves: CloudFormation "
                "then refuses every deployment that changes it, such as another way to serve or other model units, "
                f"even after a purchase; create the role first, and grant it from stack {stack.node.path}: "
                'iam.Role.from_role_name(…, "…", "the role\'s name")',
            )

    def _check_model(self, training_id: str | None, model_arn: str | None, base_model: BaseModelProfile) -> None:
        if (training_id is None) == (model_arn is None):
            raise ValueError("exactly one of `training_id` and `model_arn` must be set")
        if model_arn is not None and not Token.is_unresolved(model_arn):
            _check_model_arn(CustomModelArn.parse(model_arn), base_model, Stack.of(self))

    def _place_in_stack(self) -> str:
        path = self.node.path.removeprefix(f"{Stack.of(self).node.path}/")
        return _NOT_IN_TAGS.sub("-", path)


def _check_keep_models(keep_models: int | None, model_owner: str | None, *, is_given: bool) -> None:
    if keep_models is None:
        return
    if is_given:
        why = "`keep_models` has no effect on the existing model of `model_arn` or `model_environment`"
        raise ValueError(f"{why}: leave one of the two out")
    if not 1 <= keep_models <= contract.MAX_KEEP_MODELS:
        allowed = f"1 to {contract.MAX_KEEP_MODELS}"
        raise ValueError(f"`keep_models` must be {allowed}, or None to keep every model (got {keep_models})")
    if not model_owner:
        raise ValueError("`keep_models` needs `model_owner`: set it to `ModelCustomization.owner`")


def _check_model_arn(given: CustomModelArn, base_model: BaseModelProfile, stack: Stack) -> None:
    for what, theirs, ours in (("Region", given.region, stack.region), ("account", given.account, stack.account)):
        if not Token.is_unresolved(ours) and theirs != ours:
            raise ValueError(f"`model_arn` must be in {what} {ours}, the stack's (got {theirs}): copy the model first")
    if not given.may_be_tuned_from(base_model.id):
        raise ValueError(f"`model_arn` must be a model tuned from {base_model.id} (got one from {given.base_model})")
