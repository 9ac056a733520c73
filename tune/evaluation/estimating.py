"""Reckons what the evaluation of a settings file would take: changes nothing, and asks no model."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from bedrock_lifecycle.contract.evaluation_identity import Questions
from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.asking.preparing import requests_a_minute
from bedrock_lifecycle.evaluation.questions.estimate import tokens_of
from bedrock_lifecycle.evaluation.questions.questions import drawn, in_shards
from bedrock_lifecycle.evaluation.questions.test_data import NotUsable, StoredFile
from bedrock_lifecycle.evaluation.stored.plan import Candidate, EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Index
from bedrock_lifecycle.evaluation.stored.shards import read_index
from bedrock_lifecycle.evaluation.stored.store import Missing, Store
from bedrock_tuning.data.sources import FileSource
from settings import Model
from tune.account.aws import Aws
from tune.account.evaluation_place import EvaluationPlace, find_place
from tune.account.stacks import StackReader
from tune.evaluation.estimate import Estimate, of_plan, reckoned
from tune.terminal.environments import DeployTarget
from tune.terminal.labels import name_of

_NOT_DEPLOYED: Final = "Foundation is not deployed, or evaluates nothing yet: nothing was answered before"
_NOT_ASKED: Final = "AWS was not called, so no stored answers are counted"


class _LocalFile(StoredFile):
    """Test data of this machine, read as a run reads them from the bucket."""

    def __init__(self, source: FileSource) -> None:
        self._path = source.path
        self._sha256 = source.sha256

    def __str__(self) -> str:
        return name_of(self._path)

    def _opened(self) -> StreamingBody:
        return StreamingBody(self._path.open("rb"), content_length=None)  # type: ignore[arg-type]


def estimate(target: DeployTarget, aws: Aws | None, why_not: str = "") -> Estimate:
    """Return what the evaluation of a target's one model would take.

    aws: None where AWS does not answer, for the reason `why_not`.
    """
    (model,) = target.settings
    if aws is None:
        return _with(_without_aws(model), f"{_NOT_ASKED}: {why_not}")
    try:
        place = find_place(StackReader(aws("cloudformation")), target.foundation)
        if place is None:
            return _with(_without_aws(model, aws), _NOT_DEPLOYED)
        return _in_account(model, aws, place)
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return _with(_without_aws(model), f"{_NOT_ASKED}: {aws_errors.sentence(error)}")


def _with(found: Estimate, note: str) -> Estimate:
    return replace(found, notes=(*found.notes, note))


def _without_aws(model: Model, aws: Aws | None = None) -> Estimate:
    """Return what is known where no run has begun; `aws` is asked for quotas alone."""
    file = _local(model)
    if file is None:
        return _with(of_plan(_plan(model)), "the test data are in no file of this machine, so they were not read")
    return _reckoned(model, lambda questions: _read(file, questions), aws=aws)


def _in_account(model: Model, aws: Aws, place: EvaluationPlace) -> Estimate:
    plan, store = _plan(model), Store(aws("s3"), place.bucket)
    if store.has(summary_key(plan.id)):
        return replace(of_plan(plan), is_complete=True)
    counter = LedgerCounter(aws("dynamodb"), place.table, plan.id, plan.max_tokens)

    def index(questions: Questions) -> Index:
        try:
            return read_index(store, plan)
        except Missing:
            file = _local(model) or StoredFile(aws("s3"), place.bucket, "test", questions.test_sha256)
            return _read(file, questions)

    return _reckoned(model, index, aws=aws, store=store, counted=counter.read().tokens)


def _reckoned(
    model: Model,
    index_of: Callable[[Questions], Index],
    *,
    aws: Aws | None,
    store: Store | None = None,
    counted: int = 0,
) -> Estimate:
    plan = _plan(model)
    try:
        index = index_of(plan.questions)
    except NotUsable as problem:
        return replace(of_plan(plan), refusal=str(problem))
    if aws is None:
        plan = replace(plan, quota_codes={})
    judge = model.evaluation.judge if model.evaluation else None
    return reckoned(
        plan,
        index,
        keys=store.keys if store else lambda _: (),
        rate=partial(requests_a_minute, plan, index, quotas=aws or _nobody),
        rubric_tokens=tokens_of(judge.rubric.read_text(encoding="utf-8")) if judge else 0,
        counted=counted,
    )


def _nobody(_service: str) -> None:
    raise AssertionError("without AWS no quota is read")


def _read(file: StoredFile, questions: Questions) -> Index:
    its, cut = drawn(file, questions)
    return in_shards(file, questions, its, cut, lambda _key, _body: None)


def _local(model: Model) -> StoredFile | None:
    """Return the test data that are a file of this machine; None where they are elsewhere."""
    source = model.data.test if model.data else None
    if isinstance(source, FileSource) and source.sha256 == model.evaluated_sha256:
        return _LocalFile(source)
    return None


def _plan(model: Model) -> EvaluationPlan:
    """Return the plan that a run gets, but for what only an account knows."""
    asked, inputs, on_demand = model.evaluation, model.evaluation_inputs, model.profile.serving.on_demand
    if asked is None or inputs is None:
        raise AssertionError("a model without an evaluation is refused before")
    return EvaluationPlan(
        id=inputs.id,
        owner="",
        questions=inputs.questions,
        targets=tuple(inputs.targets),
        asked_as={},
        metrics=tuple(inputs.metrics),
        judge=inputs.judge,
        max_output_tokens=inputs.max_output_tokens,
        max_tokens=asked.max_tokens,
        max_error_rate=asked.max_error_rate,
        quota_share=asked.quota_share,
        requests_per_minute=on_demand.requests_per_minute if on_demand else None,
        tokens_per_minute=on_demand.tokens_per_minute if on_demand else None,
        quota_codes=asked.quota_codes,
        candidate=None if model.is_asked_as_it_serves else Candidate(name="", model_arn="", tags={}),
    )
