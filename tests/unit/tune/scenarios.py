"""Commands in accounts where they make every call that they know, and what they call there."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.resources import custom_model_deployment
from sandbox.bedrock.faults import ApiFault
from settings import Model
from settings.app import DEFAULT_APP
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, NOVA_REGION, SERVING, TRAINING, Account, Wanted
from tests.support.quick import quick
from tests.support.s3_service import BUCKET, S3Service, s3_client
from tests.unit.settings.evaluation_files import EVALUATION, NOVA
from tests.unit.settings.promotion_files import DEV, PROMOTION, STAGING
from tests.unit.settings.settings_files import OF_ENVIRONMENT, changed, write, write_toml
from tests.unit.tune import leftovers, planning
from tests.unit.tune import test_status_evaluation as status_evaluation
from tests.unit.tune.aws_stand_in import stack_tags
from tests.unit.tune.dataset.data import write as write_data
from tests.unit.tune.planning import Aws, templates
from tests.unit.tune.probe.asked_account import Asked, furnished
from tests.unit.tune.recorded import Recorded, Refusal
from tests.unit.tune.test_plan_evaluation import ASKED
from tune import cli, synthesis
from tune.account import stack_states
from tune.account import templates as account_templates
from tune.account.recipients import SUBSCRIPTION, TOPIC
from tune.account.templates import Template
from tune.dataset.upload.sending import Sent
from tune.exports.wanted import StackInAssembly
from tune.review import run as review_run
from tune.review.assembly import StackTemplate

WANTED: Final = Wanted(rungs=2, tags={contract.TAG_APP: DEFAULT_APP})
_DEPLOYMENT: Final = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model-deployment/0a1b2c3d4e5f"
_DEPLOYMENT_NAME: Final = "faq-prod-any"
_CANDIDATE: Final = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model-deployment/ca0d1da7e000"
_CANDIDATE_NAME: Final = "faq-prod-0123456789ab"
_MACHINE: Final = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:evaluations"
_HELD: Final = str(PhysicalId(custom_model_deployment.KIND, _DEPLOYMENT_NAME))
_EXPORT: Final = "dev-given-up"


@dataclass(frozen=True)
class Scenario:
    """A command with its arguments, and the account in which it runs, made anew for each run."""

    name: str
    line: tuple[str, ...]
    account: Callable[[], Callable[[str], Any]]
    wanted: Wanted = WANTED
    cdk_code: int = 0
    is_changed: bool = False
    region: str = REGION
    typed: str = ""

    @property
    def command(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def form(self) -> str:
        """The command, with the option that makes it another one: each of them needs something of its own."""
        first, *rest = self.name.split()
        return " ".join([first, *(each for each in rest if each.startswith("--"))])

    def __str__(self) -> str:
        return self.name


class Stacks(planning.Views):
    """CloudFormation with everything that is asked of it: Foundation, imports, change sets, deletions."""

    def __init__(self, account: Account, aws: "Furnished") -> None:
        super().__init__(account)
        self._aws = aws

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_imports":
            return _Imports()
        return super().get_paginator(operation)

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        found = super().get_template(StackName=StackName, TemplateStage=TemplateStage)
        if StackName == FOUNDATION:
            found["TemplateBody"]["Outputs"] = {"Gone": {"Value": "any", "Export": {"Name": _EXPORT}}}
        return found

    def change_sets(self, _name: str) -> Iterator[dict[str, Any]]:
        yield {"Summaries": [{"ChangeSetName": each} for each in ("cdk-deploy-change-set", f"tune-{'0' * 16}")]}

    def describe_change_set(self, *, StackName: str, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803
        status = "CREATE_COMPLETE" if self._aws.is_changed else "FAILED"
        return {"Tags": stack_tags(StackName), "Status": status, "ChangeSetId": f"arn:changeSet/{ChangeSetName}"}

    def execute_change_set(self, *, StackName: str, ChangeSetName: str, ClientRequestToken: str) -> None:  # noqa: N803
        self.busy[StackName] = "UPDATE_IN_PROGRESS"

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803
        assert ChangeSetName.startswith("tune-")

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        (found,) = super().describe_stacks(StackName=StackName)["Stacks"]
        return {"Stacks": [{**found, "EnableTerminationProtection": StackName in self._aws.protected}]}

    def update_termination_protection(self, *, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803
        assert not EnableTerminationProtection
        self._aws.protected.discard(StackName)

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        if StackName in self._aws.stuck:
            self._aws.stuck.discard(StackName)
            self.busy[StackName] = "DELETE_FAILED"
            failed = {"ResourceType": "AWS::S3::Bucket", "ResourceStatus": "DELETE_FAILED", "EventId": "2"}
            self.events[StackName] = [{**failed, "ResourceStatusReason": "any"}]
        else:
            self._account.cloudformation.delete(StackName)

    def _resources(self, name: str) -> Iterator[dict[str, Any]]:
        yield from super()._resources(name)
        if name == FOUNDATION:
            its = {"LogicalResourceId": "Ledger", "ResourceType": "AWS::DynamoDB::Table"}
            summary = {**its, "ResourceStatus": "CREATE_COMPLETE", "PhysicalResourceId": f"{FOUNDATION}-Ledger"}
            its = {"LogicalResourceId": "EvaluationWorkflow", "ResourceType": "AWS::StepFunctions::StateMachine"}
            machine = {**its, "ResourceStatus": "CREATE_COMPLETE", "PhysicalResourceId": _MACHINE}
            yield {"StackResourceSummaries": [summary, *([machine] if self._aws.candidate else []), *NOTIFIED]}
        if name == SERVING and self._aws.deployment:
            its = {"LogicalResourceId": "Deployment", "ResourceType": contract.CUSTOM_MODEL_DEPLOYMENT}
            summary = {**its, "ResourceStatus": "CREATE_COMPLETE", "PhysicalResourceId": _HELD}
            yield {"StackResourceSummaries": [summary]}


# What Foundation has for the addresses of [notifications].
NOTIFIED: Final = tuple(
    {
        "LogicalResourceId": kind.rpartition(":")[2],
        "ResourceType": kind,
        "ResourceStatus": "CREATE_COMPLETE",
        "PhysicalResourceId": f"arn:aws:sns:{REGION}:{ACCOUNT}:{FOUNDATION}-Topic",
    }
    for kind in (TOPIC, SUBSCRIPTION)
)


class _Imports:
    def paginate(self, *, ExportName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert ExportName == _EXPORT
        yield {"Imports": []}


class _Stores:
    """A bucket and a key that an earlier Foundation kept; whatever else is asked, `around` answers."""

    def __init__(self, around: Any) -> None:
        self._around = around

    def list_buckets(self) -> dict[str, Any]:
        return {"Buckets": [{"Name": "kept"}]}

    def get_bucket_tagging(self, **_: str) -> dict[str, Any]:
        return {"TagSet": [{"Key": key, "Value": value} for key, value in leftovers.OURS.items()]}

    def get_paginator(self, operation: str) -> Any:
        tags = [{"TagKey": key, "TagValue": value} for key, value in leftovers.OURS.items()]
        pages = {"list_keys": {"Keys": [{"KeyId": "kept"}]}, "list_resource_tags": {"Tags": tags}}
        return planning._Pages(lambda _: [pages[operation]]) if operation == "list_keys" else _Once(pages[operation])

    def describe_key(self, *, KeyId: str) -> dict[str, Any]:  # noqa: N803
        if KeyId != "kept":
            return dict(self._around.describe_key(KeyId=KeyId))
        return {"KeyMetadata": {"KeyId": KeyId}}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._around, name)


class _Once:
    def __init__(self, page: Mapping[str, Any]) -> None:
        self._page = page

    def paginate(self, **_: Any) -> Iterator[Mapping[str, Any]]:
        yield self._page


class _Bedrock:
    """The simulated Bedrock, with a deployment in every list: here no base model can be deployed on demand."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_custom_model_deployment(self, *, customModelDeploymentIdentifier: str) -> dict[str, Any]:  # noqa: N803
        if customModelDeploymentIdentifier not in (_DEPLOYMENT, _DEPLOYMENT_NAME):
            its = {"customModelDeploymentIdentifier": customModelDeploymentIdentifier}
            return dict(self._client.get_custom_model_deployment(**its))
        its = {"customModelDeploymentArn": _DEPLOYMENT, "modelDeploymentName": _DEPLOYMENT_NAME}
        return {**its, "status": "Active", "modelArn": f"{_DEPLOYMENT}-model"}

    def get_paginator(self, operation: str) -> Any:
        found = self._client.get_paginator(operation)
        return _Deployments(found) if operation == "list_custom_model_deployments" else found

    def list_tags_for_resource(self, *, resourceARN: str) -> dict[str, Any]:  # noqa: N803
        if resourceARN != _DEPLOYMENT:
            return dict(self._client.list_tags_for_resource(resourceARN=resourceARN))
        return {"tags": [{"key": key, "value": value} for key, value in leftovers.tags(SERVING, "prod").items()]}


