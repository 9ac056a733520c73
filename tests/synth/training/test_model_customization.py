"""A customization job as a resource: its identity, its properties, its refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Aws

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.contract.identity import TrainingInputs, training_id
from bedrock_tuning import BaseModelProfile, Dataset, DataSource, ServingIntent
from bedrock_tuning.base_models import Bounds, HyperParameterError
from bedrock_tuning.spending.serving_intent import quotas_for_training
from tests.support.messages import saying
from tests.support.profiles import fine_tuned_with, fine_tuning
from tests.synth.foreign import ACCOUNT, HAIKU, NOVA_MICRO, REGION, ForeignStack, RefusingStack
from tests.synth.templates import logical_id, properties, readable, resource

Foreign = Callable[..., ForeignStack]


@pytest.fixture(scope="module")
def first_id(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The training that the others are compared with."""
    foreign = ForeignStack(tmp_path_factory.mktemp("first"))
    return foreign.customization(hyper_parameters={"epochCount": 2}).training_id


def test_is_identified_by_its_inputs(foreign: ForeignStack) -> None:
    validation = foreign.dataset("Validation", path=foreign.file(b"{}\n", name="v.jsonl"), split="validation")
    job = foreign.customization(validation=validation, hyper_parameters={"epochCount": 3, "batchSize": "16"})
    inputs = TrainingInputs(
        customization_type=FINE_TUNING,
        base_model=HAIKU.id,
        hyper_parameters={"batchSize": "16", "epochCount": "3"},
        train_sha256=foreign.train.sha256,
        validation_sha256=validation.sha256,
    )
    expected = training_id(inputs)
    assert job.training_id == expected
    assert properties(foreign.template(), job.resource)["TrainingId"] == expected
    assert job.training_name == f"docstrings-dev-{expected}-1"


