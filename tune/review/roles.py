"""As which role each resource acts, and which of them act as another role than before."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tune.account.templates import is_function
from tune.review.assembly import is_custom
from tune.review.references import References, sign

_PROFILE: Final = "AWS::IAM::InstanceProfile"
ROLE_NAME: Final = re.compile(r"(?:[Rr]oles?(?:A[Rr][Nn]s?)?|IamInstanceProfile|Credentials(?:Arn)?)$")
"""How properties are named that name a role, among them those of API Gateway."""
_REFERENCE: Final = re.compile(r"<(\w+)(?:\.Arn)?>")
# What tells the entries of a list apart, wherever they stand in it.
_KEYS: Final = ("Id", "Name")
# Tables of roles, and of what names an instance's profile.
_BY_KEY: Final = ("IamInstanceProfile", "Roles")


@dataclass(frozen=True)
class Acting:
    """A resource that acts as a role it did not act as before.

    path, name: its construct, and the resource as grants name it.
    was: the role before; nothing where it acted as none.
    now: the role.
    is_new, is_custom: whether the resource is new, and whether it is a custom resource.
    """

    path: str
    name: str
    was: str
    now: str
    is_new: bool
    is_custom: bool


Where = tuple[str, str, str]


def changed(before: References | None, after: References, unchanged: Collection[str]) -> Iterator[Acting]:
    """Yield the resources that act as another role than before, or as a first one; `unchanged` ones do not."""
    old = dict(_roles(before, unchanged)) if before else {}
    there = set(map(before.name, before.stack.resources)) if before else set()
    alike: dict[Where, list[str]] = {}
    for (name, properties, _), role in old.items():
        alike.setdefault((name, properties, ""), []).append(role)
    logical_ids = {after.name(its): its for its in after.stack.resources}
    for where, role in _roles(after, unchanged):
        name, properties, _ = where
        # An entry that got another key is not known to be new.
        others = alike.get((name, properties, ""), [])
        was = old.get(where, role if role in others else ", ".join(others))
        if role and was != role:
            logical_id = logical_ids[name]
            kind = after.stack.resources[logical_id]["Type"]
            path = after.stack.path_of(logical_id)
            yield Acting(path, sign(name), was, role, is_new=name not in there, is_custom=is_custom(kind))


def holders(references: References, role: str) -> list[str] | None:
    """Return who has the permissions of a role, as grants name it; None for a role that is not in the stack."""
    resources = {references.name(its): resource for its, resource in references.stack.resources.items()}
    reference = _REFERENCE.fullmatch(role)
    resource = resources.get(reference[1], {}) if reference else {}
    match resource.get("Type"):
        case "AWS::IAM::Role":
            return [sign(reference[1])] if reference else None
        case "AWS::IAM::InstanceProfile":
            names = [references.text(its) for its in resource.get("Properties", {}).get("Roles", [])]
            found = [holders(references, its) for its in names]
            return None if None in found else [each for its in found for each in its or ()]
    return [] if not role else None


def _roles(references: References, unchanged: Collection[str]) -> Iterator[tuple[Where, str]]:
    for logical_id, resource in references.stack.resources.items():
        if logical_id in unchanged:
            continue
        kind = resource["Type"]
        # Of the rest of IAM these are whom a policy is attached to.
        if kind == _PROFILE or not kind.startswith("AWS::IAM::"):
            for names, entry, value in _named(resource.get("Properties", {})):
                text = references.text(value)
                if text.startswith(("arn:", "<")) or "Credentials" not in names:
                    yield (references.name(logical_id), names, entry), "" if text == "<AWS::NoValue>" else text


def _named(properties: Mapping[str, Any], names: str = "", entry: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield what is named as a role, with the properties and the entries of lists that lead to it."""
    for name, value in properties.items():
        here = f"{names}/{name}"
        entries = value if isinstance(value, list) else [value]
        for index, each in enumerate(entries):
            key = next((each[its] for its in _KEYS if its in each), index) if isinstance(each, dict) else index
            at = f"{entry}/{key}"
            if is_function(each) or isinstance(each, str):
                if ROLE_NAME.search(name):
                    yield here, at, each
            elif isinstance(each, dict):
                named = ((here, f"{at}/{its}", role) for its, role in each.items())
                yield from named if name in _BY_KEY else _named(each, here, at)
