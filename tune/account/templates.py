"""What the settings ask for: the custom resources of the templates that a deploy would send."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bedrock_lifecycle import contract
from settings import EnvironmentSettings
from tune.terminal.folders import ROOT
from tune.terminal.problems import CannotBeDone

UNKNOWN: Final = "(known once Foundation is deployed)"
_TYPES: Final = (
    contract.DATASET,
    contract.MODEL_CUSTOMIZATION,
    contract.TRAINING_AWAIT,
    contract.PROVISIONED_THROUGHPUT,
    contract.CUSTOM_MODEL_DEPLOYMENT,
)
_SILENT: Final = {"@aws-cdk/core:failSynthOnValidationErrors": False}
_REPORT: Final = "validation-report.json"
_ERRORS: Final = ("error", "fatal")


@dataclass(frozen=True)
class Resource:
    """A custom resource of a template, with its properties as they stand there."""

    type: str
    properties: Mapping[str, Any]


Template = Mapping[str, Resource]


class Refused(CannotBeDone):
    """A synthesis of these settings finds errors, so that no deploy of them would begin."""


def templates(settings: EnvironmentSettings) -> dict[str, Template]:
    """Synthesize one environment as the CDK CLI would; return its custom resources by the stack's name."""
    return read_all(bodies(settings))


def bodies(settings: EnvironmentSettings) -> dict[str, Mapping[str, Any]]:
    """Synthesize one environment as the CDK CLI would; return the templates by the stack's name.

    Raises Refused with every error that the synthesis found; what it warns of goes to the error stream.
    """
    # The CDK's libraries start a Node.js when they are imported, which no other command needs.
    from aws_cdk import App

    from stacks.environment_stage import EnvironmentStage

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    # Data files are not copied for what is only looked at.
    context = {**context, "aws:cdk:disable-asset-staging": True}
    with TemporaryDirectory() as folder:
        # What the validator of the CDK finds, the deploy tells; here it would take longer than all the rest. Other
        # findings are read from the report: they are printed with a path that is gone in a moment.
        app = App(builtin_cloud_formation_validation=False, context=context, post_cli_context=_SILENT, outdir=folder)
        stage = EnvironmentStage(app, settings)
        assembly = app.synth().get_nested_assembly(stage.artifact_id)
        _tell(Path(folder) / _REPORT)
        return {stack.stack_name: _file(Path(stack.template_full_path)) for stack in assembly.stacks}


def _tell(report: Path) -> None:
    """Write the warnings of a report, and raise Refused with its errors."""
    if not report.exists():
        return
    document = json.loads(report.read_text(encoding="utf-8"))
    found = [violation for each in document["pluginReports"] for violation in each["violations"]]
    if errors := [its["description"] for its in found if its["severity"] in _ERRORS]:
        raise Refused("\n".join(errors))
    for its in found:
        sys.stderr.write(f"{its['severity']}: {its['description']}\n")


def read(body: Mapping[str, Any]) -> Template:
    """Return the custom resources of a template that are this project's."""
    return {
        logical_id: Resource(resource["Type"], resource.get("Properties", {}))
        for logical_id, resource in body.get("Resources", {}).items()
        if resource["Type"] in _TYPES
    }


def read_all(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, Template]:
    """Return the custom resources of some templates that are this project's, by the stack's name."""
    return {stack: read(body) for stack, body in bodies.items()}


def of_type(template: Template, kind: str) -> dict[str, Resource]:
    """Return a template's resources of one type."""
    return {logical_id: resource for logical_id, resource in template.items() if resource.type == kind}


def resolved(value: Any, known: Mapping[str, str]) -> Any:
    """Return a value of a template with what is known put in: exports and pseudo parameters, by their names."""
    match value:
        case {"Fn::ImportValue": name} | {"Ref": name}:
            return known.get(str(name), UNKNOWN)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(str(resolved(part, known)) for part in parts)
        case Mapping() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
            return UNKNOWN
        case Mapping():
            return {name: resolved(item, known) for name, item in value.items()}
        case list():
            return [resolved(item, known) for item in value]
        case _:
            return value


def _file(path: Path) -> Mapping[str, Any]:
    body: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return body
