"""Synthesis inside this process: an interpreter and a jsii kernel for all, where `cdk synth` starts both each time."""

import json
from pathlib import Path
from typing import Final

from aws_cdk import App

from settings import load_environments
from stacks.environment_stage import EnvironmentStage

_CDK_JSON: Final = Path(__file__).resolve().parents[2] / "cdk.json"


def synthesize(environments: Path, output: Path) -> None:
    """Write the assembly of all environments of a folder, with the feature flags that the CDK CLI would pass on."""
    context = json.loads(_CDK_JSON.read_text(encoding="utf-8"))["context"]
    # What the CLI adds, so that its output has the names of constructs.
    context = {**context, "aws:cdk:enable-path-metadata": True}
    # Costs three seconds a process; `tests/synth/app/test_template_validation.py` reads what it says.
    app = App(builtin_cloud_formation_validation=False, context=context, outdir=str(output))
    for settings in load_environments(environments):
        EnvironmentStage(app, settings)
    app.synth()
