"""The templates as they were last reviewed: a change of infrastructure is a change of these files."""

import difflib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from settings import Environment, EnvironmentSettings
from tests.synth.templates import Json, without_code_hash, without_metadata

FOLDER: Final = Path(__file__).parent / "snapshots"
PURCHASE: Final = "bedrock:CreateProvisionedModelThroughput"
RENEW: Final = "make snapshots"
_UPDATE: Final = "UPDATE_SNAPSHOTS"


def snapshot_of(template: Json) -> str:
    """Return a template as its snapshot says it, without what a change of code alone changes."""
    reviewed = without_code_hash(without_metadata(template))
    return json.dumps(reviewed, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def difference(before: str, after: str, name: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"reviewed {name}", "synthesized", lineterm=""
    )
    return "\n".join(lines)


def compare(snapshots: dict[str, str], folder: Path, *, renew: bool) -> str:
    """Return what is wrong with the snapshots in a folder, or write them."""
    if renew:
        folder.mkdir(exist_ok=True)
        for path in folder.glob("*.json"):
            path.unlink()
        for name, text in snapshots.items():
            (folder / name).write_text(text, encoding="utf-8")
    wrong = [f"{path.name} is of no stack" for path in folder.glob("*.json") if path.name not in snapshots]
    for name, text in snapshots.items():
        if not (folder / name).exists():
            wrong.append(f"{name} is missing")
        elif found := difference((folder / name).read_text(encoding="utf-8"), text, name):
            wrong.append(found)
    return "\n".join([*wrong, f"if that is meant, run `{RENEW}` and review the difference"]) if wrong else ""


def without_place(text: str, environment: Environment) -> str:
    """Return a snapshot without the environment's name, account and Region, and without digests of paths with them."""
    place = (environment.name, environment.account, environment.region)
    return re.sub("|".join(["[0-9A-F]{8,}", *map(re.escape, place)]), "", text)


def test_templates_are_as_reviewed(templates: Mapping[tuple[str, str], Json]) -> None:
    snapshots = {
        f"{environment}-{stack}.json": snapshot_of(template)
        for (environment, stack), template in templates.items()
        if (environment, stack) != ("local", "Foundation")  # as that of dev, see below
    }
    assert len(snapshots) == len(templates) - 1
    wrong = compare(snapshots, FOLDER, renew=os.environ.get(_UPDATE) == "1")
    if wrong:
        pytest.fail(wrong, pytrace=False)


def without_purchases(template: Json) -> Json:
    """Return a Foundation that may buy, without the statement that says so."""
    result: Json = json.loads(json.dumps(template))
    for each in result["Resources"].values():
        if each["Type"] == "AWS::IAM::Policy":
            document = each["Properties"]["PolicyDocument"]
            document["Statement"] = [it for it in document["Statement"] if it["Action"] != PURCHASE]
    return result


def test_one_foundation_differs_from_another_by_its_place_and_its_rights_alone(
    templates: Mapping[tuple[str, str], Json], environments: list[EnvironmentSettings]
) -> None:
    assert {each.environment.name: each.environment.allow.buy for each in environments} == {"dev": False, "local": True}
    dev, local = (
        without_place(snapshot_of(without_purchases(templates[name, "Foundation"])), each.environment)
        for name in ("dev", "local")
        for each in environments
        if each.environment.name == name
    )
    assert difference(dev, local, "dev") == ""


def test_renewing_writes_what_is_then_as_reviewed_and_removes_the_rest(tmp_path: Path) -> None:
    (tmp_path / "gone-Serving.json").write_text("{}", encoding="utf-8")
    assert compare({"dev-Training.json": "{}\n"}, tmp_path, renew=True) == ""
    assert [path.name for path in tmp_path.iterdir()] == ["dev-Training.json"]


def test_a_missing_snapshot_is_found(tmp_path: Path) -> None:
    assert "dev-Training.json is missing" in compare({"dev-Training.json": "{}\n"}, tmp_path, renew=False)


def test_a_snapshot_of_no_stack_is_found(tmp_path: Path) -> None:
    (tmp_path / "gone-Serving.json").write_text("{}", encoding="utf-8")
    assert "gone-Serving.json is of no stack" in compare({}, tmp_path, renew=False)


def test_a_change_is_shown_with_the_command_that_accepts_it(tmp_path: Path) -> None:
    (tmp_path / "dev-Training.json").write_text('{\n  "a": 1\n}\n', encoding="utf-8")
    wrong = compare({"dev-Training.json": '{\n  "a": 2\n}\n'}, tmp_path, renew=False)
    assert '-  "a": 1\n+  "a": 2' in wrong
    assert "make snapshots" in wrong


def test_other_code_is_no_other_template_but_other_data_is(templates: dict[tuple[str, str], Json]) -> None:
    template = templates["dev", "Training"]
    (code,) = {
        each["Properties"]["Code"]["S3Key"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    }
    (data,) = {
        each["Properties"]["SourceKey"]
        for each in template["Resources"].values()
        if each["Properties"].get("DestinationKey", "").startswith("train/")
    }
    text = json.dumps(template)
    assert snapshot_of(json.loads(text.replace(code, "other.zip"))) == snapshot_of(template)
    assert snapshot_of(json.loads(text.replace(data, "other.jsonl"))) != snapshot_of(template)
