"""Reads the facts for what is asked: each once, and only those that matter."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from bedrock_lifecycle import contract
from bedrock_lifecycle.preflight.checks import base_model
from bedrock_lifecycle.preflight.desired import (
    DesiredDeployment,
    DesiredEvaluation,
    DesiredPromotion,
    DesiredServing,
    DesiredThroughput,
    DesiredTraining,
    JobFile,
)
from bedrock_lifecycle.preflight.facts import (
    AskedModel,
    Base,
    Customized,
    CustomModelFacts,
    DataObject,
    DeploymentFacts,
    Deployments,
    Fact,
    JobFacts,
    KeyFacts,
    Known,
    ModelAvailability,
    ModelKey,
    NotChecked,
    Permission,
    PromotedModelFacts,
    PurchaseFacts,
    Quota,
    RecordSum,
    RunFacts,
    TargetLocation,
    Units,
)
from bedrock_lifecycle.preflight.readers.account import AccountReader
from bedrock_lifecycle.preflight.readers.bedrock import BedrockReader
from bedrock_lifecycle.preflight.readers.reading import Reading, told
from bedrock_lifecycle.preflight.report import Problem, Verdict

T = TypeVar("T")
R = TypeVar("R")

# Where Bedrock writes a job's metrics, below the output URI (Bedrock user guide, "Analyze the results of a model
# customization job"); the id is made up.
_METRICS: Final = "model-customization-job-preflight000/training_artifacts/step_wise_training_metrics.csv"
# Bedrock user guide, "Encryption of model customization jobs and artifacts".
_MODEL_KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant")


def base_of(
    bedrock: BedrockReader,
    base_model_id: str,
    customization_type: str | None,
    now: datetime,
    judge: Callable[[Base], Verdict],
) -> Base:
    """Return the facts of a base model; the active ones are told with a refusal alone."""
    base = Base(
        id=base_model_id,
        customization_type=customization_type,
        found=bedrock.base_model(base_model_id),
        active=NotChecked("not requested"),
        now=now,
    )
    refused = isinstance(judge(base), Problem)
    return replace(base, active=bedrock.active_base_models(customization_type)) if refused else base


class Gatherer:
    """Gathers facts in one place."""

    def __init__(self, reading: Reading, place: TargetLocation) -> None:
        self._place = place
        self._bedrock = BedrockReader(reading)
        self._account = AccountReader(reading, place)

    def training(self, asked: DesiredTraining, now: datetime) -> JobFacts:
        """Return the facts for a customization job."""
        mode = asked.serving.mode if asked.serving else None
        return JobFacts(
            place=self._place,
            name=asked.name,
            base=base_of(self._bedrock, asked.base_model_id, asked.customization_type, now, base_model.for_training),
            access=self._access(asked.foundation_model_id),
            jobs_quota=self._quota(asked, contract.JOBS_QUOTA),
            running_jobs=self._bedrock.running_jobs(),
            models_quota=self._quota(asked, contract.MODELS_QUOTA),
            models=self._bedrock.custom_models(),
            model_of_this_name=self._bedrock.model_exists(asked.name),
            units=self._units(asked) if mode == contract.PROVISIONED_THROUGHPUT_MODE else None,
            deployments=self._deployments(asked) if mode == contract.ON_DEMAND_MODE else None,
            role_arn=_or_empty(asked.role_arn),
            trust_policy=_then(asked.role_arn, self._account.trust_policy),
            reads_data=self._missing(asked.role_arn, self._reading_data(asked)),
            writes_metrics=self._missing(asked.role_arn, self._writing_metrics(asked)),
            uses_key=self._missing(asked.role_arn, _then(asked.key_arn, _encrypting)),
            data=tuple(self._data_object(each) for each in asked.data),
            record_sum=RecordSum(
                asked.min_records_sum,
                asked.max_records_sum,
                asked.quotas.get(contract.RECORDS_QUOTA),
                self._quota(asked, contract.RECORDS_QUOTA),
            ),
            key_arn=_or_empty(asked.key_arn),
            key=_then(asked.key_arn, self._key),
        )

    def purchase(self, asked: DesiredThroughput, now: datetime) -> PurchaseFacts:
        """Return the facts for a Provisioned Throughput."""
        judge = partial(base_model.for_purchase, model_is_given=asked.model_is_given)
        return PurchaseFacts(
            base=base_of(self._bedrock, asked.base_model_id, None, now, judge),
            model_is_given=asked.model_is_given,
            units=self._units(asked),
            **self._keys(asked, self._bedrock.custom_model(asked.model)),
        )

    def deployment(self, asked: DesiredDeployment) -> DeploymentFacts:
        """Return the facts for an on-demand deployment of a custom model."""
        model = self._bedrock.custom_model(asked.model)
        created = told(_then(model, lambda found: Known(found.created)), "GetCustomModel gives no time")
        return DeploymentFacts(
            customized=Customized(model=asked.model, since=asked.customized_from, created=created),
            deployments=self._deployments(asked),
            **self._keys(asked, model),
        )

    def promotion(self, asked: DesiredPromotion, now: datetime) -> PromotedModelFacts:
        """Return the facts for another environment's model."""
        judge = partial(base_model.for_promotion, buys=asked.buys)
        return PromotedModelFacts(
            base=base_of(self._bedrock, asked.base_model_id, None, now, judge),
            buys=asked.buys,
            key_arn=asked.key_arn,
            key=self._key(asked.key_arn),
        )

    def evaluation(self, asked: DesiredEvaluation, now: datetime) -> RunFacts:
        """Return the facts for a run of an evaluation."""
        return RunFacts(
            asked=tuple(self._asked_model(model_id) for model_id in asked.asked),
            deployments=Deployments(
                deployment_name=asked.candidate,
                quota=self._account.quota(asked.quotas.get(contract.DEPLOYMENTS_QUOTA)),
                held=self._bedrock.deployments(),
            )
            if asked.candidate
            else None,
            data=(self._data_object(asked.test),),
            max_tokens=asked.max_tokens,
            max_output_tokens=asked.max_output_tokens,
            now=now,
        )

    def _asked_model(self, model_id: str) -> AskedModel:
        found = self._bedrock.base_model(model_id)
        is_known = isinstance(found, Known) and found.value is not None
        access = self._bedrock.access(model_id) if is_known else NotChecked("Bedrock lists no such foundation model")
        return AskedModel(model_id, found, access)

    def _data_object(self, asked: JobFile) -> DataObject:
        found = DataObject(
            _or_empty(asked.uri),
            _then(asked.uri, self._account.object_exists),
            asked.local,
            use=asked.use,
            checked=asked.checked,
            records=asked.records,
        )
        # A version is looked for where there is one to compare it with, and an object that has it.
        if asked.checked is None or found.exists == Known(value=False):
            return found
        return replace(found, version=_then(asked.uri, self._account.object_version))

    def _access(self, foundation_model_id: str | None) -> Fact[ModelAvailability]:
        if foundation_model_id is None:
            return NotChecked("the template does not name the foundation model")
        return self._bedrock.access(foundation_model_id)

    def _quota(self, asked: DesiredTraining | DesiredServing, key: str) -> Fact[Quota]:
        return self._account.quota(asked.quotas.get(key))

    def _units(self, asked: DesiredTraining | DesiredThroughput) -> Units:
        serving = asked.serving
        if serving is None:
            raise AssertionError("units are requested")
        return Units(
            throughput_name=serving.throughput_name,
            model_units=serving.model_units,
            committed=serving.committed,
            of_one=self._quota(asked, contract.UNITS_QUOTA),
            without_commitment=self._quota(asked, contract.UNCOMMITTED_UNITS_QUOTA),
            held=self._bedrock.throughputs(),
        )

    def _deployments(self, asked: DesiredTraining | DesiredDeployment) -> Deployments:
        return Deployments(
            deployment_name=asked.serving.deployment_name if asked.serving else "",
            quota=self._quota(asked, contract.DEPLOYMENTS_QUOTA),
            held=self._bedrock.deployments(),
        )

    def _keys(self, asked: DesiredServing, model: Fact[CustomModelFacts]) -> dict[str, Any]:
        """Return the facts about the model's key, which every kind that serves has."""
        served = _then(asked.key_arn, lambda own: Known((*([own] if own else []), *asked.model_key_arns)))
        its = _then(model, lambda found: Known(found.key_arn))
        model_key = ModelKey(model=asked.model, found=its, served=served)
        key_arn = _key_of(asked, model_key)
        return {"model_key": model_key, "key_arn": _or_empty(key_arn), "key": _then(key_arn, self._key)}

    def _key(self, key_arn: str) -> Fact[KeyFacts | None]:
        return self._account.key(key_arn) if key_arn else Known(None)

    def _missing(self, role_arn: Fact[str], wanted: Fact[tuple[Permission, ...]]) -> Fact[tuple[Permission, ...]]:
        return _then(role_arn, lambda role: _then(wanted, lambda permissions: self._account.missing(role, permissions)))

    def _reading_data(self, asked: DesiredTraining) -> Fact[tuple[Permission, ...]]:
        uris = [each.uri for each in asked.data]
        return _then(_all(uris), lambda known: self._through_s3("GetObject", "Decrypt", known, asked.key_arn))

    def _writing_metrics(self, asked: DesiredTraining) -> Fact[tuple[Permission, ...]]:
        return _then(
            asked.output_uri,
            lambda uri: self._through_s3("PutObject", "GenerateDataKey", (f"{uri}{_METRICS}",), asked.key_arn),
        )

    def _through_s3(
        self, action: str, key_action: str, uris: tuple[str, ...], key_arn: Fact[str]
    ) -> Fact[tuple[Permission, ...]]:
        """Return what reading or writing objects takes: the data store encrypts them with the key of the models."""
        arns = (f"arn:{self._place.partition}:s3:::{uri.removeprefix('s3://')}" for uri in uris)
        objects = tuple(Permission(f"s3:{action}", arn) for arn in arns)
        return _then(
            key_arn,
            lambda key: Known((*objects, Permission(f"kms:{key_action}", key, via="s3")) if key else objects),
        )


def _key_of(asked: DesiredServing, model_key: ModelKey) -> Fact[str]:
    """Return the key to look at: the model's, when it is one of the further keys; no other may be read."""
    its = model_key.found.value if isinstance(model_key.found, Known) else None
    return Known(its) if its in asked.model_key_arns else asked.key_arn


def _encrypting(key_arn: str) -> Fact[tuple[Permission, ...]]:
    return Known(tuple(Permission(action, key_arn, via="bedrock") for action in _MODEL_KEY_ACTIONS if key_arn))


def _then(fact: Fact[T], use: Callable[[T], Fact[R]]) -> Fact[R]:
    """Return what follows from a fact; what was not checked stays so, with its reason."""
    return fact if isinstance(fact, NotChecked) else use(fact.value)


def _all(facts: Iterable[Fact[T]]) -> Fact[tuple[T, ...]]:
    """Return the values of all facts, or why one was not checked."""
    values: list[T] = []
    for fact in facts:
        if isinstance(fact, NotChecked):
            return fact
        values.append(fact.value)
    return Known(tuple(values))


def _or_empty(fact: Fact[str]) -> str:
    return fact.value if isinstance(fact, Known) else ""
