"""What training runs and serving stand on, made in one call."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.base_models import BaseModels
from bedrock_tuning.common.types import GivenKey, GivenRole
from bedrock_tuning.data.data_store import EVALUATION_RETENTION, DataStore
from bedrock_tuning.evaluation.asked_models import asked_model_ids
from bedrock_tuning.evaluation.evaluation_reconciler import EvaluationReconciler
from bedrock_tuning.evaluation.evaluation_workflow import EvaluationWorkflow
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.lifecycle.operations_key import OperationsKey
from bedrock_tuning.lifecycle.reconciler import Reconciler
from bedrock_tuning.organization.function_settings import FunctionSettings
from bedrock_tuning.organization.vpc_config import VpcConfig
from bedrock_tuning.serving.serving_reconciler import Promotions, ServingReconciler
from bedrock_tuning.training.service_role import ServiceRole
from bedrock_tuning.training.training_reconciler import TrainingReconciler


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What `make_foundation` created or imported, for the constructs that use it.

    Args:
        data_store: Bucket and key of data and models.
        service_role: The role that Bedrock assumes while it trains.
        operations_key: The key of everything but data and models.
        ledger: The table of the lifecycle.
        training: The reconciler of training runs.
        serving: The reconciler of what serves models.
        workflow: The lifecycle, whose `service_token` the custom resources use.
        evaluations: The workflow of evaluations. Default: none, nothing can be evaluated.
        functions: What the organization prescribes for functions. Default: nothing.
        vpc_config: The network of the training runs. Default: none.
    """

    data_store: DataStore
    service_role: GivenRole
    operations_key: GivenKey
    ledger: Ledger
    training: TrainingReconciler
    serving: ServingReconciler
    workflow: LifecycleWorkflow
    evaluations: EvaluationWorkflow | None = None
    functions: FunctionSettings | None = None
    vpc_config: VpcConfig | None = None


def make_foundation(
    scope: Construct,
    *,
    key: GivenKey | None = None,
    bucket: s3.IBucket | None = None,
    data_store: DataStore | None = None,
    service_role: GivenRole | None = None,
    operations_key: GivenKey | None = None,
    functions: FunctionSettings | None = None,
    vpc_config: VpcConfig | None = None,
    name_prefix: str = "",
    stack_names: str = "*",
    allow_training: bool = True,
    allow_purchases: bool = True,
    allow_deleting_models: bool = True,
    promotions: Promotions | None = None,
    allow_baking: bool = False,
    evaluate_with: Sequence[str] = (),
    base_models: BaseModels | None = None,
) -> Foundation:
    """Create what any number of models share: data store, role, keys, ledger, lifecycle. Call it once.

    It is a function and not a construct: it creates its constructs directly in the scope, as `DataStore`,
    `ServiceRole`, `OperationsKey`, `Ledger`, `Training`, `Serving` and `Lifecycle`. These IDs are public.

    Args:
        key: An existing key for data and models, as for `DataStore`. Default: a new one.
        bucket: An existing bucket, as for `DataStore`. Default: a new one.
        data_store: An existing data store, with its own key and bucket. Default: a new one.
        service_role: An existing role that Bedrock may assume, with the permissions of `ServiceRole`. Default: a new
            one.
        operations_key: An existing key for ledger, workflow, logs and messages, see `OperationsKey`. Default: a new
            one.
        functions: What the organization prescribes for functions. Default: nothing.
        vpc_config: The network of the training runs, as for `ModelCustomization`; an existing service role needs it
            too. Default: none.
        name_prefix: What the name of the state machine starts with, at most 20 characters. Default: nothing.
        stack_names: A pattern for the names of the stacks that use it; it may read their state. Default: `*`, every
            stack of the account and Region.
        allow_training: Whether customization jobs may be created. Default: True.
        allow_purchases: Whether Provisioned Throughput may be bought. Default: True.
        allow_deleting_models: Whether custom models beyond `keep_models` may be deleted. Default: True.
        promotions: Which models of other Foundations may be served and held, see `PromotedModel`. Default: none.
        allow_baking: Whether what serves may be asked questions of `test/`, see `ServingBake`. Default: False.
        evaluate_with: The models that evaluations may ask beside the tuned one, see `Evaluation`: IDs of foundation
            models and inference profiles, and `base` for every base model that can be tuned in the Region. It also
            creates `EvaluationWorkflow` and `Evaluation`. In an existing data store, add a rule that deletes what is
            under `evaluation/confidential/`; a new one has it, after 30 days. Default: none, nothing is evaluated.
        base_models: Which base models `base` means. Default: those of the library.

    Raises:
        ValueError: For `data_store` together with `key` or `bucket`, or a `name_prefix` that is malformed or too long.
    """
    if data_store and (key or bucket):
        raise ValueError("`data_store` has a key and a bucket: leave out `key` and `bucket`, or `data_store`")
    store = data_store or DataStore(
        scope, "DataStore", key=key, bucket=bucket, evaluation_retention=EVALUATION_RETENTION if evaluate_with else None
    )
    role = service_role or ServiceRole(scope, "ServiceRole", data_store=store, vpc_config=vpc_config).role
    operations: GivenKey = operations_key or OperationsKey(scope, "OperationsKey").key
    ledger = Ledger(scope, "Ledger", key=operations)
    training = TrainingReconciler(
        scope,
        "Training",
        ledger=ledger,
        data_store=store,
        service_role=role,
        functions=functions,
        stack_names=stack_names,
        allow_training=allow_training,
    )
    serving = ServingReconciler(
        scope,
        "Serving",
        ledger=ledger,
        data_store=store,
        functions=functions,
        stack_names=stack_names,
        allow_purchases=allow_purchases,
        allow_deleting_models=allow_deleting_models,
        promotions=promotions,
        allow_baking=allow_baking,
        reads_verdicts=bool(evaluate_with),
    )
    reconcilers: dict[str, Reconciler] = {
        contract.MODEL_CUSTOMIZATION: training,
        contract.TRAINING_AWAIT: training,
        contract.PROVISIONED_THROUGHPUT: serving,
        contract.CUSTOM_MODEL_DEPLOYMENT: serving,
        contract.PROMOTED_MODEL: serving,
        contract.SERVING_BAKE: serving,
    }
    evaluations = None
    if evaluate_with:
        evaluations = EvaluationWorkflow(
            scope,
            "EvaluationWorkflow",
            data_store=store,
            ledger=ledger,
            model_ids=asked_model_ids(evaluate_with, base_models or BaseModels.shipped(), Stack.of(scope)),
            functions=functions,
            name_prefix=name_prefix,
            givers=promotions.givers if promotions else (),
        )
        evaluation = EvaluationReconciler(
            scope,
            "Evaluation",
            ledger=ledger,
            data_store=store,
            evaluations=evaluations,
            functions=functions,
            stack_names=stack_names,
            marks_models=promotions is None,
        )
        kinds = (contract.EVALUATION, contract.EVALUATION_AWAIT, contract.QUALITY_GATE)
        reconcilers |= dict.fromkeys(kinds, evaluation)
    workflow = LifecycleWorkflow(
        scope,
        "Lifecycle",
        ledger=ledger,
        key=operations,
        reconcilers=reconcilers,
        functions=functions,
        name_prefix=name_prefix,
    )
    return Foundation(
        data_store=store,
        service_role=role,
        operations_key=operations,
        ledger=ledger,
        training=training,
        serving=serving,
        workflow=workflow,
        evaluations=evaluations,
        functions=functions,
        vpc_config=vpc_config,
    )
