"""Each construct in somebody else's CDK app: alone, twice, in two stacks, in two environments of one account."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack, Stage
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from bedrock_lifecycle import contract
from bedrock_tuning import (
    Dataset,
    DatasetProvider,
    DataSource,
    DataStore,
    Ledger,
    LifecycleWorkflow,
    ModelCustomization,
    OperationsKey,
    ProvisionedThroughput,
    ServiceRole,
    ServingReconciler,
    TrainingAwait,
    TrainingNotifications,
    TrainingReconciler,
    base_model,
)
from settings import Model
from stacks.environment_stage import EnvironmentStage
from tests.synth.stages import alone, elsewhere
from tests.synth.templates import Json, to_json

ENV = Environment(account="111122223333", region="us-west-2")
HAIKU = base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")
# Properties with names that CloudFormation does not make up.
NAMES = ("Name", "AliasName", "RoleName", "FunctionName", "TableName", "BucketName", "LogGroupName", "StateMachineName")


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An app without this project's feature flags."""
    return App(builtin_cloud_formation_validation=False, outdir=str(tmp_path / "cdk.out"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_text('{"messages": []}\n', encoding="utf-8")
    return path


def everything(stack: Stack, file: Path, *, name: str, environment: str) -> None:
    """Make all of the library in one stack."""
    store = DataStore(stack, "Store")
    role = ServiceRole(stack, "Role", data_store=store).role
    key = OperationsKey(stack, "OperationsKey").key
    ledger = Ledger(stack, "Ledger", key=key)
    trainer = TrainingReconciler(stack, "Trainer", ledger=ledger, data_store=store, service_role=role)
    server = ServingReconciler(stack, "Server", ledger=ledger, data_store=store)
    workflow = LifecycleWorkflow(
        stack,
        "Lifecycle",
        ledger=ledger,
        key=key,
        reconcilers={
            contract.MODEL_CUSTOMIZATION: trainer,
            contract.TRAINING_AWAIT: trainer,
            contract.PROVISIONED_THROUGHPUT: server,
        },
    )
    reader = DatasetProvider(stack, "Reader", data_store=store, workflow=workflow)
    train = Dataset(
        stack, "Train", source=DataSource.file(file), split="train", base_model=HAIKU, data_store=store, reader=reader
    )
    model = ModelCustomization(
        stack,
        "Model",
        name=name,
        environment=environment,
        base_model=HAIKU,
        train=train,
        data_store=store,
        service_role=role,
        workflow=workflow,
    )
    TrainingAwait(stack, "Await", customization=model, workflow=workflow)
    ProvisionedThroughput(
        stack,
        "Throughput",
        name=name,
        environment=environment,
        base_model=HAIKU,
        training_id=model.training_id,
        attempt=1,
        model_units=1,
        data_store=store,
        workflow=workflow,
    )


def own_names(template: Json) -> Iterator[tuple[str, str]]:
    """Yield the type and the name of everything that has a name of ours, custom resources aside."""
    for each in template["Resources"].values():
        if each["Type"].startswith("AWS::"):
            given = (each.get("Properties", {}).get(name) for name in NAMES)
            yield from ((each["Type"], name) for name in given if isinstance(name, str))


def assert_names_are_free(*templates: Json) -> None:
    named = Counter(pair for template in templates for pair in own_names(template))
    assert named
    assert [pair for pair, times in named.items() if times > 1] == []


ALONE: dict[str, Callable[[Stack], object]] = {
    "DataStore": lambda stack: DataStore(stack, "It"),
    "Ledger": lambda stack: Ledger(stack, "It", key=kms.Key(stack, "Key")),
    "ServiceRole": lambda stack: ServiceRole(stack, "It", data_store=DataStore(stack, "Store")),
    "DataStore with a key and a bucket": lambda stack: DataStore(
        stack, "It", key=kms.Key(stack, "Key"), bucket=s3.Bucket(stack, "Bucket")
    ),
    "TrainingNotifications": lambda stack: TrainingNotifications(
        stack,
        "It",
        environment="dev",
        service_role=ServiceRole(stack, "Role", data_store=DataStore(stack, "Store")).role,
        key=kms.Key(stack, "Key"),
        topic=sns.Topic(stack, "Topic"),
    ),
}


@pytest.mark.parametrize("construct", ALONE)
def test_a_construct_needs_no_more_than_it_is_given(app: App, construct: str) -> None:
    stack = Stack(app, "Foreign", env=ENV)
    ALONE[construct](stack)
    template = to_json(stack)
    assert template["Resources"]
    Template.from_json(template).resource_count_is("AWS::Lambda::Function", 0)


def test_all_of_it_stands_in_one_stack(app: App, file: Path) -> None:
    stack = Stack(app, "Foreign", env=ENV)
    everything(stack, file, name="one", environment="dev")
    assert_names_are_free(to_json(stack))


def test_all_of_it_stands_in_two_stacks_of_one_app(app: App, file: Path) -> None:
    stacks = [Stack(app, name, env=ENV) for name in ("First", "Second")]
    for stack in stacks:
        everything(stack, file, name=stack.node.id, environment="dev")
    assert_names_are_free(*(to_json(stack) for stack in stacks))


def test_the_same_construct_stands_twice_in_one_stack(app: App) -> None:
    stack = Stack(app, "Foreign", env=ENV)
    first, second = DataStore(stack, "First"), DataStore(stack, "Second")
    assert first.bucket.bucket_name != second.bucket.bucket_name
    Template.from_stack(stack).resource_count_is("AWS::S3::Bucket", 4)


def test_all_of_it_stands_in_two_environments_of_one_account(app: App, file: Path) -> None:
    templates: list[Json] = []
    for environment in ("dev", "prod"):
        stack = Stack(Stage(app, environment, env=ENV), "Foreign")
        everything(stack, file, name="same", environment=environment)
        templates.append(to_json(stack))
    assert_names_are_free(*templates)


def test_two_environments_of_this_project_stand_in_one_account(app: App, dev: Model) -> None:
    stages = [EnvironmentStage(app, alone(elsewhere(dev, name=name))) for name in ("dev", "prod")]
    stacks = [child for stage in stages for child in stage.node.children if isinstance(child, Stack)]
    assert_names_are_free(*(to_json(stack) for stack in stacks))


def test_a_taken_name_is_found(app: App, file: Path) -> None:
    stacks = [Stack(app, name, env=ENV) for name in ("First", "Second")]
    for stack in stacks:
        everything(stack, file, name="same", environment="dev")
    with pytest.raises(AssertionError, match="AWS::SSM::Parameter"):
        assert_names_are_free(*(to_json(stack) for stack in stacks))
