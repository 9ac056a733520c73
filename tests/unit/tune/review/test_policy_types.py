"""Every property of CloudFormation's schemas that holds a policy is read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.access import findings
from tune.review.policies import POLICY_NAME

REGION: Final = "us-east-1"
Path = tuple[str, ...]
# Of one role, user or group; the rest lets in whom it names.
LETS_IN: Final = {
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "s3:GetObject", "Resource": "a"}]
}
# On what a policy is, without which it says nothing.
ON: Final = {"Bucket", "Topics", "TopicArn", "Queues", "Queue", "SecretId"}
# Nobody deploys with the SAM here.
NOT_OURS: Final = "AWS::Serverless::"


def policies(schema: Mapping[str, Any], root: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the properties that may hold a policy as they are named, with their types; a list's items as `*`."""
    schema = referred(schema, root)
    for name, its in schema.get("properties", {}).items() if len(path) < 8 else ():
        its = referred(its, root)
        if POLICY_NAME.search(name) and not its.get("properties") and its.get("type") not in ("array", "boolean"):
            yield (*path, name), its.get("type")
        yield from policies(its, root, (*path, name))
    if isinstance(schema.get("items"), dict):
        yield from policies(schema["items"], root, (*path, "*"))


def referred(schema: Mapping[str, Any], root: Any) -> Mapping[str, Any]:
    found: Any = root if "$ref" in schema else schema
    for name in schema["$ref"].removeprefix("#/").split("/") if "$ref" in schema else ():
        found = found[name]
    return found  # type: ignore[no-any-return]


def holding(path: Path, value: Any) -> Any:
    for name in reversed(path):
        value = [value] if name == "*" else {name: value}
    return value


@pytest.mark.slow
def test_every_policy_of_every_type_is_read() -> None:
    # Takes half a second, and the quick tests need none of it.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

    tried, unread = 0, []
    for kind in PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION):
        if kind.startswith(NOT_OURS):
            continue
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        for path, types in policies({"properties": schema["properties"]}, schema):
            forms: list[Any] = [LETS_IN] if "string" not in (types or "") else [json.dumps(LETS_IN)]
            if "object" in (types or "") and "string" in types:
                forms.append(LETS_IN)
            for form in forms:
                tried += 1
                on = {name: ["any"] if name.endswith("s") else "any" for name in ON & schema["properties"].keys()}
                after = stack({"It": {"Type": kind, "Properties": {**on, **holding(path, form)}}})
                if not any("s3:GetObject" in told for its in findings(stack({}), after) for told in its.details):
                    unread.append((kind, path))
    assert unread == []
    assert tried > 150
