"""The custom resources of templates, with what is known put into their properties."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bedrock_lifecycle import contract

UNKNOWN: Final = "(known once Foundation is deployed)"
_TYPES: Final = (
    contract.DATASET,
    contract.MODEL_CUSTOMIZATION,
    contract.TRAINING_AWAIT,
    *contract.SERVING_TYPES,
)


DELETION: Final = "DeletionPolicy"
REPLACEMENT: Final = "UpdateReplacePolicy"
# The policies with which CloudFormation keeps what a resource made, held by no stack.
_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})


@dataclass(frozen=True)
class Resource:
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


Template = Mapping[str, Resource]


def read(body: Mapping[str, Any]) -> Template:
    """Return the custom resources of a template that are this project's."""
    return {
        logical_id: Resource(
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
