"""Folders that hold an assembly, and those that hold something else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.assembly import read
from tune.terminal.problems import NoAssembly

STACK = "aws:cloudformation:stack"


@pytest.mark.parametrize(
    "manifest",
    [
        [],
        {"artifacts": []},
        {"artifacts": {"It": {"type": STACK}}},
        {"artifacts": {"It": {"type": STACK, "properties": {"stackName": "It"}}}},
        {"artifacts": {"It": {"type": "cdk:cloud-assembly", "properties": {}}}},
        {"artifacts": {"It": {"type": STACK, "properties": {"templateFile": "absent.json"}, "displayName": "It"}}},
    ],
)
def test_a_manifest_of_another_form_is_no_assembly(tmp_path: Path, manifest: Any) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(NoAssembly, match="synthesize again"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("prefix", "environment"),
    [("bedrock-tuning-", "dev"), ("bedrock-tuning-", "g"), ("my-dev-app-", "dev"), ("acme-", "dev"), ("", "dev")],
)
def test_a_stack_is_called_as_in_its_environment(prefix: str, environment: str) -> None:
    its = stack({}, name=f"{prefix}{environment}-docstrings-Serving", model="docstrings", environment=environment)
    assert (its.id, its.kind) == ("docstrings-Serving", "Serving")
    its = stack({}, name=f"{prefix}{environment}-docstrings-Access", model="docstrings", environment=environment)
    assert (its.id, its.kind) == (f"access/docstrings-{its.account}", "Access")
    its = stack({}, name=f"{prefix}{environment}-Foundation", environment=environment)
    assert (its.id, its.kind) == ("Foundation", "Foundation")


@pytest.mark.parametrize("body", [[], {"Resources": []}, {"Resources": {"It": {}}}, {"Resources": {"It": {"Type": 5}}}])
def test_a_template_of_another_form_is_refused_in_words(tmp_path: Path, body: Any) -> None:
    tags = {"bedrock-tuning:app": "any", "bedrock-tuning:environment": "dev"}
    properties = {"templateFile": "It.json", "stackName": "It", "tags": tags}
    manifest = {"artifacts": {"It": {"type": STACK, "properties": properties}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "It.json").write_text(json.dumps(body))
    with pytest.raises(NoAssembly) as refused:
        read(tmp_path)
    assert "It.json is no template" in str(refused.value)
    (tmp_path / "It.json").write_text("{}")
    assert list(read(tmp_path)) == ["It"]