class _Deployments:
    def __init__(self, pages: Any) -> None:
        self._pages = pages

    def paginate(self, **params: Any) -> Iterator[dict[str, Any]]:
        for page in self._pages.paginate(**params):
            its = {"customModelDeploymentArn": _DEPLOYMENT, "customModelDeploymentName": _DEPLOYMENT_NAME}
            more = {"status": "Active", "createdAt": planning.STACKS_CREATED, "modelArn": f"{_DEPLOYMENT}-model"}
            yield {**page, "modelDeploymentSummaries": [{**its, **more}]}


class _Left:
    """Bedrock with a candidate that no run needs; whatever else is asked, `client` answers."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._is_there = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_paginator(self, operation: str) -> Any:
        found = self._client.get_paginator(operation)
        return self if operation == "list_custom_model_deployments" and self._is_there else found

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        its = {"customModelDeploymentArn": _CANDIDATE, "customModelDeploymentName": _CANDIDATE_NAME}
        more = {"status": "Active", "createdAt": planning.STACKS_CREATED, "modelArn": f"{_CANDIDATE}-model"}
        yield {"modelDeploymentSummaries": [{**its, **more}]}

    def list_tags_for_resource(self, *, resourceARN: str) -> dict[str, Any]:  # noqa: N803
        if resourceARN != _CANDIDATE:
            return dict(self._client.list_tags_for_resource(resourceARN=resourceARN))
        of = {contract.TAG_MODEL: "faq", contract.TAG_FOUNDATION: f"{leftovers.STACKS}{FOUNDATION}"}
        tags = leftovers.tags(WANTED.evaluation_stack, "prod", **of)
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def get_custom_model_deployment(self, *, customModelDeploymentIdentifier: str) -> dict[str, Any]:  # noqa: N803
        if not self._is_there:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetCustomModelDeployment")
        assert customModelDeploymentIdentifier == _CANDIDATE
        its = {"customModelDeploymentArn": _CANDIDATE, "modelDeploymentName": _CANDIDATE_NAME}
        return {**its, "status": "Active", "modelArn": f"{_CANDIDATE}-model"}

    def delete_custom_model_deployment(self, *, customModelDeploymentIdentifier: str) -> None:  # noqa: N803
        assert customModelDeploymentIdentifier == _CANDIDATE
        self._is_there = False


class _Runs:
    """Step Functions with a run of another model's evaluation that goes on."""

    def get_paginator(self, operation: str) -> "_Once":
        assert operation == "list_executions"
        its = {"name": "ffffffffffff-1", "status": "RUNNING"}
        arn = _MACHINE.replace("stateMachine", "execution") + ":ffffffffffff-1"
        return _Once({"executions": [{**its, "executionArn": arn}]})

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        return {"executionArn": executionArn, "status": "RUNNING", "input": "{}"}


