"""Policy documents as grants and denials."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from tune.account.templates import is_function
from tune.review.conditions import Test
from tune.review.grants import Grant, Patterns
from tune.review.references import ACCOUNT, References, sign

EVERYBODY: Final = "AWS *"


def of_document(
    references: References, holder: str, document: Any, *, whom: str = EVERYBODY
) -> Iterator[Iterable[Grant]]:
    """Yield the grants of a policy by its statements. It may be written as text, as some resources want it.

    whom: Who may get what cannot be read; nothing for a policy that names nobody, but is somebody's.
    """
    if isinstance(document, str) or is_function(document):
        text = references.text(document)
        try:
            document = json.loads(text)
        except ValueError:
            yield [unread(holder, f"policy {text}", principal=whom)]
            return
    for statement in listed(document.get("Statement", [])):
        yield list(_of_statement(references, holder, statement, whom))


def unread(holder: str, what: str, *, effect: str = "Allow", principal: str = "") -> Grant:
    """Return a grant of which only the same is known to say the same."""
    return Grant(holder, effect, Patterns((principal,)), Patterns((sign(what),)), Patterns(("*",)), is_understood=False)


def principal_text(references: References, kind: str, value: Any) -> str:
    """Return a principal with its kind, an account as IAM takes it: as its root."""
    text = references.text(value)
    if kind == "AWS" and (ACCOUNT.fullmatch(text) or text == "<AWS::AccountId>"):
        text = f"arn:{references.text({'Ref': 'AWS::Partition'})}:iam::{text}:root"
    return f"{kind} {text}"


def public_part(address: str) -> str:
    """Return of an address what may be shown: further on in a URL a secret may stand."""
    return "/".join(address.split("/")[:3]) if address.startswith("http") else address


def listed(value: Any) -> list[Any]:
    """Return a list, of the value alone where it is none: policies may have either."""
    return value if isinstance(value, list) else [value]


def _of_statement(references: References, holder: str, statement: Mapping[str, Any], whom: str) -> Iterator[Grant]:
    effect = str(statement.get("Effect", "Allow"))
    if "Effect" not in statement:
        # A function of the template, or a policy of another language.
        yield unread(holder, f"statement {references.text(statement)}", principal=whom)
        return

    def texts(values: Any) -> Iterator[str]:
        return map(references.text, listed(values))

    def principals(value: Any) -> Iterator[str]:
        by_kind = value if isinstance(value, dict) and not is_function(value) else {"AWS": value}
        return (principal_text(references, kind, each) for kind in by_kind for each in listed(by_kind[kind]))

    tests = frozenset(_tests(references, statement.get("Condition", {})))
    for principal, action, resource in itertools.product(
        list(_parts(statement, "Principal", principals)),
        list(_parts(statement, "Action", texts)),
        list(_parts(statement, "Resource", texts)),
    ):
        yield Grant(holder, effect, principal, action, resource, tests)


def _parts(statement: Mapping[str, Any], name: str, read: Callable[[Any], Iterator[str]]) -> Iterator[Patterns]:
    if f"Not{name}" in statement:
        yield Patterns(tuple(sorted(read(statement[f"Not{name}"]))), is_negated=True)
    elif name in statement:
        yield from (Patterns((text,)) for text in read(statement[name]))
    else:
        yield Patterns(("",))


def _tests(references: References, conditions: Mapping[str, Any]) -> Iterator[Test]:
    for operator, keys in conditions.items():
        if operator.startswith("Fn::") or is_function(keys):
            yield Test(operator, references.text(keys), ("true",))
            continue
        for key, values in keys.items():
            texts = {references.text(each) for each in listed(values)}
            are_words = operator.removesuffix("IfExists") in ("Bool", "Null")
            yield Test(key, operator, tuple(sorted(map(str.lower, texts) if are_words else texts)))
