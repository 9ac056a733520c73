"""The constraints of a shape: botocore's own checks, and those that it leaves to the service."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from botocore.validate import ParamValidator

from sandbox.bedrock.phases import Undeclared
from sandbox.bedrock.wire.models import Shape, is_document

# The service model's pattern of a job name takes exponential time on a long run of hyphens in a backtracking
# engine. This one accepts the same names: the repeated class contains the hyphen.
_JOB_NAME: Final = r"[a-zA-Z0-9](-*[a-zA-Z0-9\+\-\.])*"
_JOB_NAME_LINEAR: Final = r"[a-zA-Z0-9][a-zA-Z0-9\+\-\.]*"


def violations(value: Any, shape: Shape) -> list[str]:
    """Return what is wrong with a value, in the order of its members; nothing when it fits."""
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        return [line for line in report.generate_report().splitlines() if line]
    return list(_walk(value, shape, ""))


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of a service model, made safe against catastrophic backtracking."""
    return re.compile(pattern.replace(_JOB_NAME, _JOB_NAME_LINEAR))


def _walk(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if is_document(shape):
        return
    if shape.type_name == "structure":
        for name, member in value.items():
            yield from _walk(member, shape.members[name], f"{path}.{name}" if path else name)
        return
    yield from _own_violations(value, shape, path)
    if shape.type_name == "list":
        for index, member in enumerate(value):
            yield from _walk(member, shape.member, f"{path}[{index}]")
    if shape.type_name == "map":
        for key, member in value.items():
            yield from _walk(key, shape.key, f"{path}.key")
            yield from _walk(member, shape.value, f"{path}.value")


def _own_violations(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if shape.type_name in {"integer", "long", "float", "double"}:
        yield from _number(value, shape, path)
    elif shape.type_name in {"string", "list", "map", "blob"}:
        yield from _length(value, shape, path)
    if shape.type_name == "string":
        yield from _text(value, shape, path)


def _number(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(value, bool):
        yield f"Value at '{path}' must be a number"
        return
    at_most = shape.metadata.get("max")
    if at_most is not None and value > at_most:
        yield _broken(path, f"have value less than or equal to {at_most}")


def _length(value: Sequence[Any], shape: Shape, path: str) -> Iterator[str]:
    # botocore checks the minimum of strings, lists and numbers, but not that of maps.
    at_least, at_most = shape.metadata.get("min"), shape.metadata.get("max")
    if at_most is not None and len(value) > at_most:
        yield _broken(path, f"have length less than or equal to {at_most}")
    if at_least is not None and len(value) < at_least:
        yield _broken(path, f"have length greater than or equal to {at_least}")


def _text(value: str, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(value, Undeclared):
        return
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not compiled(pattern).fullmatch(value):
        yield _broken(path, f"satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _broken(path, f"satisfy enum value set: [{', '.join(shape.enum)}]")


def _broken(path: str, rule: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: Member must {rule}"