class Furnished(Aws):
    """The services of an account in which an environment is deployed, and something is kept by an earlier one."""

    def __init__(
        self,
        account: Account,
        *,
        status: str = "",
        stuck: bool = False,
        deployment: bool = True,
        is_changed: bool = False,
        candidate: bool = False,
    ) -> None:
        super().__init__(account)
        self.is_changed = is_changed
        self.protected = {FOUNDATION}
        self.deployment = deployment and not candidate
        self.candidate = _Left(self.bedrock) if candidate else None
        self.stuck = {SERVING} if stuck else set()
        self.views = Stacks(account, self)
        if status:
            self.views.busy[SERVING] = status

    def __call__(self, service: str) -> Any:
        if service in ("dynamodb", "sns"):
            return self
        if service == "stepfunctions" and self.candidate:
            return _Runs()
        found = super().__call__(service)
        if service == "bedrock" and self.candidate:
            return self.candidate
        if service == "bedrock":
            return _Bedrock(found) if self.deployment else found
        return _Stores(found) if service in ("s3", "kms") else found

    def get_paginator(self, operation: str) -> _Once:
        assert operation == "list_subscriptions_by_topic"
        return _Once({"Subscriptions": [{"Protocol": "email", "SubscriptionArn": "PendingConfirmation"}]})

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803
        return {"Table": {"TableName": TableName}}


