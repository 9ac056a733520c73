"""The templates that a deploy would send, synthesized as the CDK CLI would.

A deployment may take hours and keeps none of the CDK's libraries: it runs this as a process of its own.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from settings import EnvironmentSettings, load_environment
from tune.terminal.folders import ROOT
from tune.terminal.problems import CannotBeDone

_SILENT: Final = {"@aws-cdk/core:failSynthOnValidationErrors": False}
_REPORT: Final = "validation-report.json"
_ERRORS: Final = ("error", "fatal")


class SynthesisRefused(CannotBeDone):
    """A synthesis of these settings finds errors, so that no deploy of them would begin."""


def bodies(settings: EnvironmentSettings, more: Mapping[str, str] | None = None) -> dict[str, Mapping[str, Any]]:
    """Synthesize one environment as the CDK CLI would; return the templates by the stack's name.

    `more` is context of the app besides what cdk.json gives.

    Raises SynthesisRefused with every error that the synthesis found; what it warns of goes to the error stream.
    """
    # The CDK's libraries start a Node.js when they are imported, which no other command needs.
    from aws_cdk import App

    from stacks.environment_stage import EnvironmentStage

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    # Data files are not copied for what is only looked at.
    context = {**context, "aws:cdk:disable-asset-staging": True, **(more or {})}
    with TemporaryDirectory() as folder:
        # What the validator of the CDK finds, the deploy tells; here it would take longer than all the rest. Other
        # findings are read from the report: they are printed with a path that is gone in a moment.
        app = App(builtin_cloud_formation_validation=False, context=context, post_cli_context=_SILENT, outdir=folder)
        stage = EnvironmentStage(app, settings)
        assembly = app.synth().get_nested_assembly(stage.artifact_id)
        _tell(Path(folder) / _REPORT, _models(settings))
        return {stack.stack_name: _file(Path(stack.template_full_path)) for stack in assembly.stacks}


def _models(settings: EnvironmentSettings) -> dict[str, str]:
    """Return what a finding calls a model, by the paths of its stacks."""
    name = settings.environment.name
    return {f"{name}/{its.stack_id(kind)}": f"{name}/{its.name}" for its in settings.models for kind in its.stack_kinds}


def _tell(report: Path, models: Mapping[str, str]) -> None:
    """Write the warnings of a report, and raise SynthesisRefused with its errors."""
    if not report.exists():
        return
    document = json.loads(report.read_text(encoding="utf-8"))
    found = [violation for each in document["pluginReports"] for violation in each["violations"]]
    if errors := [line for its in found if its["severity"] in _ERRORS for line in _told(its, models)]:
        raise SynthesisRefused("\n".join(errors))
    for its in found:
        for line in _told(its, models):
            sys.stderr.write(f"{its['severity']}: {line}\n")


def _told(violation: Mapping[str, Any], models: Mapping[str, str]) -> Iterator[str]:
    """Yield a finding in one line for each model, or stack of no model, that has it."""
    paths = (its["constructPath"] for its in violation["violatingConstructs"])
    stacks = ("/".join(path.split("/")[:2]) for path in paths)
    for whose in dict.fromkeys(models.get(stack, stack) for stack in stacks):
        yield f"{whose}: {violation['description']}"


def _file(path: Path) -> Mapping[str, Any]:
    body: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body


def main(folder: str, environment: str, stack: str, output: str) -> None:
    """Write the template of an environment's Foundation, which follows from no model."""
    body = bodies(load_environment(Path(folder), environment, models=[]))[stack]
    Path(output).write_text(json.dumps(body), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
