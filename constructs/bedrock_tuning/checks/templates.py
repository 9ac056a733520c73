"""Synthesized templates as the checks read them: references followed across stacks, policies as plain statements."""

import json
import re
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Json = Mapping[str, Any]
# The resource that was read last, of all templates that share it: the one that is at fault if reading fails.
LastRead = deque[tuple["Template", str]]

_SUBSTITUTION: Final = re.compile(r"\$\{([\w:.]+)\}")
# A bucket's ARN made from its name is the attribute that CloudFormation has for it.
_ARN_OF_REFERENCE: Final = re.compile(r"arn:[^:]*:s3:::<([^<>]+)>")


@dataclass(frozen=True, eq=False)
class Template:
    """One stack's template, with where it is deployed, as far as that is known at synth."""

    path: str
    stack_name: str
    account: str | None
    region: str | None
    content: Json
    last_read: LastRead = field(default_factory=lambda: deque(maxlen=1))

    def resources(self, *types: str) -> Iterator[tuple[str, Json]]:
        """Yield logical id and properties of the resources of some types."""
        for logical_id, each in self.content.get("Resources", {}).items():
            self.last_read.append((self, logical_id))
            if each["Type"] in types:
                yield logical_id, each.get("Properties", {})

    def outputs(self) -> Json:
        """Return the outputs by name."""
        found: Json = self.content.get("Outputs", {})
        return found


class Templates:
    """All templates of an app. What they refer to gets one text, wherever it is referred to.

    A resource is `<stack name#logical id>`, its attribute `<stack name#logical id.Arn>`. What is known only at
    deployment stays in angle brackets, so it equals itself and nothing else; the partition is a wildcard.
    """

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates = templates

    def __iter__(self) -> Iterator[Template]:
        return iter(self._templates)

    def text(self, value: object, template: Template) -> str:
        """Return what a template says somewhere as a text."""
        return _ARN_OF_REFERENCE.sub(r"<\1.Arn>", self._text(value, template))

    def _text(self, value: object, template: Template) -> str:
        match value:
            case str():
                return value
            case {"Ref": str(name)}:
                return _reference(name, template)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return f"<{template.stack_name}#{name}.{attribute}>"
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self._text(part, template) for part in parts)
            case {"Fn::Sub": str(text)}:
                return _SUBSTITUTION.sub(lambda found: _reference(found[1], template), text)
            case {"Fn::ImportValue": str(export)}:
                return self._exported(export, template) or _unknown(value)
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(name)}}:
                return self._put_out(stack, name) or _unknown(value)
            case _:
                return _unknown(value)

    def _exported(self, export: str, template: Template) -> str | None:
        for other in self._templates:
            if (other.account, other.region) == (template.account, template.region):
                for output in other.outputs().values():
                    if output.get("Export", {}).get("Name") == export:
                        return self._text(output["Value"], other)
        return None

    def _put_out(self, stack_name: str, name: str) -> str | None:
        for other in self._templates:
            if other.stack_name == stack_name and name in other.outputs():
                return self._text(other.outputs()[name]["Value"], other)
        return None


def _reference(name: str, template: Template) -> str:
    match name:
        case "AWS::Partition":
            return "*"
        case "AWS::AccountId":
            return template.account or f"<{name}>"
        case "AWS::Region":
            return template.region or f"<{name}>"
        case _:
            return f"<{name}>" if name.startswith("AWS::") else f"<{template.stack_name}#{name}>"


def _unknown(value: object) -> str:
    return f"<{zlib.crc32(json.dumps(value, sort_keys=True).encode()):08x}>"