def _deployed(*, gone: bool = False, **how: Any) -> Callable[[str], Any]:
    account = Account(settings=quick())
    account.cloudformation.deploy(FOUNDATION, {})
    account.deploy(WANTED)
    if gone:  # deleted by hand
        account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=WANTED.throughput_name)
        account.lifecycle.pass_time(quick().durations.validation * 10)
    return Furnished(account, **how)


_undecided: Final = partial(_deployed, status="REVIEW_IN_PROGRESS")


def _given(*, is_taken: bool = False) -> Callable[[str], Any]:
    account = Account(settings=quick())
    account.cloudformation.deploy(FOUNDATION, {})
    account.deploy(PROMOTED.given)
    if is_taken:
        account.deploy(PROMOTED)
    return Furnished(account)


_taken: Final = partial(_given, is_taken=True)


def _empty(*, foundation: bool = False, base_model: bool = True) -> Callable[[str], Any]:
    account = Account(settings=quick())
    if not base_model:
        account.lifecycle.simulated.faults.add(ApiFault("GetFoundationModel", "ResourceNotFoundException", times=100))
    if foundation:
        account.cloudformation.deploy(FOUNDATION, {})
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl")
    return Furnished(account)


def _destroyed(*, begun: bool = False, candidate: bool = False) -> Callable[[str], Any]:
    left = leftovers.Leftovers()
    if candidate:
        left.account.cloudformation.deploy(FOUNDATION, {})
    if begun:
        left.account.cloudformation.deploy(SERVING, {})
    # Something that somebody else has, and serves: it is looked at, and stops nothing.
    left.model("theirs", {})
    left.bedrock.create_provisioned_model_throughput(provisionedModelName="theirs", modelId="theirs", modelUnits=1)
    furnished = Furnished(left.account, status="REVIEW_IN_PROGRESS", candidate=candidate)
    bedrock = _Left(left.bedrock) if candidate else _Bedrock(left.bedrock)
    kept = {"s3": left.s3, "kms": left.kms, "bedrock": bedrock}
    return lambda service: kept.get(service) or furnished(service)


def _probed() -> Callable[[str], Any]:
    return Asked(furnished())


