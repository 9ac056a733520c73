"""What no template tells since CloudFormation makes it elsewhere: macros, modules, and stacks in a stack."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding

_MODULE: Final = "::MODULE"
_ELSEWHERE: Final = ("Stack", "StackSet", "Macro")
_PREFIX: Final = "AWS::CloudFormation::"


def findings(before: StackTemplate | None, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield what is new, other than before or gone, and of which the template does not say what it makes."""
    old = before.body if before else {}
    if (macros := after.body.get("Transform")) and old != after.body:
        says = "macros rewrite this template before it is deployed: only they know what comes of the change"
        yield after.finding("", "unknown", says, certainty="unknown", now=_shown(macros), source="Transform")
    resources = before.resources if before else {}
    for logical_id in {**resources, **after.resources}:
        was, its = resources.get(logical_id), after.resources.get(logical_id)
        if was == its:
            continue
        path = after.path_of(logical_id) if its or before is None else before.path_of(logical_id)
        verb = "changed" if was and its else "added" if its else "removed"
        for kind in dict.fromkeys(each["Type"] for each in (was, its) if each):
            if is_elsewhere(kind):
                says = f"{kind} is {verb}: this template does not show what that makes or deletes"
                yield after.finding(path, "unknown", says, certainty="unknown")
        if its and (names := dict.fromkeys(_transforms(its))):
            says = (
                "a macro rewrites this resource before it is deployed: only the macro knows what the resource becomes"
            )
            about = {"now": ", ".join(names), "source": "Fn::Transform"}
            yield after.finding(path, "unknown", says, certainty="unknown", **about)


def is_elsewhere(resource_type: str) -> bool:
    """Tell whether a resource of this type makes others, which are not in the template."""
    name = resource_type.removeprefix(_PREFIX)
    return resource_type.endswith(_MODULE) or (
        resource_type != name and (name in _ELSEWHERE or name.startswith("Module"))
    )


def _transforms(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "Fn::Transform" in value:
            its = value["Fn::Transform"]
            yield _shown(its.get("Name", its) if isinstance(its, Mapping) else its)
        yield from (name for each in value.values() for name in _transforms(each))
    elif isinstance(value, list):
        yield from (name for each in value for name in _transforms(each))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