def test_says_everything_that_bedrock_is_to_be_told(foreign: ForeignStack) -> None:
    validation = foreign.dataset("Validation", path=foreign.file(b"{}\n", name="v.jsonl"), split="validation")
    job = foreign.customization(
        validation=validation, hyper_parameters={"epochCount": 3}, attempt=2, tags={"b": "2", "a": "1"}
    )
    bucket = f"<{logical_id(foreign.data_store.bucket)}>"
    given = readable(properties(foreign.template(), job.resource))
    assert given == {
        "ServiceToken": f"<{logical_id(foreign.workflow.front_door.function)}.Arn>",
        "ContractVersion": contract.CONTRACT_VERSION,
        "Name": "docstrings",
        "Environment": "dev",
        "TrainingId": job.training_id,
        "Attempt": "2",
        "BaseModel": HAIKU.id,
        "FoundationModelId": HAIKU.foundation_model_id,
        "Quotas": {"CustomModels": "L-CB5B847D", "CustomizationJobs": "L-0406044C", "Records": "L-679179D2"},
        "CustomizationType": "FINE_TUNING",
        "HyperParameters": {"epochCount": "3"},
        "TrainingDataUri": f"s3://{bucket}/train/{foreign.train.sha256}.jsonl",
        "TrainingDataVersionId": f"<{logical_id(foreign.train.resource)}.VersionId>",
        "TrainingRecords": f"<{logical_id(foreign.train.resource)}.Records>",
        "ValidationDataUri": f"s3://{bucket}/validation/{validation.sha256}.jsonl",
        "ValidationDataVersionId": f"<{logical_id(validation.resource)}.VersionId>",
        "ValidationRecords": f"<{logical_id(validation.resource)}.Records>",
        "MaxRecordsSum": "10000",
        "OutputUri": f"s3://{bucket}/output/",
        "RoleArn": f"<{logical_id(foreign.service_role)}.Arn>",
        "CustomModelKmsKeyArn": f"<{logical_id(foreign.data_store.key)}.Arn>",
        "StopOnDelete": "true",
        "Reconcile": "0",
        "Tags": {"a": "1", "b": "2"},
    }
    assert list(given["Tags"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("serving", "told"),
    [
        (
            ServingIntent(mode="provisioned_throughput", model_units=2, commitment_duration="OneMonth"),
            {"Mode": "provisioned_throughput", "ModelUnits": "2", "CommitmentDuration": "OneMonth"},
        ),
        (
            ServingIntent(mode="provisioned_throughput", model_units=1),
            {"Mode": "provisioned_throughput", "ModelUnits": "1"},
        ),
        (ServingIntent(mode="on_demand"), {"Mode": "on_demand"}),
    ],
)
def test_knows_how_the_model_is_going_to_be_served_which_makes_it_no_other_training(
    foreign: ForeignStack, first_id: str, serving: ServingIntent, told: dict[str, str]
) -> None:
    job = foreign.customization(hyper_parameters={"epochCount": 2}, serving=serving)
    assert job.training_id == first_id
    assert properties(foreign.template(), job.resource)["Serving"] == told


@pytest.mark.parametrize(
    ("base_model", "serving", "codes"),
    [
        (NOVA_MICRO, None, {}),
        (
            NOVA_MICRO,
            ServingIntent(mode="provisioned_throughput", model_units=1),
            {"ModelUnits": "L-AC096F71", "UncommittedModelUnits": "L-BE77399C"},
        ),
        (NOVA_MICRO, ServingIntent(mode="on_demand"), {"Deployments": "L-1EF80F3E"}),
        # Not offered for this base model: settings and constructs refuse it elsewhere, there is no quota to look at.
        (HAIKU, ServingIntent(mode="on_demand"), {}),
    ],
)
def test_takes_the_quotas_that_serving_will_meet_from_the_base_model(
    base_model: BaseModelProfile, serving: ServingIntent | None, codes: dict[str, str]
) -> None:
    records = fine_tuning(base_model).data.records.sum_quota_code
    own = {"CustomModels": "L-CB5B847D", "CustomizationJobs": "L-0406044C", "Records": records}
    assert quotas_for_training(base_model, serving, FINE_TUNING) == {**own, **codes}


def test_holds_only_text_as_cloudformation_would_make_it(foreign: ForeignStack) -> None:
    job = foreign.customization(hyper_parameters={"epochCount": 3, "learningRateMultiplier": "0.5"}, tags={"a": "1"})
    given = readable(properties(foreign.template(), job.resource))
    maps = {name: value for name, value in given.items() if isinstance(value, dict)}
    assert maps.keys() == {"HyperParameters", "Quotas", "Tags"}
    texts = [value for name, value in given.items() if name not in maps]
    texts += [value for each in maps.values() for value in each.values()]
    assert all(isinstance(value, str) for value in texts)


def test_is_its_own_resource_type(foreign: ForeignStack) -> None:
    job = foreign.customization()
    assert resource(foreign.template(), job.resource)["Type"] == "Custom::BedrockModelCustomization"


def test_says_nothing_of_validation_data_that_there_is_not(foreign: ForeignStack) -> None:
    job = foreign.customization()
    assert not [name for name in properties(foreign.template(), job.resource) if name.startswith("Validation")]


@pytest.mark.parametrize(
    ("bounds", "told"),
    [(Bounds(), {}), (Bounds(min=100, max=10_000), {"MinRecordsSum": "100", "MaxRecordsSum": "10000"})],
    ids=["none", "both"],
)
def test_tells_how_many_records_the_base_model_takes_together(
    foreign: ForeignStack, bounds: Bounds, told: dict[str, str]
) -> None:
    records = fine_tuning(HAIKU).data.records.model_copy(update={"sum": bounds})
    base_model = fine_tuned_with(HAIKU, data=fine_tuning(HAIKU).data.model_copy(update={"records": records}))
    job = foreign.customization(base_model=base_model)
    given = properties(foreign.template(), job.resource)
    assert {name: value for name, value in given.items() if name.endswith("RecordsSum")} == told


@pytest.mark.parametrize("kind", ["pushed", "s3"])
def test_is_the_same_training_from_every_source(foreign_stack: Foreign, kind: str) -> None:
    by_path, other = foreign_stack(), foreign_stack()
    sha256 = by_path.train.sha256
    source = {
        "pushed": DataSource.pushed(sha256),
        "s3": DataSource.s3("s3://data-lake/train.jsonl", version_id="v1", sha256=sha256),
    }[kind]
    train = other.dataset("TrainingData", source=source)
    assert other.customization(train=train).training_id == by_path.customization().training_id


def test_starts_only_when_its_data_is_checked_and_copied(foreign: ForeignStack) -> None:
    validation = foreign.dataset("Validation", path=foreign.file(b"{}\n", name="v.jsonl"), split="validation")
    job = foreign.customization(validation=validation)
    wanted = {logical_id(each.resource) for each in (foreign.train, validation)}
    assert wanted <= set(resource(foreign.template(), job.resource)["DependsOn"])


@pytest.mark.parametrize(
    "changes",
    [
        {"hyper_parameters": {"epochCount": 3}},
        {"hyper_parameters": {"epochCount": 2, "batchSize": 32}},  # the default, but now it is sent
        {"hyper_parameters": {}},
        {"content": b"other\n"},
        {"validation": b"{}\n"},
        {"base_model": NOVA_MICRO, "region": "us-east-1"},
    ],
    ids=str,
)
def test_is_another_training_with_other_inputs(first_id: str, foreign_stack: Foreign, changes: dict[str, Any]) -> None:
    assert training_id_with(foreign_stack, **changes) != first_id


@pytest.mark.parametrize(
    "changes",
    [
        {"attempt": 2},
        {"stop_on_delete": False},
        {"tags": {"Team": "search"}},
        {"file_name": "renamed.jsonl"},
        {"hyper_parameters": {"epochCount": "2.0"}},
        {"name": "other"},
        {"environment": "prod"},
        {"region": None},
    ],
    ids=str,
)
def test_is_the_same_training_with_the_same_inputs(
    first_id: str, foreign_stack: Foreign, changes: dict[str, Any]
) -> None:
    assert training_id_with(foreign_stack, **changes) == first_id


def training_id_with(foreign_stack: Foreign, **changes: Any) -> str:
    """Return the training id of epochCount 2 with changes, among them the training data's content and file name."""
    where = {"region": changes.pop("region")} if "region" in changes else {}
    foreign = foreign_stack(**where)
    base_model = changes.get("base_model", HAIKU)
    content, name = changes.pop("content", b'{"messages": []}\n'), changes.pop("file_name", "data.jsonl")
    changes.setdefault("hyper_parameters", {"epochCount": 2})

    def dataset(construct_id: str, content: bytes, name: str) -> Dataset:
        return foreign.dataset(construct_id, path=foreign.file(content, name), base_model=base_model)

    if "validation" in changes:
        changes["validation"] = dataset("Validation", changes["validation"], "validation.jsonl")
    return foreign.customization(train=dataset("Data", content, name), **changes).training_id


def test_names_another_attempt_differently(foreign_stack: Foreign) -> None:
    first, second = (foreign_stack().customization(attempt=attempt).training_name for attempt in (1, 2))
    assert first.removesuffix("-1") == second.removesuffix("-2")


def test_refuses_a_way_of_customizing_that_the_base_model_does_not_document(refusing: RefusingStack) -> None:
    with pytest.raises(ValueError, match=saying("'DISTILLATION'", "FINE_TUNING")):
        refusing.customization(customization_type="DISTILLATION")


def test_leaves_a_running_job_alone_when_asked_to(foreign: ForeignStack) -> None:
    job = foreign.customization(stop_on_delete=False)
    assert properties(foreign.template(), job.resource)["StopOnDelete"] == "false"


def test_is_owned_by_its_stack_whenever_that_was_created(foreign: ForeignStack) -> None:
    owner = readable(foreign.stack.resolve(foreign.customization().owner))
    assert owner == f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Foreign"


@pytest.mark.parametrize("attempt", [1, 99])
def test_takes_attempts_from_1_to_99(foreign: ForeignStack, attempt: int) -> None:
    assert foreign.customization(attempt=attempt).training_name.endswith(f"-{attempt}")


@pytest.mark.parametrize("attempt", [0, 100])
def test_refuses_other_attempts(refusing: RefusingStack, attempt: int) -> None:
    with pytest.raises(ValueError, match=saying("`attempt`", attempt, 1, 99)):
        refusing.customization(attempt=attempt)


@pytest.mark.parametrize("name", ["a", "a" * 24, "Doc-Strings-2"])
def test_takes_names_of_up_to_24_characters(foreign: ForeignStack, name: str) -> None:
    assert foreign.customization(name=name).training_name.startswith(f"{name}-dev-")


@pytest.mark.parametrize("name", ["", "a" * 25, "1st", "a_b", "a--b", "-a", "a-", "ä", "a.b"])
def test_refuses_other_names(refusing: RefusingStack, name: str) -> None:
    with pytest.raises(ValueError, match=saying("`name`", 1, 24)):
        refusing.customization(name=name)


@pytest.mark.parametrize("environment", ["", "a" * 13, "Dev", "a_b", "a--b"])
def test_refuses_environments_that_bedrock_names_cannot_hold(refusing: RefusingStack, environment: str) -> None:
    with pytest.raises(ValueError, match=saying("`environment`", 1, 12)):
        refusing.customization(environment=environment)


def test_refuses_names_that_are_known_only_at_deployment(refusing: RefusingStack) -> None:
    with pytest.raises(ValueError, match=saying("`name`", "synth")):
        refusing.customization(name=Aws.STACK_NAME)


def test_keeps_every_name_within_what_bedrock_takes(foreign: ForeignStack) -> None:
    job = foreign.customization(name="a" * 24, environment="b" * 12, attempt=99)
    assert len(job.training_name) <= contract.MAX_BEDROCK_NAME_LENGTH


def test_refuses_a_region_in_which_the_base_model_cannot_be_tuned(foreign_stack: Foreign) -> None:
    with pytest.raises(ValueError, match=saying("eu-west-1", "Claude 3 Haiku", "https://", "us-west-2")):
        foreign_stack(region="eu-west-1").customization()


def test_leaves_a_region_that_is_known_only_at_deployment_to_bedrock(foreign_stack: Foreign) -> None:
    assert foreign_stack(region=None, account=None).customization().training_id


@pytest.mark.parametrize(
    ("hyper_parameters", "name"),
    [
        ({"epochCount": 11}, "epochCount"),
        ({"batchSize": 3}, "batchSize"),
        ({"learningRateMultiplier": "2.1"}, "learningRateMultiplier"),
        ({"epochCount": "many"}, "epochCount"),
        ({"epochcount": 2}, "epochcount"),
    ],
)
def test_refuses_hyper_parameters_that_the_base_model_does_not_take(
    refusing: RefusingStack, hyper_parameters: dict[str, object], name: str
) -> None:
    with pytest.raises(HyperParameterError, match=saying(name)):
        refusing.customization(hyper_parameters=hyper_parameters)


def test_makes_nothing_when_it_refuses(foreign: ForeignStack) -> None:
    with pytest.raises(ValueError, match="attempt"):
        foreign.customization(attempt=0)
    assert not foreign.stack.node.find_child("ModelCustomization").node.children