class _Named:
    """Bedrock, where the model of a training is the deployed one, whatever the training's name."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_custom_model(self, *, modelIdentifier: str) -> Any:  # noqa: N803 - the API's name
        assert modelIdentifier
        return self._client.get_custom_model(modelIdentifier=WANTED.training_name)


def _promoted() -> Callable[[str], Any]:
    furnished = _deployed()
    return lambda service: _Named(furnished(service)) if service == "bedrock" else furnished(service)


class _Baked:
    """CloudFormation, where the Serving stack has baked the model that was promoted to its environment."""

    def __init__(self, views: Any) -> None:
        self._views = views

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        assert self._views.get_template(StackName=StackName, TemplateStage=TemplateStage)
        name = f"faq-dev-{PROMOTION['training']}"
        asked = {"BakedModel": name, "CommitmentDuration": "OneMonth", "Questions": "3"}
        return {"TemplateBody": {"Resources": {"Bake": {"Type": contract.SERVING_BAKE, "Properties": asked}}}}

    def get_paginator(self, operation: str) -> Any:
        if operation != "list_stack_resources":
            return self._views.get_paginator(operation)
        its = {"LogicalResourceId": "Bake", "ResourceType": contract.SERVING_BAKE}
        return _Once({"StackResourceSummaries": [{**its, "ResourceStatus": "UPDATE_COMPLETE"}]})


def _baked() -> Callable[[str], Any]:
    furnished = _deployed()
    return lambda service: _Baked(furnished(service)) if service == "cloudformation" else furnished(service)


def _write_promoted(folder: Path) -> None:
    """Write the files of `prod`, to which `dev` has given a model, which it bakes."""
    bake = {"questions": 3, "max_output_tokens": 100, "sha256": "c" * 64}
    its = (("name", "faq"), ("allow.bake", True), ("serving.bake", bake))
    write(folder, DEV, environment="dev").unlink()
    write(folder, changed(*its, document=STAGING), environment="prod")


class _Evaluating(Furnished):
    """The same, with what Foundation has for evaluations."""

    def __call__(self, service: str) -> Any:
        match service:
            case "cloudformation":
                return status_evaluation.WithFoundation(self.views)
            case "stepfunctions":
                return self._account.lifecycle.evaluations
            case "service-quotas":
                return _Quotas()
            case "s3":
                return _Kept(super().__call__(service), self._account.lifecycle.world.objects)
        return super().__call__(service)

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {"Item": {"Tokens": {"N": "1234"}}}


class _Quotas:
    def get_service_quota(self, **_: str) -> dict[str, Any]:
        return {"Quota": {"Value": 100.0}}


class _Kept:
    """A bucket with the objects of the lifecycle's world; whatever else is asked, `around` answers."""

    def __init__(self, around: Any, objects: Mapping[tuple[str, str], bytes]) -> None:
        self._around = around
        self._output = _Output(objects)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        if (Bucket, Key) not in self._output.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return self._output.get_object(Bucket=Bucket, Key=Key)

    def get_paginator(self, operation: str) -> Any:
        return self._output if operation == "list_objects_v2" else self._around.get_paginator(operation)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._around, name)


def _asked(*, is_going: bool = False, is_undecided: bool = False) -> Callable[[str], Any]:
    account = status_evaluation.account_of(ASKED_ONE)
    if is_going:
        status_evaluation.half_answered(account, quota_codes={"amazon.nova-micro-v1:0": "L-E118F160"})
    furnished = _Evaluating(account, deployment=False)
    if is_undecided:
        furnished.views.busy[ASKED_ONE.evaluation_stack] = "REVIEW_IN_PROGRESS"
    return furnished


_asking: Final = partial(_asked, is_going=True)


def _write_asked(folder: Path) -> None:
    """Write the files of `prod` with a model that is evaluated on pushed data."""
    asked = {**EVALUATION, "metrics": [{"name": "rouge_l"}], "quota_codes": {"amazon.nova-micro-v1:0": "L-E118F160"}}
    data = {"train": {"sha256": "a" * 64}, "test": {"sha256": "b" * 64}}
    its = (*copy.deepcopy(NOVA), ("evaluation", asked), ("data", data), ("name", "faq"), ("account", ACCOUNT))
    write(folder, changed(*its), environment="prod")


def _pushing() -> Callable[[str], Any]:
    s3 = s3_client(S3Service())
    furnished = Furnished(Account(settings=quick()))
    furnished.views = _Bucket(furnished.views)  # type: ignore[assignment]
    return lambda service: s3 if service == "s3" else furnished(service)


class _Output:
    """A bucket's listing and content, of what the lifecycle's world has."""

    def __init__(self, objects: Mapping[tuple[str, str], bytes]) -> None:
        self.objects = objects

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - the API's names
        yield {
            "Contents": [
                {"Key": key, "LastModified": planning.STACKS_CREATED}
                for bucket, key in self.objects
                if bucket == Bucket and key.startswith(Prefix)
            ]
        }

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        return {"Body": BytesIO(self.objects[Bucket, Key])}


def _trained() -> Callable[[str], Any]:
    account = Account(settings=quick())
    account.deploy(WANTED)
    furnished, output = Furnished(account), _Output(account.lifecycle.world.objects)
    return lambda service: output if service == "s3" else furnished(service)


