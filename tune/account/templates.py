"""The custom resources of templates, with what is known put into their properties."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bedrock_lifecycle import contract

UNKNOWN: Final = "(known once Foundation is deployed)"
_VARIABLE: Final = re.compile(r"\$\{([^{}]+)\}")
_TYPES: Final = (
    contract.DATASET,
    contract.MODEL_CUSTOMIZATION,
    contract.TRAINING_AWAIT,
    contract.PROMOTED_MODEL,
    contract.SERVING_BAKE,
    contract.EVALUATION,
    contract.EVALUATION_AWAIT,
    contract.QUALITY_GATE,
    *contract.SERVING_TYPES,
)


DELETION: Final = "DeletionPolicy"
REPLACEMENT: Final = "UpdateReplacePolicy"
# The policies with which CloudFormation keeps what a resource made, held by no stack.
_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})


@dataclass(frozen=True)
class TemplateResource:
    """A custom resource of a template, with its properties as they stand there.

    policies: DeletionPolicy and UpdateReplacePolicy, as far as the template has them. Where only they differ,
        CloudFormation sends no event.
    """

    type: str
    properties: Mapping[str, Any]
    policies: Mapping[str, str] = field(default_factory=dict, compare=False)

    def is_kept(self, policy: str) -> bool:
        """Tell whether a policy keeps what it made, where it would be deleted."""
        return self.policies.get(policy) in _KEPT


Template = Mapping[str, TemplateResource]


def read(body: Mapping[str, Any]) -> Template:
    """Return the custom resources of a template that are this project's."""
    return {
        logical_id: TemplateResource(
            resource["Type"],
            resource.get("Properties", {}),
            {name: str(resource[name]) for name in (DELETION, REPLACEMENT) if name in resource},
        )
        for logical_id, resource in body.get("Resources", {}).items()
        if resource["Type"] in _TYPES
    }


def read_all(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, Template]:
    """Return the custom resources of some templates that are this project's, by the stack's name."""
    return {stack: read(body) for stack, body in bodies.items()}


def of_type(template: Template, kind: str) -> dict[str, TemplateResource]:
    """Return a template's resources of one type."""
    return {logical_id: resource for logical_id, resource in template.items() if resource.type == kind}


def resolved(
    value: Any, known: Mapping[str, Any], unknown: Callable[[Mapping[str, Any]], Any] = lambda _: UNKNOWN
) -> Any:
    """Return a value of a template with what is known put in.

    known: the values of parameters, pseudo parameters and exports, by their names; of attributes as `Id.Attribute`.
    unknown: what stands in place of a function of which nothing is known; it is given that function.
    """

    def of(part: Any) -> Any:
        return resolved(part, known, unknown)

    match value:
        # A template is read from JSON: nothing else looks like a table, and asking for one is ten times quicker.
        case dict() if is_function(value):
            return _of_function(value, known, unknown, of)
        case dict():
            return {name: of(item) for name, item in value.items()}
        case list():
            return [of(item) for item in value]
    return value


def is_function(value: Any) -> bool:
    """Tell whether a value of a template is a reference, or another function, and no value itself."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (name,) = value
    return name == "Ref" or str(name).startswith("Fn::")


def _of_function(
    function: Mapping[str, Any],
    known: Mapping[str, Any],
    unknown: Callable[[Mapping[str, Any]], Any],
    of: Callable[[Any], Any],
) -> Any:
    match function:
        case {"Ref": str(name)} | {"Fn::ImportValue": str(name)} if name in known:
            return known[name]
        case {"Fn::GetAtt": [str(name), str(attribute)]} if f"{name}.{attribute}" in known:
            return known[f"{name}.{attribute}"]
        case {"Fn::GetAtt": str(name)} if "." in name:
            return of({"Fn::GetAtt": name.split(".", 1)})
        case {"Fn::Join": [separator, [*parts]]}:
            return str(separator).join(str(of(part)) for part in parts)
        case {"Fn::Sub": str(text)}:
            return of({"Fn::Sub": [text, {}]})
        case {"Fn::Sub": [str(text), Mapping() as given]}:
            return _VARIABLE.sub(lambda found: _substituted(found[1], given, of), text)
    return unknown(function)


def _substituted(name: str, given: Mapping[str, Any], of: Callable[[Any], Any]) -> str:
    if name.startswith("!"):
        # What stays: a variable of a policy, say.
        return f"${{{name[1:]}}}"
    return str(of(given.get(name, {"Fn::GetAtt": name} if "." in name else {"Ref": name})))
