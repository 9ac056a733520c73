"""A cloud assembly as the CDK wrote it: its stacks, with whose they are, where they deploy, and their templates."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_tuning.spending.words import QUANTITIES
from settings.stack_names import ACCESS, ACCESS_STAGE
from tune.review.findings import FindingClass, ReviewFinding
from tune.terminal.problems import NoAssembly

_STACK: Final = "aws:cloudformation:stack"
_ACKNOWLEDGED: Final = "aws:cdk:acknowledged-rules"
_NESTED: Final = "cdk:cloud-assembly"


@dataclass(frozen=True)
class StackTemplate:
    """A stack of an assembly. `model` is empty for Foundation."""

    name: str
    account: str
    region: str
    app: str
    environment: str
    model: str
    is_protected: bool
    body: Mapping[str, Any] = field(repr=False)
    acknowledged: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    """The reasons of acknowledged findings of the rule packs, by construct and rule."""
    file: Path | None = field(default=None, compare=False)
    """Where its template is written, as far as it is from an assembly on disk."""

    @property
    def id(self) -> str:
        """What it is called in its environment: `Foundation`, `docstrings-Training`, `access/docstrings-…`."""
        if self.kind == ACCESS:
            return f"{ACCESS_STAGE}/{self.model}-{self.account}"
        return "-".join(filter(None, (self.model, self.kind)))

    @cached_property
    def kind(self) -> str:
        """Foundation, Training, Serving or Access."""
        return self.name.rpartition("-")[2]

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Its resources by their logical ids, without those that only serve the CDK."""
        return resources_of(self.body)

    @cached_property
    def imports(self) -> frozenset[str]:
        """The exports of other stacks that it uses."""
        return frozenset(_imports(self.body))

    def finding(self, path: str, finding_class: FindingClass, says: str, **more: Any) -> ReviewFinding:
        """Return a finding about a construct of this stack, or about the stack where `path` is empty."""
        return ReviewFinding(
            finding_class=finding_class, says=says, environment=self.environment, stack=self.id, path=path, **more
        )

    def quantity_of(self, path: str, name: str) -> int | None:
        """Return a number that a construct tells of its spending; None where it is not known."""
        told = (its for logical_id, its in self.resources.items() if self.path_of(logical_id) == path)
        number = next((each.get("Metadata", {}).get(QUANTITIES, {}).get(name) for each in told), None)
        return number if isinstance(number, int) else None

    def path_of(self, logical_id: str) -> str:
        """Return the construct of a resource, in its stack; the logical id where the template does not tell."""
        resource = self.body.get("Resources", {}).get(logical_id, {})
        path = str(resource.get("Metadata", {}).get("aws:cdk:path", ""))
        parts = path.split("/")[3 if self.kind == ACCESS else 2 :]
        return "/".join(parts[:-1] if parts[-1:] in (["Resource"], ["Default"]) else parts) or logical_id


def resources_of(body: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the resources of a template by their logical ids, without those that only serve the CDK."""
    found: Mapping[str, Mapping[str, Any]] = body.get("Resources", {})
    return {name: each for name, each in found.items() if each["Type"] != "AWS::CDK::Metadata"}


def read(folder: Path) -> dict[str, StackTemplate]:
    """Return the stacks of an assembly by their names.

    Raises NoAssembly when there is no assembly in the folder, or a stack of it says of no app and environment whose
    it is.
    """
    version = version_of(folder)
    try:
        stacks = _by_name(_stacks(folder))
    except (AttributeError, KeyError, TypeError) as error:
        raise NoAssembly(
            f"{folder} is no cloud assembly that can be read: its manifest, of version {version}, misses {error}; "
            "synthesize again, with the CDK that package-lock.json and requirements.txt pin"
        ) from None
    if not stacks:
        raise NoAssembly(f"{folder} has no stack in its manifest, of version {version}; give an assembly of this app")
    strange = sorted(stack.name for stack in stacks.values() if not (stack.app and stack.environment))
    if strange:
        raise NoAssembly(
            f"{folder} has stacks without the tags of this project: {', '.join(strange)}; give an assembly of its app"
        )
    return stacks


def _by_name(found: Iterable[StackTemplate]) -> dict[str, StackTemplate]:
    """Return stacks by their names; those of applications are called the same in each account, and keyed with it."""
    return {f"{its.name} in {its.account}" if its.kind == ACCESS else its.name: its for its in found}


def version_of(folder: Path) -> str:
    """Return the version of the form in which the CDK wrote an assembly; raise NoAssembly where there is none."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        remedy = "make one with cdk synth --quiet --output FOLDER"
        raise NoAssembly(f"{folder} is no cloud assembly: it has no manifest.json; {remedy}")
    document = _document(manifest)
    return str(document.get("version", "unknown") if isinstance(document, dict) else "unknown")


def _stacks(folder: Path) -> Iterator[StackTemplate]:
    manifest = _document(folder / "manifest.json")
    for artifact in manifest.get("artifacts", {}).values():
        properties = artifact.get("properties", {})
        if artifact.get("type") == _NESTED:
            yield from _stacks(folder / properties["directoryName"])
        elif artifact.get("type") == _STACK:
            yield _stack(folder, artifact)


def _stack(folder: Path, artifact: Mapping[str, Any]) -> StackTemplate:
    properties, tags = artifact["properties"], artifact["properties"].get("tags", {})
    file = folder / properties["templateFile"]
    account, _, region = str(artifact.get("environment", "")).removeprefix("aws://").partition("/")
    return StackTemplate(
        name=properties.get("stackName") or artifact["displayName"],
        account=account,
        region=region,
        app=tags.get(contract.TAG_APP, ""),
        environment=tags.get(contract.TAG_ENVIRONMENT, ""),
        model=tags.get(contract.TAG_MODEL, ""),
        is_protected=bool(properties.get("terminationProtection")),
        body=_template(file),
        file=file,
        acknowledged=dict(_acknowledged(folder, artifact)),
    )


def _template(path: Path) -> dict[str, Any]:
    body = _document(path)
    resources = body.get("Resources", {}) if isinstance(body, dict) else None
    if not isinstance(resources, dict):
        raise NoAssembly(f"{path} is no template: it has no table Resources; synthesize again")
    for name, its in resources.items():
        if not (isinstance(its, dict) and isinstance(its.get("Type"), str)):
            raise NoAssembly(f"{path} is no template: resource {name} has no Type; synthesize again")
    return body


def _acknowledged(folder: Path, artifact: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    beside = artifact.get("additionalMetadataFile")
    told = _document(folder / beside) if beside else artifact.get("metadata", {})
    for path, entries in told.items():
        for entry in entries:
            if entry.get("type") == _ACKNOWLEDGED:
                construct = "/".join(path.split("/")[3:])
                yield from (((construct, rule), str(reason)) for rule, reason in entry["data"].items())


def is_custom(resource_type: str) -> bool:
    """Tell whether a function makes resources of this type: what that does, only its code knows."""
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"


def _imports(body: Mapping[str, Any]) -> Iterator[str]:
    left: list[Any] = [body]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            name = value.get("Fn::ImportValue")
            if isinstance(name, str):
                yield name
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise NoAssembly(f"{path} cannot be read: {error}; synthesize again") from None
    return document