class _Bucket:
    """Foundation's bucket; nothing else is asked of CloudFormation by who pushes."""

    def __init__(self, views: Any, bucket: str = BUCKET) -> None:
        self._views, self._bucket = views, bucket

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_stack_resources"
        its = {"LogicalResourceId": "DataStoreBucket1", "ResourceType": "AWS::S3::Bucket"}
        its |= {"ResourceStatus": "CREATE_COMPLETE", "PhysicalResourceId": self._bucket}
        return _Once({"StackResourceSummaries": [its]})

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        tags = stack_tags(StackName)
        return {"Stacks": [{"StackName": StackName, "StackStatus": "CREATE_COMPLETE", "Tags": tags}]}


class _Numbers(_Bucket):
    """Foundation's bucket, and the stack that has evaluated."""

    def get_paginator(self, operation: str) -> Any:
        return self if operation == "list_stack_resources" else self._views.get_paginator(operation)

    def paginate(self, *, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - the API's names
        if StackName == FOUNDATION:
            yield from super().get_paginator("list_stack_resources").paginate()
        else:
            yield from self._views.get_paginator("list_stack_resources").paginate(StackName=StackName)

    def get_template(self, **asked: str) -> Any:
        return self._views.get_template(**asked)


def _evaluated() -> Callable[[str], Any]:
    account = Account(settings=quick())
    inputs = EVALUATED.evaluation_inputs
    plan = EvaluationPlan(
        id=inputs.id,
        owner="any",
        questions=inputs.questions,
        targets=tuple(inputs.targets),
        asked_as={},
        metrics=tuple(inputs.metrics),
        max_output_tokens=inputs.max_output_tokens,
        max_tokens=1,
        max_error_rate=0.1,
        quota_share=0.25,
    )
    account.lifecycle.evaluations.put_summary(summary_key(inputs.id), plan)
    account.deploy(EVALUATED)
    furnished, objects = Furnished(account), _Output(account.lifecycle.world.objects)
    furnished.views = _Numbers(furnished.views, account.lifecycle.evaluations.bucket)  # type: ignore[assignment]
    return lambda service: objects if service == "s3" else furnished(service)


EVALUATED: Final = WANTED.but(evaluates=True, gated=True)
ON_DEMAND: Final = WANTED.but(on_demand=True, model_units=None)
PROMOTED: Final = WANTED.but(giver="dev")
ASKED_ONE: Final = ASKED.but(tags={contract.TAG_APP: DEFAULT_APP})
ASKED_AGAIN: Final = ASKED_ONE.but(max_tokens=2_000_000)
_REVIEW: Final = ("review", "--base", "base", "--head", "head", "--live", "--fail-on", "unknown", "--format", "json")
SCENARIOS: Final = (
    Scenario("plan", ("plan", "prod"), _deployed),
    Scenario("plan never executed", ("plan", "prod"), _undecided),
    Scenario("plan on demand", ("plan", "prod"), _deployed, ON_DEMAND),
    Scenario("plan first", ("plan", "prod"), partial(_empty, foundation=True)),
    Scenario("plan evaluation", ("plan", "prod"), _asked, ASKED_ONE, region=NOVA_REGION),
    Scenario("preflight evaluation", ("preflight", "prod"), _asked, ASKED_ONE, region=NOVA_REGION),
    Scenario("preflight evaluation again", ("preflight", "prod"), _asking, ASKED_AGAIN, region=NOVA_REGION),
    Scenario("status evaluation", ("status", "prod"), _asked, ASKED_ONE, region=NOVA_REGION),
    Scenario("status evaluation goes on", ("status", "prod"), _asking, ASKED_ONE, region=NOVA_REGION),
    Scenario("deploy evaluation", ("deploy", "prod"), _asking, ASKED_ONE, region=NOVA_REGION),
    Scenario("review evaluation", _REVIEW, _asked, ASKED_ONE, region=NOVA_REGION),
    Scenario("evaluate", ("evaluate", "prod"), _asking, ASKED_ONE, region=NOVA_REGION),
    Scenario("evaluate complete", ("evaluate", "prod"), _asked, ASKED_ONE, region=NOVA_REGION),
    Scenario(
        "evaluate never executed",
        ("evaluate", "prod"),
        partial(_asked, is_undecided=True),
        ASKED_ONE,
        cdk_code=1,
        region=NOVA_REGION,
    ),
    Scenario("evaluate --estimate", ("evaluate", "prod", "--estimate"), _asking, ASKED_ONE, region=NOVA_REGION),
    Scenario("preflight first", ("preflight", "prod"), partial(_empty, foundation=True)),
    Scenario("preflight first on demand", ("preflight", "prod"), _empty, ON_DEMAND),
    Scenario("preflight first promotion", ("preflight", "prod"), _given, PROMOTED),
    Scenario("preflight without base model", ("preflight", "prod"), partial(_empty, base_model=False)),
    Scenario("preflight", ("preflight", "prod"), _deployed),
    Scenario("preflight again", ("preflight", "prod"), _undecided, WANTED.but(model_units=2)),
    Scenario("preflight on demand", ("preflight", "prod"), _deployed, ON_DEMAND),
    Scenario("status", ("status", "prod"), _deployed),
    Scenario("status never executed", ("status", "prod"), _undecided),
    Scenario("status promotion", ("status", "prod"), _taken, PROMOTED),
    Scenario("status --all", ("status", "--all"), _deployed),
    Scenario("status failed", ("status", "prod"), partial(_deployed, status="UPDATE_ROLLBACK_FAILED")),
    Scenario("probe", ("probe", "prod"), _probed, region=NOVA_REGION),
    Scenario("deploy", ("deploy", "prod"), _deployed),
    Scenario("deploy gone", ("deploy", "prod"), partial(_deployed, gone=True)),
    Scenario("deploy failed", ("deploy", "prod"), _deployed, cdk_code=1),
    Scenario("deploy never executed", ("deploy", "prod"), _undecided),
    Scenario("deploy --detach", ("deploy", "prod", "--detach"), partial(_deployed, is_changed=True)),
    Scenario("deploy --detach unchanged", ("deploy", "prod", "--detach"), _deployed),
    Scenario("destroy", ("destroy", "prod", "--all", "--yes"), partial(_deployed, deployment=False)),
    Scenario("destroy serving", ("destroy", "prod", "--all", "--yes"), _deployed),
    Scenario("destroy never executed", ("destroy", "prod", "--yes"), _undecided),
    Scenario("destroy stuck", ("destroy", "prod", "--yes"), partial(_deployed, stuck=True)),
    Scenario("purge", ("purge", "prod", "--yes-remove", "prod"), _destroyed),
    Scenario("purge never executed", ("purge", "prod", "--yes-remove", "prod"), partial(_destroyed, begun=True)),
    Scenario("plan candidate", ("plan", "prod"), partial(_deployed, candidate=True)),
    Scenario("status candidate", ("status", "prod"), partial(_deployed, candidate=True)),
    Scenario("destroy candidate", ("destroy", "prod", "faq", "--yes"), partial(_deployed, candidate=True)),
    Scenario("purge candidate", ("purge", "prod", "faq", "--yes-remove", "faq"), partial(_destroyed, candidate=True)),
    Scenario("review", _REVIEW, _deployed),
    Scenario("review never executed", _REVIEW, _undecided),
    Scenario("review on demand", _REVIEW, _deployed, ON_DEMAND),
    Scenario("review first", _REVIEW, partial(_empty, foundation=True)),
    Scenario("promote", ("promote", "prod", "staging"), _promoted),
    Scenario("promote on", ("promote", "prod", "staging"), _baked),
    Scenario("promote unfinished", ("promote", "prod", "staging"), _deployed),
    Scenario("metrics", ("metrics", "prod"), _trained),
    Scenario("report", ("report", "prod", "--json"), _evaluated, EVALUATED),
    Scenario("push", ("dataset", "push", "prod"), _pushing),
    Scenario("push changed", ("dataset", "push", "prod"), _pushing, is_changed=True),
)


def _reviewed(account: Callable[[str], Any], wanted: Wanted, folder: Path) -> dict[str, StackTemplate]:
    """Return an assembly: the base is what is deployed; the head is what is wanted, and exports nothing any more."""
    if folder.name == "head":
        found = {FOUNDATION: {"Resources": {}}, **_bodies(templates(wanted, data_file=True))}
    else:
        found = dict(_deployed_bodies(account("cloudformation")))
    its: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "app": DEFAULT_APP, "environment": "prod"}
    models = {FOUNDATION: ""}
    return {
        name: StackTemplate(name=name, model=models.get(name, "faq"), is_protected=True, body=body, **its)
        for name, body in found.items()
    }


