"""An evaluation of requests that shares nothing with the review: requests of a small world are tried one by one."""

import functools
import ipaddress
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Statement = Mapping[str, Any]
Value = str | tuple[str, ...] | None

ACTIONS: Final = ("s3:GetObject", "s3:GetBucketAcl", "s3:PutObject", "kms:Decrypt", "s3:DeleteObject")
RESOURCES: Final = (
    "arn:aws:s3:::one",
    "arn:aws:s3:::one/train/a",
    "arn:aws:s3:::one/test/b",
    "arn:aws:s3:::two/train/a",
)
PRINCIPALS: Final = (
    ("AWS", "arn:aws:iam::111122223333:root"),
    ("AWS", "arn:aws:iam::111122223333:role/reader"),
    ("AWS", "arn:aws:iam::999988887777:root"),
    ("Service", "lambda.amazonaws.com"),
)
CONTEXT: Final[Mapping[str, Sequence[Value]]] = {
    "aws:Color": (None, "red", "blue", "reddish"),
    "aws:Shade": (None, "red", "dark"),
    "aws:SecureTransport": ("true", "false"),
    "aws:SourceIp": (None, "10.0.0.1", "10.1.0.1", "192.168.0.1"),
    "s3:signatureAge": (None, "5", "10", "15", "20"),
    "aws:TagKeys": (None, ("team",), ("team", "owner"), ("owner", "other"), ("other",)),
}


@dataclass(frozen=True)
class Request:
    principal: tuple[str, str]
    action: str
    resource: str
    context: tuple[tuple[str, Value], ...]


def requests(chance: random.Random, number: int) -> list[Request]:
    """Return random requests of the world."""
    return [
        Request(
            chance.choice(PRINCIPALS),
            chance.choice(ACTIONS),
            chance.choice(RESOURCES),
            tuple((key, chance.choice(values)) for key, values in CONTEXT.items()),
        )
        for _ in range(number)
    ]


def is_allowed(statements: Sequence[Statement], request: Request) -> bool:
    met = [its["Effect"] for its in statements if meets(its, request)]
    return "Allow" in met and "Deny" not in met


def is_denied(statements: Sequence[Statement], request: Request) -> bool:
    return any(its["Effect"] == "Deny" and meets(its, request) for its in statements)


def meets(statement: Statement, request: Request) -> bool:
    return (
        _is_of(statement, "Action", request.action, re.IGNORECASE)
        and _is_of(statement, "Resource", request.resource)
        and _is_by(statement, request.principal)
        and all(
            _holds(operator, dict(request.context)[key], values)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _is_of(statement: Statement, name: str, value: str, flags: int = 0) -> bool:
    if f"Not{name}" in statement:
        return not any(like(each, value, flags) for each in statement[f"Not{name}"])
    return any(like(each, value, flags) for each in statement[name])


def _is_by(statement: Statement, principal: tuple[str, str]) -> bool:
    if "NotPrincipal" in statement:
        return principal[1] not in statement["NotPrincipal"].get(principal[0], [])
    named = statement.get("Principal")
    if named is None:
        return True
    of_kind = named.get(principal[0], [])
    return principal[1] in of_kind or (principal[0] == "AWS" and "*" in of_kind)


def _holds(operator: str, value: Value, values: Sequence[str]) -> bool:
    quantifier, _, plain = operator.rpartition(":")
    several = () if value is None else (value,) if isinstance(value, str) else value
    if quantifier == "ForAllValues":
        return all(_compares(plain, each, values) for each in several)
    if quantifier == "ForAnyValue":
        return any(_compares(plain, each, values) for each in several)
    if plain == "Null":
        return (value is None) == (values[0] == "true")
    if value is None:
        return plain.endswith("IfExists") or "Not" in plain
    assert isinstance(value, str)
    return _compares(plain.removesuffix("IfExists"), value, values)


def _compares(operator: str, value: str, values: Sequence[str]) -> bool:
    if "Not" in operator:
        return not _compares(operator.replace("Not", ""), value, values)
    if operator == "IpAddress":
        return any(ipaddress.ip_address(value) in ipaddress.ip_network(each) for each in values)
    if operator.startswith("Numeric"):
        is_less = [float(value) < float(each) for each in values]
        return any(is_less) if operator == "NumericLessThan" else not all(is_less)
    if operator == "StringLike":
        return any(like(each, value) for each in values)
    if operator == "StringEqualsIgnoreCase":
        return value.lower() in [each.lower() for each in values]
    assert operator in ("StringEquals", "Bool")
    return value in values


@functools.cache
def _expression(pattern: str, flags: int) -> "re.Pattern[str]":
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), flags)


def like(pattern: str, text: str, flags: int = 0) -> bool:
    return _expression(pattern, flags).fullmatch(text) is not None
