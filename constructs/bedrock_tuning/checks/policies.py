"""Reads statements of policies: which actions, on what, for whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bedrock_tuning.checks.templates import Json, Template, Templates

# Resources that hold one identity policy, and where they say whom it is for.
_IDENTITY_POLICIES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::IAM::Policy": ("Roles", "Users", "Groups"),
    "AWS::IAM::ManagedPolicy": ("Roles", "Users", "Groups"),
    "AWS::IAM::RolePolicy": ("RoleName",),
    "AWS::IAM::UserPolicy": ("UserName",),
    "AWS::IAM::GroupPolicy": ("GroupName",),
}
_IDENTITIES: Final = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")


@dataclass(frozen=True)
class IdentityPolicy:
    """One policy, by the resource that holds it; `holders` are names of roles, users and groups."""

    template: Template
    logical_id: str
    holders: frozenset[str]
    document: Json


def identity_policies(templates: Templates) -> Iterator[IdentityPolicy]:
    """Yield every policy of a role, user or group."""
    for template in templates:
        for kind, fields in _IDENTITY_POLICIES.items():
            for logical_id, properties in template.resources(kind):
                named = [each for field in fields for each in as_list(properties.get(field, []))]
                holders = frozenset(templates.text(each, template) for each in named)
                yield IdentityPolicy(template, logical_id, holders, properties["PolicyDocument"])
        for logical_id, properties in template.resources(*_IDENTITIES):
            for policy in either(properties.get("Policies", [])):
                holders = frozenset({templates.text({"Ref": logical_id}, template)})
                yield IdentityPolicy(template, logical_id, holders, policy["PolicyDocument"])


def allowing(document: Json) -> Iterator[Json]:
    """Yield the statements that allow something."""
    for each in either(document):
        yield from (its for its in either(each.get("Statement", [])) if its.get("Effect") == "Allow")


def either(value: Any) -> Iterator[Any]:
    """Yield what a value or a list has, where `Fn::If` chooses with either outcome: both can be deployed."""
    match value:
        case {"Fn::If": [_, then, otherwise]}:
            yield from either(then)
            yield from either(otherwise)
        case {"Ref": "AWS::NoValue"}:
            pass
        case list():
            for each in value:
                yield from either(each)
        case _:
            yield value


def allows_action(statement: Json, *actions: str) -> bool:
    """Return whether a statement names one of some actions; case makes no difference in IAM."""
    if "NotAction" in statement:
        return True
    named = [str(each).lower() for each in either(statement.get("Action", []))]
    return any(overlap(action.lower(), each) for action in actions for each in named)


def allows_resource(
    statement: Json, pattern: str, templates: Templates, template: Template, *, apart_from: str | None = None
) -> bool:
    """Return whether a statement allows something on what a pattern matches, and not only below `apart_from`."""
    if "NotResource" in statement:
        return True
    named = (templates.text(each, template) for each in either(statement.get("Resource", [])))
    return any(arns_overlap(pattern, each) for each in named if apart_from is None or not each.startswith(apart_from))


def as_list(value: Any) -> list[Any]:
    """Return what may stand in a policy with or without brackets as a list."""
    return value if isinstance(value, list) else [value]


def arns_overlap(one: str, other: str) -> bool:
    """Return whether some ARN matches both patterns; in two whole ARNs, no wildcard goes beyond its own part."""
    parts, others = one.split(":", 5), other.split(":", 5)
    if len(parts) == len(others) == 6:
        return all(map(overlap, parts, others))
    return overlap(one, other)


def overlap(one: str, other: str) -> bool:
    """Return whether some text matches both patterns, in which `*` stands for any text and `?` for one character."""
    # Row by row: at which places of `other` a text may stand that has come through the first characters of `one`.
    places = _through_stars({0}, other)
    for character in one:
        if character == "*":
            places = set(range(min(places), len(other) + 1)) if places else places
        else:
            stepped = {at + 1 for at in places if at < len(other) and _same(character, other[at])}
            places = _through_stars(stepped | {at for at in places if at < len(other) and other[at] == "*"}, other)
    return len(other) in places


def _same(one: str, other: str) -> bool:
    return one == other or "?" in (one, other)


def _through_stars(places: set[int], pattern: str) -> set[int]:
    """Return the places and those that are reached from them where a `*` stands for nothing."""
    reached = set(places)
    for at in sorted(places):
        end = at
        while end < len(pattern) and pattern[end] == "*":
            end += 1
            reached.add(end)
    return reached