def _bodies(wanted: Mapping[str, Template]) -> dict[str, dict[str, Any]]:
    return {
        name: {"Resources": {each: {"Type": its.type, "Properties": its.properties} for each, its in template.items()}}
        for name, template in wanted.items()
    }


def _deployed_bodies(cloudformation: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in (FOUNDATION, TRAINING, SERVING):
        if stack_states.read(cloudformation, name).exists:
            yield name, cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]


def record(number: int) -> dict[str, Any]:
    """Return a record as Claude 3 Haiku takes it."""
    turns = [{"role": "user", "content": f"question {number}"}, {"role": "assistant", "content": f"answer {number}"}]
    return {"system": "any", "messages": turns}


@contextmanager
def playing(
    scenario: Scenario, folder: Path, refuse: Refusal = lambda *_: None
) -> Iterator[Callable[[], tuple[Result, Recorded]]]:
    """Yield what runs the command, and returns its end and its calls."""
    with pytest.MonkeyPatch.context() as patch:
        account = scenario.account()
        recorded = Recorded(account, refuse, scenario.region)
        write(folder, changed(("name", "faq"), ("notifications", {"email": ["a@example.com"]})), environment="prod")
        for number, split in enumerate(("train", "validation")):
            write_data(folder / "prod" / f"{split}.jsonl", *(record(number * 100 + each) for each in range(40)))
        if scenario.wanted.evaluates and scenario.region == NOVA_REGION:
            _write_asked(folder)
            patch.setattr(Model, "evaluation_inputs", scenario.wanted.evaluation_inputs)
        if scenario.command == "promote":
            is_given = scenario.name == "promote on"
            if is_given:
                _write_promoted(folder)
            giver, region = ("dev", "us-east-1") if is_given else ("prod", "us-west-2")
            its = changed(("allow", {"train": False, "promote_from": [giver]}), ("region", region))
            (folder / "staging").mkdir()
            write_toml(folder / "staging" / "environment.toml", {key: its[key] for key in OF_ENVIRONMENT if key in its})
        version = {"Parameters": {"BootstrapVersion": {"Default": planning.BOOTSTRAP}}}
        address = {"Type": SUBSCRIPTION, "Properties": {"Endpoint": "a@example.com"}}
        bodies = {FOUNDATION: {"Resources": {"Address": address}}, TRAINING: version}
        patch.setattr("tune.account.clients.clients", lambda *_: recorded)
        patch.setattr(synthesis, "bodies", lambda *_: bodies)
        patch.setattr("tune.exports.wanted.foundation", lambda *_: {"Resources": {}})
        patch.setattr(account_templates, "read_all", lambda _bodies: templates(scenario.wanted, data_file=True))
        patch.setattr(
            "tune.deployment.cdk_cli.CdkCli.run",
            lambda _cli, _arguments, tick=lambda: None: tick() or scenario.cdk_code,
        )
        patch.setattr("tune.exports.wanted.stack_in", lambda *_: StackInAssembly({"Resources": {}}, {}))
        patch.setattr(review_run, "read", partial(_reviewed, account, scenario.wanted))
        patch.setattr(review_run, "_versions", lambda *_: ())
        patch.setattr("tune.review.structure._started", lambda: None)
        patch.setattr("tune.review.structure.Library._changes", lambda _, pairs: [[] for _ in pairs])
        patch.setattr("time.sleep", lambda _seconds: None)
        if scenario.is_changed:
            patch.setattr("tune.dataset.upload.upload.send", lambda *_: Sent((), 0, "another digest"))
        patch.chdir(folder)

        def run() -> tuple[Result, Recorded]:
            at = scenario.line.index("--") if "--" in scenario.line else len(scenario.line)
            line = [*scenario.line[:at], "--environments", ".", *scenario.line[at:]]
            return CliRunner().invoke(cli.app, line, input=scenario.typed), recorded

        yield run
