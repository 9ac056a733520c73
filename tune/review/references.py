"""Values of a template as texts that can be compared: what is known put in, references in one spelling."""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tune.account.location import Location
from tune.account.templates import resolved
from tune.review.assembly import StackTemplate

ACCOUNT: Final = re.compile(r"\d{12}")
_NOTHING: Final = {"Ref": "AWS::NoValue"}
# Of so many conditions of a template every combination is read.
_MOST_CONDITIONS: Final = 4


class References:
    """What the values of a stack are called.

    renamed: other names for its resources, by their logical ids.
    """

    def __init__(self, stack: StackTemplate, renamed: Mapping[str, str]) -> None:
        self.stack = stack
        self._renamed = renamed
        self._own = ("import ", "AWS::AccountId>", *map(self.name, stack.resources))
        self._known = _known(stack, self.name)
        self._parameters = stack.body.get("Parameters", {})
        # Another definition is another condition.
        self._conditions = json.dumps([stack.body.get("Conditions"), self._parameters], sort_keys=True)

    def text(self, value: Any) -> str:
        """Return a value as one text: what is known put in, and each reference in the same words wherever it stands."""
        found = resolved(value, self._known, self._reference)
        if isinstance(found, bool):
            return "true" if found else "false"
        return found if isinstance(found, str) else json.dumps(found, sort_keys=True)

    def name(self, logical_id: str) -> str:
        """Return the logical id under which a resource is compared."""
        return self._renamed.get(logical_id, logical_id)

    def condition(self, name: str) -> str:
        """Return a condition of the template by its name and what it rests on."""
        return f"{name} {self._conditions}"

    def is_own(self, text: str) -> bool:
        """Tell whether something is known to be of this account: of this stack or another, or an ARN that says so."""
        return self.stack.account in text or ("<" in text and any(f"<{name}" in text for name in self._own))

    def unchanged(self, before: "References | None") -> frozenset[str]:
        """Return the resources that are what they were, and whose references mean what they meant."""
        if before is None or self._meaning != before._meaning:
            return frozenset()
        were, are = before.stack.resources, self.stack.resources
        changed = {its for its, resource in are.items() if resource != were[its]}
        return frozenset(its for its in are if its not in changed and not _attached(are[its]) & changed)

    @property
    def _meaning(self) -> tuple[Any, ...]:
        """What decides how a value of the stack reads, beside the value."""
        return self.stack.account, self._renamed, self._own, self._known, self._conditions

    def _reference(self, function: Mapping[str, Any]) -> str:
        match function:
            case {"Ref": name} if name in self._parameters:
                # Another default is another value.
                return sign(f"parameter {name} {json.dumps(self._parameters[name], sort_keys=True)}")
            case {"Ref": name}:
                return sign(self.name(str(name)))
            case {"Fn::GetAtt": [name, attribute]}:
                return sign(f"{self.name(str(name))}.{self.text(attribute)}")
            case {"Fn::ImportValue": name}:
                return sign(f"import {self.text(name)}")
        ((name, arguments),) = function.items()
        return sign(f"{name} {self.text(arguments)}")


def _attached(resource: Mapping[str, Any]) -> set[str]:
    """Return the policies of the template that are attached to a resource, which are read with it."""
    arns = resource.get("Properties", {}).get("ManagedPolicyArns", [])
    return {arn["Ref"] for arn in arns if isinstance(arn, dict) and "Ref" in arn}


def sign(text: str) -> str:
    """Return a text that stands for a value of which nothing is known."""
    return f"<{text.replace('<', '(').replace('>', ')')}>"


def variants(properties: Any) -> Iterator[tuple[Mapping[str, bool], Any]]:
    """Yield what properties are under the conditions of the template, for each combination of those they name."""
    names = sorted(_conditions_in(properties))
    if len(names) > _MOST_CONDITIONS:
        yield {}, properties
        return
    for values in itertools.product((True, False), repeat=len(names)):
        chosen = dict(zip(names, values, strict=True))
        yield chosen, _chosen(properties, chosen) if chosen else properties


def _conditions_in(value: Any) -> set[str]:
    match value:
        case {"Fn::If": [str(name), one, other]}:
            return {name} | _conditions_in(one) | _conditions_in(other)
        case Mapping():
            return {name for each in value.values() for name in _conditions_in(each)}
        case list():
            return {name for each in value for name in _conditions_in(each)}
    return set()


def _chosen(value: Any, conditions: Mapping[str, bool]) -> Any:
    match value:
        case {"Fn::If": [str(name), one, other]}:
            return _chosen(one if conditions[name] else other, conditions)
        case Mapping():
            each = {name: _chosen(its, conditions) for name, its in value.items()}
            return {name: its for name, its in each.items() if its != _NOTHING}
        case list():
            return [its for each in value if (its := _chosen(each, conditions)) != _NOTHING]
    return value


def _known(stack: StackTemplate, name: Callable[[str], str]) -> dict[str, str]:
    """Return what the assembly knows of a stack's references."""
    if not ACCOUNT.fullmatch(stack.account) or stack.region.startswith("unknown"):
        # The CDK knows neither of a stack that may deploy anywhere.
        return {}
    partition = Location(stack.account, stack.region).partition
    kinds = {its: resource["Type"] for its, resource in stack.resources.items()}
    return {
        "AWS::AccountId": stack.account,
        "AWS::Partition": partition,
        "AWS::Region": stack.region,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        **{f"{its}.Arn": f"arn:{partition}:s3:::{sign(name(its))}" for its in kinds if kinds[its] == "AWS::S3::Bucket"},
        **{f"{its}.TopicArn": sign(name(its)) for its in kinds if kinds[its] == "AWS::SNS::Topic"},
    }
