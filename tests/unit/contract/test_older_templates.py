"""Resources of templates from before a property was there: they are read with its default, and act the same."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from tests.support.cloudformation import Resource, Template
from tests.support.dataset_requests import BAD, GOOD, Dataset, destination, properties
from tests.support.environment import NOVA, NOVA_RECORDS, SERVING, TRAINING, Wanted
from tests.support.s3_service import BUCKET
from tests.support.wired import QUICK, WANTED, WiredAccount

ON_DEMAND: Final = WANTED.but(base_model=NOVA, data=NOVA_RECORDS, model_units=None, on_demand=True)

# What the first version of each resource did not write. `ContractVersion` was always there; a resource without it is
# one of the tests' own, and is served.
NEWER: Final = {
    "Job": (
        "ContractVersion",
        "FoundationModelId",
        "MaxRecordsSum",
        "Quotas",
        "Reconcile",
        "Serving",
        "StopOnDelete",
        "TrainingDataVersionId",
        "TrainingRecords",
    ),
    "Await1": ("ContractVersion", "TellsLosses"),
    "Purchase": (
        "CommitBakedOnly",
        "ContractVersion",
        "CustomModelKmsKeyArn",
        "DetachWhenCommitted",
        "Quotas",
        "Reconcile",
        "Retained",
        "ServedModel",
    ),
    "Deployment": ("ContractVersion", "CustomModelKmsKeyArn", "Quotas", "Reconcile", "Retained", "ServedModel"),
}
# Without these nothing can be made, and there never was a template without them.
NEEDED: Final = {
    "Job": (
        "Attempt",
        "BaseModel",
        "CustomizationType",
        "Environment",
        "Name",
        "OutputUri",
        "RoleArn",
        "TrainingDataUri",
        "TrainingId",
    ),
    "Await1": ("Rung", "Rungs", "TrainingName"),
    "Purchase": ("Attempt", "BaseModel", "Environment", "ModelUnits", "Name", "TrainingId"),
    "Deployment": ("Attempt", "BaseModel", "Environment", "Name", "TrainingId"),
}
CREATES: Final = {
    "Job": "CreateModelCustomizationJob",
    "Purchase": "CreateProvisionedModelThroughput",
    "Deployment": "CreateCustomModelDeployment",
}


def newest(wanted: Wanted) -> Template:
    """Return both stacks' resources, with everything that a template may have today."""
    stacks = {**wanted.training(), **wanted.serving()}
    own = {"Reconcile": "0"}
    if wanted.is_served:
        (logical_id,) = stacks.keys() & {"Purchase", "Deployment"}
        newer = {"CommitBakedOnly": "true"} if logical_id == "Purchase" else {}
        stacks[logical_id] = with_properties(
            stacks[logical_id], {"ServedModel": logical_id, "Retained": "false", **newer, **own}
        )
    stacks["Job"] = with_properties(stacks["Job"], own)
    if "Await1" in stacks:
        stacks["Await1"] = with_properties(stacks["Await1"], {"TellsLosses": "true"})
    return stacks


def with_properties(resource: Resource, changes: Mapping[str, Any]) -> Resource:
    return Resource(resource.type, {**resource.properties, **changes})


def without(template: Template, names: Mapping[str, Iterable[str]]) -> Template:
    """Return a template whose resources lack properties, by logical id."""
    return {
        logical_id: Resource(
            resource.type,
            {name: value for name, value in resource.properties.items() if name not in names.get(logical_id, ())},
        )
        for logical_id, resource in template.items()
    }


def deploy(account: WiredAccount, wanted: Wanted, template: Template) -> str:
    account.lifecycle.put(f"train/{wanted.sha256}.jsonl", wanted.data)
    trains = (contract.MODEL_CUSTOMIZATION, contract.TRAINING_AWAIT)
    training = {name: its for name, its in template.items() if its.type in trains}
    serving = {name: its for name, its in template.items() if its.type not in trains}
    status = account.cloudformation.deploy(TRAINING, training)
    is_deployed = status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return account.cloudformation.deploy(SERVING, serving) if is_deployed else status


def account_of(wanted: Wanted) -> WiredAccount:
    return WiredAccount(QUICK, wanted.region)


def made(account: WiredAccount) -> dict[str, list[dict[str, Any]]]:
    """Return everything that was asked to be created; a token is of its request."""
    return {
        operation: [
            {key: value for key, value in request.items() if key != "clientRequestToken"}
            for request in account.requests(operation)
        ]
        for operation in CREATES.values()
    }


