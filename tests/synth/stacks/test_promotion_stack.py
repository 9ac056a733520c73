"""A model of another environment: Promotion in Training's place, and roles that neither train nor delete."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from tests.synth.stages import stage_of, templates_of
from tests.synth.templates import Json, resources_of_type
from tests.unit.settings.promotion_files import INPUTS, KEY, STAGING, written
from tests.unit.settings.settings_files import load_file

MODEL: Final = "docstrings"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any]) -> dict[str, Json]:
    folder = tmp_path_factory.mktemp("promotion")
    return templates_of(stage_of(load_file(written(folder)), folder / "cdk.out", context))


def statements(template: Json) -> list[Mapping[str, Any]]:
    policies = resources_of_type(template, "AWS::IAM::Policy").values()
    return [each for its in policies for each in its["Properties"]["PolicyDocument"]["Statement"]]


def allowed(template: Json) -> set[str]:
    return {action for each in statements(template) for action in _texts(each["Action"])}


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def flat(value: object) -> str:
    return json.dumps(value)


def test_promotion_takes_the_place_of_training(templates: dict[str, Json]) -> None:
    assert templates.keys() == {"Foundation", "Promotion", "Serving"}


def test_the_template_says_what_is_promoted(templates: dict[str, Json]) -> None:
    (promoted,) = resources_of_type(templates["Promotion"], contract.PROMOTED_MODEL).values()
    properties = promoted["Properties"]
    told = {
        "Name": MODEL,
        "Environment": "staging",
        "ModelEnvironment": "dev",
        "Attempt": "3",
        "BaseModel": INPUTS.base_model,
        "CustomizationType": INPUTS.customization_type,
        "HyperParameters": INPUTS.hyper_parameters,
        "TrainSha256": INPUTS.train_sha256,
        "ValidationSha256": INPUTS.validation_sha256,
        "CustomModelKmsKeyArn": KEY,
        "ServesBy": "on_demand",
    }
    assert told.items() <= properties.items()
    outputs = flat(templates["Promotion"]["Outputs"])
    assert [each for each in (INPUTS.train_sha256, KEY, properties["TrainingId"]) if each not in outputs] == []


def test_what_serves_names_the_giving_environment_and_the_key(templates: dict[str, Json]) -> None:
    (served,) = resources_of_type(templates["Serving"], contract.CUSTOM_MODEL_DEPLOYMENT).values()
    properties = served["Properties"]
    assert (properties["Environment"], properties["ModelEnvironment"]) == ("staging", "dev")
    assert KEY in properties["ServedModelKmsKeyArns"]
    assert "KeepModels" not in properties


def test_no_role_may_train_or_delete_a_model(templates: dict[str, Json]) -> None:
    refused = {"bedrock:CreateModelCustomizationJob", "iam:PassRole", "bedrock:DeleteCustomModel"}
    assert not refused & {action for template in templates.values() for action in allowed(template)}


def test_on_a_given_model_only_its_own_hold_may_be_set(templates: dict[str, Json]) -> None:
    key = f"aws:ResourceTag/{contract.TAG_FOUNDATION}"
    (theirs,) = [
        each
        for each in statements(templates["Foundation"])
        if "dev-Foundation" in flat(each.get("Condition", {}).get("StringEquals", {}).get(key, ""))
    ]
    assert sorted(_texts(theirs["Action"])) == ["bedrock:TagResource", "bedrock:UntagResource"]
    assert theirs["Condition"]["ForAllValues:StringEquals"] == {"aws:TagKeys": ["bedrock-tuning:held-by:staging"]}
    assert theirs["Condition"]["Null"] == {"aws:TagKeys": "false"}
    assert theirs["Resource"].endswith(":custom-model/*")


def test_the_giving_environments_key_is_used_by_its_tag_alone(templates: dict[str, Json]) -> None:
    tag = f"aws:ResourceTag/{contract.TAG_OWNER}"
    by_tag = [each for each in statements(templates["Foundation"]) if ":key/*" in flat(each["Resource"])]
    assert {action for each in by_tag for action in _texts(each["Action"])} == {
        "kms:DescribeKey",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:CreateGrant",
    }
    assert all("dev-Foundation" in flat(each["Condition"]["StringEquals"][tag]) for each in by_tag)


def test_foundation_does_not_know_which_model_is_promoted(
    templates: dict[str, Json], tmp_path: Path, context: dict[str, Any]
) -> None:
    other = load_file(written(tmp_path, ("reconcile", 7), ("serving", {"on_demand": {}})))
    made = templates_of(stage_of(other, tmp_path / "cdk.out", context))
    assert flat(made["Foundation"]) == flat(templates["Foundation"])
    assert STAGING["promotion"]["kms_key_arn"] not in flat(made["Foundation"])
