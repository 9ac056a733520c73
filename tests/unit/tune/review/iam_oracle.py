"""An evaluation of requests that shares nothing with the review: every request of a small world is tried."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Statement = Mapping[str, Any]
Request = tuple[str, str, Mapping[str, str]]

ACTIONS: Final = ("s3:GetObject", "s3:GetBucketAcl", "s3:PutObject", "kms:Decrypt")
RESOURCES: Final = (
    "arn:aws:s3:::one",
    "arn:aws:s3:::one/train/a",
    "arn:aws:s3:::one/test/b",
    "arn:aws:s3:::two/train/a",
)
VALUES: Final = (None, "red", "blue", "reddish")
KEYS: Final = ("aws:Color", "aws:Shade")


def requests() -> Iterator[Request]:
    for action, resource, first, second in itertools.product(ACTIONS, RESOURCES, VALUES, VALUES):
        told = dict(zip(KEYS, (first, second), strict=True))
        yield action, resource, {key: value for key, value in told.items() if value is not None}


def allowed(statements: Sequence[Statement]) -> set[str]:
    """Return the requests that are allowed, each as a text."""
    return {repr(each) for each in requests() if _is_allowed(statements, each)}


def _is_allowed(statements: Sequence[Statement], request: Request) -> bool:
    met = [its["Effect"] for its in statements if _meets(its, request)]
    return "Allow" in met and "Deny" not in met


def _meets(statement: Statement, request: Request) -> bool:
    action, resource, context = request
    return (
        any(_like(each, action, re.IGNORECASE) for each in statement["Action"])
        and any(_like(each, resource) for each in statement["Resource"])
        and all(
            _holds(operator, context.get(key), values)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, value: str | None, values: Sequence[str]) -> bool:
    plain = operator.removesuffix("IfExists")
    if value is None:
        return operator != plain or plain.startswith("StringNot")
    match plain:
        case "StringEquals":
            return value in values
        case "StringLike":
            return any(_like(each, value) for each in values)
        case "StringNotEquals":
            return value not in values
    raise AssertionError(operator)


def _like(pattern: str, text: str, flags: int = 0) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, flags) is not None