@cache
def made_by_the_newest(on_demand: bool) -> dict[str, list[dict[str, Any]]]:
    """Return what the newest templates ask for; nothing may be changed in it."""
    wanted = ON_DEMAND if on_demand else WANTED
    account = account_of(wanted)
    assert deploy(account, wanted, newest(wanted)) == "CREATE_COMPLETE"
    return made(account)


WAYS: Final = pytest.mark.parametrize("wanted", [WANTED.but(model_units=1), ON_DEMAND], ids=["throughput", "on demand"])


@WAYS
def test_the_first_templates_make_what_the_newest_make(wanted: Wanted) -> None:
    older, newer = account_of(wanted), account_of(wanted)
    assert deploy(older, wanted, without(newest(wanted), NEWER)) == "CREATE_COMPLETE"
    assert deploy(newer, wanted, newest(wanted)) == "CREATE_COMPLETE"
    assert made(older) == made(newer)
    for stack in (TRAINING, SERVING):
        lives = [account.cloudformation.stack(stack) for account in (older, newer)]
        told = [{name: its.physical_id for name, its in live.resources.items()} for live in lives if live]
        assert told[0] == told[1]


EACH: Final = [
    pytest.param(wanted, logical_id, name, id=f"{logical_id}.{name}")
    for wanted, logical_ids in ((WANTED, ("Job", "Await1", "Purchase")), (ON_DEMAND, ("Deployment",)))
    for logical_id in logical_ids
    for name in NEWER[logical_id]
]


@pytest.mark.parametrize(("wanted", "logical_id", "name"), EACH)
def test_a_template_without_one_of_them_makes_what_the_newest_makes(wanted: Wanted, logical_id: str, name: str) -> None:
    older = account_of(wanted)
    assert deploy(older, wanted, without(newest(wanted), {logical_id: (name,)})) == "CREATE_COMPLETE"
    assert made(older) == made_by_the_newest(wanted.on_demand)


@WAYS
def test_the_newest_template_over_the_first_and_back_makes_nothing_and_keeps_everything(wanted: Wanted) -> None:
    account = account_of(wanted)
    first = without(newest(wanted), NEWER)
    deploy(account, wanted, first)
    account.asked.clear()
    assert deploy(account, wanted, newest(wanted)) == "UPDATE_COMPLETE"
    assert deploy(account, wanted, first) == "UPDATE_COMPLETE"
    assert not {name for name in account.changes() if name.startswith(("Create", "Delete", "Stop", "Update"))}
    assert account.serving_names() == [wanted.serving_name]


@WAYS
def test_what_the_first_templates_made_is_deleted_as_today(wanted: Wanted) -> None:
    account = account_of(wanted)
    deploy(account, wanted, without(newest(wanted), NEWER))
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert account.serving_names() == []
    assert account.models() == [wanted.training_name]


REQUIRED: Final = [
    pytest.param(wanted, logical_id, name, id=f"{logical_id}.{name}")
    for wanted, logical_ids in ((WANTED, ("Job", "Await1", "Purchase")), (ON_DEMAND, ("Deployment",)))
    for logical_id in logical_ids
    for name in NEEDED[logical_id]
]


@pytest.mark.parametrize(("wanted", "logical_id", "name"), REQUIRED)
def test_what_no_template_ever_lacked_is_refused_by_name_and_makes_nothing(
    wanted: Wanted, logical_id: str, name: str
) -> None:
    account = account_of(wanted)
    deploy(account, wanted, without(newest(wanted), {logical_id: (name,)}))
    assert any(f"property {name}" in reason for reason in account.cloudformation.reasons)
    assert not account.requests(CREATES.get(logical_id, ""))


def test_a_delete_stops_a_running_training_of_a_template_that_does_not_say() -> None:
    wanted = WANTED.but(rungs=0, model_units=None)
    account = account_of(wanted)
    template = without(newest(wanted.but(model_units=1)), NEWER)
    account.lifecycle.put(f"train/{wanted.sha256}.jsonl", wanted.data)
    account.cloudformation.deploy(TRAINING, {"Job": template["Job"]})
    assert account.cloudformation.delete(TRAINING) == "DELETE_COMPLETE"
    assert account.requests("StopModelCustomizationJob") != []


