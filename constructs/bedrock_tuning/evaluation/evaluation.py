"""An evaluation as a resource: the same questions are asked of the same models once, for ever."""

from collections.abc import Mapping, Sequence

from aws_cdk import Annotations, CustomResource
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.contract.evaluation_identity import BASE, EvaluationInputs
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.common.naming import check_environment, check_name
from bedrock_tuning.common.types import GivenRole
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.data.dataset_provider import DatasetProvider
from bedrock_tuning.evaluation.inputs import Judge, beyond_bound, by_name, evaluation_inputs
from bedrock_tuning.evaluation.metrics import EvaluationMetric
from bedrock_tuning.evaluation.own_metric_function import OwnMetricFunction
from bedrock_tuning.evaluation.rubric import Rubric
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.organization.function_settings import FunctionSettings
from bedrock_tuning.spending.metadata import tell_spending
from bedrock_tuning.spending.serving_intent import quotas_for_serving
from bedrock_tuning.spending.words import DataFile, Spending, evaluation_spending


class Evaluation(Construct):
    """Asks a tuned model and others the same records of the test data, and measures who answers better.

    The same questions, models, metrics and bounds of an answer always find the same evaluation again. After another
    training run only the tuned model is asked again. The deployment continues as soon as a run has started: wait with
    `EvaluationAwait`. Records, answers and rubric are confidential: they are encrypted, and expire. Foundation needs
    `evaluate_with`.

    Args:
        name: Your name for the model, as for `ModelCustomization`.
        environment: The environment, as for `ModelCustomization`.
        base_model: The base model's profile.
        training_id: The training whose model is evaluated.
        test: The test data, at `test/<sha256>.jsonl` in the data store, where a `Dataset` of the split `test` puts it;
            `ModelCustomization.files` has it. If its records are known, a bound that is too low is an error at synth.
        metrics: How answers are scored, 1 to 10 metrics, each once.
        max_output_tokens: The most output tokens of an answer, 1 to 10,000. Bedrock reserves them in the quota. No
            default, since it bounds what the evaluation costs.
        max_tokens: The most tokens of the whole evaluation, of every run of it, from 1. No default, as above.
        workflow: The lifecycle that manages it.
        scorer: The role that calls your own metric: that of `EvaluationWorkflow.functions.score`. Only with one.
        attempt: The attempt of that training run. Default: 1.
        model_environment: The environment that trained the model, if it was promoted. Default: none, this one.
        model_key_arn: The key that encrypts the model. Default: none, a key that AWS owns.
        compare_with: 0 to 4 models that are asked too: `base` for the base model, or IDs of foundation models and
            inference profiles. Foundation's `evaluate_with` must have them. With none nothing is compared. Default: the
            base model.
        records: How many records are asked, drawn with a fixed seed, 1 to 1,000,000. Default: all.
        group_by: The field of a record that says which records belong together. Default: each stands alone.
        judge: Another model that compares the answers. Default: none.
        data_store: The data store, which gets the judge's rubric. Only with a judge.
        reader: The function that copies the rubric. Only with a judge.
        max_error_rate: The share of records without an answer, 0 to 1, from which on it has failed. Default: 0.02.
        quota_share: The share of the account's quotas that it may use, above 0 to 1. Default: 0.25.
        quota_codes: Service Quotas codes of requests a minute, by model ID. Default: none.
        served_arn: The ARN of what serves the model, to ask that; for a base model without deployments on demand.
            Default: none, a deployment is made for the evaluation and deleted after it.
        train_sha256: SHA-256 of the training data in this data store, in which the questions are looked for. Default:
            none.
        functions: What the organization prescribes for functions; for a metric of your own. Default: nothing.
        tags: Your tags for the deployment. Default: none.
        reconcile: Raise it by one to send an event, which looks at the evaluation again. Default: 0.

    Attributes:
        evaluation_id: The ID of the evaluation, known at synth.
        inputs: What it is made of.
        metrics: The metrics, by their names.
        is_judged: Whether a judge compares the answers.
        resource: The custom resource.
        spending: What is asked of whom and how that is billed, as texts by name, for your own outputs.

    Raises:
        ValueError: For values out of bounds, a metric twice, a metric of your own without `scorer`, or a judge without
            `data_store` and `reader`, or without a model to compare with.
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
        test: DataFile,
        metrics: Sequence[EvaluationMetric],
        max_output_tokens: int,
        max_tokens: int,
        workflow: LifecycleWorkflow,
        scorer: GivenRole | None = None,
        attempt: int = 1,
        model_environment: str | None = None,
        model_key_arn: str | None = None,
        compare_with: Sequence[str] = (BASE,),
        records: int | None = None,
        group_by: str | None = None,
        judge: Judge | None = None,
        data_store: DataStore | None = None,
        reader: DatasetProvider | None = None,
        max_error_rate: float = 0.02,
        quota_share: float = 0.25,
        quota_codes: Mapping[str, str] | None = None,
        served_arn: str | None = None,
        train_sha256: str | None = None,
        functions: FunctionSettings | None = None,
        tags: Mapping[str, str] | None = None,
        reconcile: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        check_name(name)
        check_environment(environment)
        self.metrics: Mapping[str, EvaluationMetric] = by_name(metrics)
        self._check(max_output_tokens, max_tokens, records, compare_with, quota_share, max_error_rate)
        model = contract.training_name(
            name=name, environment=model_environment or environment, training_id=training_id, attempt=attempt
        )
        self.inputs: EvaluationInputs = evaluation_inputs(
            model=model,
            base_model=base_model,
            test_sha256=test.sha256,
            compare_with=compare_with,
            metrics=metrics,
            max_output_tokens=max_output_tokens,
            records=records,
            group_by=group_by,
            judge=judge,
        )
        if judge and not compare_with:
            raise ValueError("`judge` needs a model in `compare_with`: it compares two answers to the same question")
        self.evaluation_id: str = self.inputs.id
        self.is_judged: bool = judge is not None
        on_demand = base_model.serving.on_demand
        self.resource: CustomResource = workflow.custom_resource(
            self,
            "Run",
            resource_type=contract.EVALUATION,
            properties=EvaluationProperties.write(
                name=name,
                environment=environment,
                model_environment=model_environment,
                base_model=base_model.id,
                training_id=training_id,
                attempt=attempt,
                inputs=self.inputs,
                test_uri=data_store.uri(contract.data_key("test", test.sha256)) if data_store else None,
                metric_functions=self._own_functions(workflow, scorer, functions),
                max_tokens=max_tokens,
                max_error_rate=max_error_rate,
                quota_share=quota_share,
                requests_per_minute=on_demand.requests_per_minute if on_demand else None,
                tokens_per_minute=on_demand.tokens_per_minute if on_demand else None,
                quota_codes=quota_codes or {},
                served_arn=served_arn,
                train_sha256=train_sha256,
                custom_model_kms_key_arn=model_key_arn,
                quotas={} if served_arn else quotas_for_serving(base_model, contract.ON_DEMAND_MODE),
                tags=tags or {},
                reconcile=reconcile,
            ),
        )
        if judge:
            self._copy_rubric(judge, data_store, reader, reconcile)
        if test.records is not None:
            self._check_bound(test.records, records, max_output_tokens, max_tokens)
        self.spending: Spending = evaluation_spending(
            evaluation_id=self.evaluation_id,
            models={each.name: each.model for each in self.inputs.targets},
            test=test,
            records=records,
            metrics=list(self.metrics),
            judge=judge.model if judge else None,
            max_output_tokens=max_output_tokens,
            max_tokens=max_tokens,
        )
        tell_spending(self.resource, self.spending)

    def _own_functions(
        self, workflow: LifecycleWorkflow, scorer: GivenRole | None, functions: FunctionSettings | None
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, metric in self.metrics.items():
            if metric.own is None:
                continue
            if scorer is None:
                raise ValueError("`scorer` must be set for a metric of your own: the role that calls it")
            made = OwnMetricFunction(
                self, "OwnMetric", own=metric.own, called_by=scorer, key=workflow.key, functions=functions
            )
            found[name] = made.version_arn
        return found

    def _copy_rubric(
        self, judge: Judge, data_store: DataStore | None, reader: DatasetProvider | None, reconcile: int
    ) -> None:
        if data_store is None or reader is None:
            raise ValueError("`data_store` and `reader` must be set beside `judge`: they get its rubric to the judge")
        rubric = Rubric(
            self,
            "Rubric",
            judge=judge,
            data_store=data_store,
            reader=reader,
            evaluation_id=self.evaluation_id,
            reconcile=reconcile,
        )
        self.resource.node.add_dependency(rubric)

    def _check_bound(self, in_file: int, records: int | None, max_output_tokens: int, max_tokens: int) -> None:
        why = beyond_bound(
            asked=in_file if records is None else records,
            in_file=in_file,
            models=len(self.inputs.targets),
            max_output_tokens=max_output_tokens,
            max_tokens=max_tokens,
        )
        if why:
            Annotations.of(self).add_error(why)

    def _check(
        self,
        max_output_tokens: int,
        max_tokens: int,
        records: int | None,
        compare_with: Sequence[str],
        quota_share: float,
        max_error_rate: float,
    ) -> None:
        for what, value, minimum, maximum in (
            ("max_output_tokens", max_output_tokens, 1, contract.MAX_EVALUATION_OUTPUT_TOKENS),
            ("max_tokens", max_tokens, 1, None),
            ("records", records, 1, contract.MAX_EVALUATION_RECORDS),
            ("max_error_rate", max_error_rate, 0, 1),
            ("the number of models in compare_with", len(compare_with), 0, contract.MAX_COMPARED_MODELS),
            ("the number of metrics", len(self.metrics), 1, contract.MAX_METRICS),
        ):
            if value is not None and (value < minimum or (maximum is not None and value > maximum)):
                allowed = f"at least {minimum}" if maximum is None else f"{minimum} to {maximum:,}"
                raise ValueError(f"{what} must be {allowed} (got {value})")
        if not 0 < quota_share <= 1:
            raise ValueError(f"`quota_share` must be above 0, at most 1 (got {quota_share})")
        if len(set(compare_with)) < len(compare_with):
            raise ValueError("`compare_with` must name each model once")
