"""Assemblies of one environment with some settings, and what a review says of two of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from tests.conftest import ROOT
from tests.synth.stages import stage_of
from tests.unit.settings.settings_files import NOVA_MICRO, changed, load_file, write
from tune.review.assembly import StackTemplate, read

Changes = tuple[tuple[str, object], ...]
Stacks = Mapping[str, StackTemplate]
Synthesize = Callable[..., Stacks]

FILES: Final = ROOT / "examples" / "docstrings" / "converse"
DEV: Final[Changes] = (
    ("region", "us-east-1"),
    ("training", {"base_model": NOVA_MICRO, "hyper_parameters": {"epochCount": 2}}),
    ("data", {split: {"path": str(FILES / f"{split}.jsonl")} for split in ("train", "validation")}),
    ("serving", {"on_demand": {}}),
)


def synthesized(folder: Path, context: Mapping[str, Any], changes: Changes) -> Stacks:
    """Return the stacks of the environment with some changes, as the CDK writes them."""
    path = write(folder, changed(*changes, document=changed(*DEV)))
    # As the CDK CLI has it.
    flags = {**context, "bedrock-tuning:today": "2026-01-01", "aws:cdk:enable-path-metadata": True}
    app = stage_of(load_file(path), folder / "cdk.out", flags).node.root
    assert isinstance(app, App)
    app.synth()
    return read(folder / "cdk.out")