def test_a_template_that_does_not_say_keeps_every_model() -> None:
    first, second = WANTED, WANTED.but(hyper_parameters={"epochCount": "3"})
    account = account_of(first)
    for wanted in (first, second):
        deploy(account, wanted, without(newest(wanted), NEWER))
    assert account.models() == sorted([first.training_name, second.training_name])


def test_how_many_models_are_kept_without_their_owner_deletes_none() -> None:
    first, second = WANTED.but(keep_models=1), WANTED.but(keep_models=1, hyper_parameters={"epochCount": "3"})
    third = first.but(hyper_parameters={"epochCount": "4"})
    account = account_of(first)
    for wanted in (first, second, third):
        deploy(account, wanted, without(newest(wanted), {"Purchase": ("ModelOwner",)}))
    assert len(account.models()) == 3


def test_a_committed_throughput_of_a_template_that_does_not_say_is_not_let_go() -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account = account_of(wanted)
    deploy(account, wanted, without(newest(wanted), NEWER))
    assert contract.TAG_DETACH not in account.tags(account.throughput(wanted)["provisionedModelArn"])
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"


def test_a_commitment_of_a_template_that_does_not_say_waits_for_no_bake() -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account = account_of(wanted)
    assert deploy(account, wanted, without(newest(wanted), NEWER)) == "CREATE_COMPLETE"
    assert deploy(account_of(wanted), wanted, newest(wanted)) == "ROLLBACK_COMPLETE"


@WAYS
def test_the_resource_tag_of_a_template_that_does_not_say_is_the_logical_id(wanted: Wanted) -> None:
    account = account_of(wanted)
    deploy(account, wanted, without(newest(wanted), NEWER))
    (logical_id,) = wanted.serving().keys() & {"Purchase", "Deployment"}
    (arn,) = (
        [account.deployment(wanted)["customModelDeploymentArn"]]
        if wanted.on_demand
        else [account.throughput(wanted)["provisionedModelArn"]]
    )
    assert account.tags(arn)[contract.TAG_RESOURCE] == logical_id


def test_a_model_of_any_day_is_served_by_a_template_that_does_not_say_from_which_one_on() -> None:
    account = account_of(ON_DEMAND)
    deploy(account, ON_DEMAND, newest(ON_DEMAND))
    given = ON_DEMAND.but(given_model=account.job(ON_DEMAND)["outputModelArn"], name="given")
    too_late = given.but(customized_from="2999-01-01")
    assert account.cloudformation.deploy("given-Serving", too_late.serving()) == "ROLLBACK_COMPLETE"
    account.cloudformation.delete("given-Serving")
    assert account.cloudformation.deploy("given-Serving", given.serving()) == "CREATE_COMPLETE"


EVALUATED: Final = ON_DEMAND.but(evaluates=True, gated=True)
# What a template of an evaluation may lack, by logical id, and what none ever lacked.
OF_EVALUATIONS: Final = {
    "Evaluation": (
        "ContractVersion",
        "CustomModelKmsKeyArn",
        "Quotas",
        "Reconcile",
        "RequestsPerMinute",
        "Tags",
        "TestUri",
        "TrainSha256",
    ),
    "Wait1": ("ContractVersion",),
    "Gate": ("ContractVersion", "GateConfidence", "State"),
}
EVALUATIONS_NEED: Final = {
    "Evaluation": (
        "Attempt",
        "BaseModel",
        "Environment",
        "EvaluationId",
        "MaxErrorRate",
        "MaxOutputTokens",
        "MaxTokens",
        "Name",
        "QuotaShare",
        "TestSha256",
        "TrainingId",
    ),
    "Wait1": ("EvaluationId", "Execution", "Rung", "Rungs"),
    "Gate": ("GateRequirements", "Model"),
}


def evaluated(account: WiredAccount, lacks: Mapping[str, Iterable[str]]) -> str:
    """Train, and deploy the Evaluation stack without some properties."""
    account.train(EVALUATED.but(evaluates=False))
    account.lifecycle.put(f"test/{EVALUATED.evaluation_inputs.questions.test_sha256}.jsonl", EVALUATED.test_data)
    return account.cloudformation.deploy(EVALUATED.evaluation_stack, without(EVALUATED.evaluation(), lacks))


def asked_of(account: WiredAccount) -> list[tuple[str, str]]:
    return [(run.name, run.status) for run in account.lifecycle.evaluations.runs.values()]


EACH_OF_EVALUATIONS: Final = (
    OF_EVALUATIONS,
    *({logical_id: (name,)} for logical_id, names in OF_EVALUATIONS.items() for name in names),
)


