"""Validation data that a training makes no use of: no resource, no part of its identity, and a warning at synth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk.assertions import Annotations, Match

from bedrock_lifecycle import contract
from bedrock_tuning.base_models import base_model
from bedrock_tuning.data.checker.report_cache import CHECK_DATA
from tests.support.messages import says
from tests.synth.foreign import ForeignStack
from tests.synth.stages import stacks_of, stage_of
from tests.synth.templates import Json, resources_of_type, to_json
from tests.unit.settings.settings_files import ABSENT, NOVA_MICRO, changed, load_file, write

Foreign = Callable[..., ForeignStack]
NOVA_2 = "amazon.nova-2-lite-v1:0:256k"
WARNING = "bedrock-tuning:data-validation-not-used"
OTHER_FILE = ("data.validation", {"path": "test.jsonl"})
NONE = ("data.validation", ABSENT)


def nova(base_model: str, *changes: tuple[str, object]) -> dict[str, Any]:
    there: list[tuple[str, object]] = [
        ("training", {"base_model": base_model}),
        ("region", "us-east-1"),
        ("serving", {"on_demand": {}}),
    ]
    return changed(*there, *changes)


def synthesized(folder: Path, base_model: str, context: dict[str, Any], *changes: tuple[str, object]) -> Stack:
    context = {**context, CHECK_DATA: "false"}  # what the files hold is nothing to these tests
    model = load_file(write(folder, nova(base_model, *changes)))
    return stacks_of(stage_of(model, folder / "cdk.out", context))["Training"]


def splits(template: Json) -> list[str]:
    found = resources_of_type(template, contract.DATASET).values()
    return sorted(each["Properties"]["ReportKey"].split("/")[-1].partition("-")[0] for each in found)


def warnings(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(each.entry.data) for each in found if WARNING in str(each.entry.data)]


@pytest.mark.parametrize("changes", [(), (OTHER_FILE,), (NONE,)], ids=["one file", "another", "none"])
def test_it_is_no_part_of_the_training(tmp_path: Path, changes: tuple[tuple[str, object], ...]) -> None:
    def training_id(base_model: str, *changes: tuple[str, object]) -> str:
        return load_file(write(tmp_path, nova(base_model, *changes))).training_id

    assert training_id(NOVA_2, *changes) == training_id(NOVA_2)
    assert (training_id(NOVA_MICRO, *changes) == training_id(NOVA_MICRO)) == (not changes)


def test_it_has_no_resource_and_a_warning(tmp_path: Path, context: dict[str, Any]) -> None:
    stack = synthesized(tmp_path, NOVA_2, context)
    assert splits(to_json(stack)) == ["train"]
    (warning,) = warnings(stack)
    assert says(warning, "Amazon Nova 2 Lite", "nova-2-sft-data-prep.html", "test")
    (job,) = resources_of_type(to_json(stack), contract.MODEL_CUSTOMIZATION).values()
    assert not [name for name in job["Properties"] if name.startswith("Validation")]


def test_where_it_is_used_it_has_a_resource_and_no_warning(tmp_path: Path, context: dict[str, Any]) -> None:
    stack = synthesized(tmp_path, NOVA_MICRO, context)
    assert (splits(to_json(stack)), warnings(stack)) == (["train", "validation"], [])


def test_the_template_does_not_depend_on_it(tmp_path: Path, context: dict[str, Any]) -> None:
    templates = []
    for number, changes in enumerate([(), (OTHER_FILE,), (NONE,)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        templates.append(to_json(synthesized(folder, NOVA_2, context, *changes)))
    assert templates[0] == templates[1] == templates[2]


def test_a_construct_leaves_it_out_and_warns(foreign_stack: Foreign) -> None:
    def customization(**given: Any) -> tuple[str, list[str]]:
        foreign = foreign_stack(region="us-east-1")
        profile = base_model(NOVA_2)
        train = foreign.dataset("Train", base_model=profile)
        for split, content in given.items():
            path = foreign.file(content, f"{split}.jsonl")
            given[split] = foreign.dataset("Other", path=path, base_model=profile, split="validation")
        job = foreign.customization(train=train, base_model=profile, **given)
        (made,) = resources_of_type(to_json(foreign.stack), contract.MODEL_CUSTOMIZATION).values()
        assert not [name for name in made["Properties"] if name.startswith("Validation")]
        return job.training_id, warnings(foreign.stack)

    with_it, without = customization(validation=b"any\n"), customization()
    assert with_it[0] == without[0]
    assert (len(with_it[1]), len(without[1])) == (1, 0)