@pytest.mark.parametrize("lacks", EACH_OF_EVALUATIONS, ids=str)
def test_an_older_evaluation_is_run_once_judged_and_served(lacks: Mapping[str, Iterable[str]]) -> None:
    account = account_of(EVALUATED)
    assert evaluated(account, lacks) == "CREATE_COMPLETE"
    assert asked_of(account) == [(f"{EVALUATED.evaluation_inputs.id}-1", "SUCCEEDED")]
    assert account.serve(EVALUATED) == "CREATE_COMPLETE"
    assert account.serving_names() == [EVALUATED.deployment_name]


def test_the_newest_evaluation_over_an_older_one_and_back_asks_nobody_again() -> None:
    account = account_of(EVALUATED)
    evaluated(account, OF_EVALUATIONS)
    for lacks in ({}, OF_EVALUATIONS):
        assert evaluated(account, lacks) == "UPDATE_COMPLETE"
    assert asked_of(account) == [(f"{EVALUATED.evaluation_inputs.id}-1", "SUCCEEDED")]
    assert account.cloudformation.delete(EVALUATED.evaluation_stack) == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("logical_id", "name"), [(its, name) for its, names in EVALUATIONS_NEED.items() for name in names]
)
def test_what_no_evaluation_ever_lacked_is_refused_by_name_and_deletes_as_nothing(logical_id: str, name: str) -> None:
    account = account_of(EVALUATED)
    assert evaluated(account, {logical_id: (name,)}) == "ROLLBACK_COMPLETE"
    assert any(f"property {name}" in reason for reason in account.cloudformation.reasons)
    assert bool(asked_of(account)) is (logical_id != "Evaluation")
    assert account.serving_names() == []


# What the first version of the dataset did not write, with a value that a template has today.
OF_DATASETS: Final[Mapping[str, str]] = {
    "ContractVersion": "1",
    "FileName": "train.jsonl",
    "MaxInputTokens": "100000",
    "MaxOutputTokens": "100000",
    "Reconcile": "0",
    "ReportKey": "output/dataset-reports/train-any.json",
    "ReservedWordRoles": '["system", "user", "assistant"]',
    "SuspectedWords": "[]",
    "TextOnly": "false",
}


@pytest.mark.parametrize("lacks", [*OF_DATASETS, None], ids=lambda name: str(name or "everything"))
@pytest.mark.parametrize(("data", "status"), [(GOOD, "SUCCESS"), (BAD, "FAILED")], ids=["good", "bad"])
def test_an_older_dataset_is_checked_and_copied_the_same(
    dataset: Dataset, lacks: str | None, data: bytes, status: str
) -> None:
    told = {name: value for name, value in OF_DATASETS.items() if lacks not in (None, name)}
    answer = dataset.serve(ResourceProperties=dataset.put(data) | told)
    assert (answer["Status"], dataset.copied(data)) == (status, status == "SUCCESS")
    if status == "SUCCESS":
        assert {name: answer["Data"][name] for name in ("Records", "Warnings")} == {"Records": "3", "Warnings": "0"}


def test_an_older_dataset_leaves_no_report_where_none_is_asked_for(dataset: Dataset) -> None:
    assert dataset.serve(ResourceProperties=dataset.put(GOOD))["Status"] == "SUCCESS"
    written = [each["Key"] for each in dataset.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert not [key for key in written if key.startswith(contract.DATASET_REPORTS_PREFIX)]


def test_a_dataset_without_a_source_lies_in_its_place_already(dataset: Dataset) -> None:
    dataset.s3.put_object(Bucket=BUCKET, Key=destination(GOOD), Body=GOOD)
    pushed = {name: value for name, value in properties(GOOD).items() if not name.startswith("Source")}
    assert dataset.serve(ResourceProperties=pushed)["Status"] == "SUCCESS"


@pytest.mark.parametrize("name", ["DestinationBucket", "DestinationKey", "Sha256", "SourceKey", "DataFormat"])
def test_what_no_dataset_ever_lacked_is_refused_by_name(dataset: Dataset, name: str) -> None:
    told = {key: value for key, value in dataset.put(GOOD).items() if key != name}
    answer = dataset.serve(ResourceProperties=told)
    assert (answer["Status"], dataset.copied(GOOD)) == ("FAILED", False)
    assert f"property {name}" in answer["Reason"]
