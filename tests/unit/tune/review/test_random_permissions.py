"""Random changes of permissions, judged by an evaluation of requests that shares no code with the review."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pytest

from tests.unit.tune.review import iam_oracle
from tests.unit.tune.review.stacks import stack
from tune.review.access import findings
from tune.review.assembly import StackTemplate
from tune.review.grants import Grant, compared
from tune.review.policies import grants
from tune.review.references import References

Statement = dict[str, Any]
Change = Callable[[random.Random, list[Statement]], list[Statement]]

ACTIONS: Final = ("*", "s3:*", "s3:Get*", "s3:*Object", "S3:?etObject", *iam_oracle.ACTIONS)
RESOURCES: Final = ("*", "arn:aws:s3:::*", "arn:aws:s3:::one*", "arn:aws:s3:::*/train/*", *iam_oracle.RESOURCES)
WHOM: Final[Sequence[Mapping[str, Sequence[str]]]] = (
    {"AWS": ["*"]},
    {"AWS": ["arn:aws:iam::111122223333:root"]},
    {"AWS": ["arn:aws:iam::111122223333:role/reader", "arn:aws:iam::999988887777:root"]},
    {"Service": ["lambda.amazonaws.com"]},
    {"Service": ["lambda.amazonaws.com"], "AWS": ["*"]},
)
CONDITIONS: Final[Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    **dict.fromkeys(
        (
            "StringEquals",
            "StringLike",
            "StringNotEquals",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotEqualsIfExists",
            "StringEqualsIgnoreCase",
        ),
        (("aws:Color", "aws:Shade"), ("red", "blue", "red*", "reddish", "dark")),
    ),
    "Bool": (("aws:SecureTransport",), ("true", "false")),
    "Null": (("aws:Color", "aws:Shade", "s3:signatureAge"), ("true", "false")),
    "IpAddress": (("aws:SourceIp",), ("10.0.0.0/8", "10.0.0.0/16", "192.168.0.0/16")),
    "NotIpAddress": (("aws:SourceIp",), ("10.0.0.0/8", "10.1.0.0/16")),
    "NumericLessThan": (("s3:signatureAge",), ("6", "12", "18")),
    "NumericGreaterThanEquals": (("s3:signatureAge",), ("6", "12", "18")),
    "ForAllValues:StringEquals": (("aws:TagKeys",), ("team", "owner", "other")),
    "ForAnyValue:StringLike": (("aws:TagKeys",), ("team", "o*", "owner")),
}
# Of which fewer values are met by fewer requests.
POSITIVE: Final = ("StringEquals", "StringLike", "IpAddress", "ForAllValues:StringEquals", "ForAnyValue:StringLike")


def drawn(chance: random.Random, *, on_resource: bool) -> Statement:
    statement: Statement = {"Effect": chance.choices(("Allow", "Deny"), (3, 1))[0]}
    for name, patterns in (("Action", ACTIONS), ("Resource", RESOURCES)):
        key = f"Not{name}" if chance.random() < 0.1 else name
        statement[key] = chance.sample(patterns, chance.randint(1, 2))
    if on_resource:
        name = "NotPrincipal" if chance.random() < 0.1 else "Principal"
        statement[name] = dict(chance.choice([its for its in WHOM if name == "Principal" or "*" not in str(its)]))
    if chance.random() < 0.5:
        statement["Condition"] = condition(chance)
        if chance.random() < 0.3:
            statement["Condition"] |= condition(chance)
    return statement


def condition(chance: random.Random) -> Mapping[str, Any]:
    operator = chance.choice(list(CONDITIONS))
    keys, values = CONDITIONS[operator]
    number = 1 if operator in ("Bool", "Null") else chance.randint(1, 2)
    return {operator: {chance.choice(keys): chance.sample(values, number)}}


def a_stack(chance: random.Random, statements: Sequence[Statement], *, on_resource: bool) -> StackTemplate:
    """Return a stack with these statements: in a bucket's policy, or in some policies of a role, written anyhow."""

    def document(some: Sequence[Statement]) -> Mapping[str, Any]:
        return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [anyhow(chance, its) for its in some]}}

    if on_resource:
        return stack({"It": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "one", **document(statements)}}})
    parts: list[list[Statement]] = [[], [], []]
    for statement in statements:
        chance.choice(parts).append(statement)
    own, attached, managed = map(document, parts)
    role = {"Policies": [own], "ManagedPolicyArns": [{"Ref": "Managed"}]}
    return stack(
        {
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            "Attached": {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], **attached}},
            "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Ref": "Role"}], **managed}},
        }
    )


def anyhow(chance: random.Random, value: Any) -> Any:
    """Return a value in another spelling of the same."""
    match value:
        case Mapping():
            items = [(key, anyhow(chance, each)) for key, each in value.items()]
            chance.shuffle(items)
            return dict(items)
        case [one] if chance.random() < 0.5:
            return anyhow(chance, one)
        case list():
            return [anyhow(chance, each) for each in chance.sample(value, len(value))]
        case str() if "111122223333" in value and chance.random() < 0.5:
            before, after = value.split("111122223333")
            return {"Fn::Sub": before.replace("arn:aws:", "arn:${AWS::Partition}:") + "${AWS::AccountId}" + after}
        case str() if ":aws:" in value and chance.random() < 0.5:
            return {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, value.removeprefix("arn:aws:")]]}
    return value


def names(statement: Statement, name: str) -> str:
    return f"Not{name}" if f"Not{name}" in statement else name


def split(chance: random.Random, statements: list[Statement]) -> list[Statement]:
    index = chance.randrange(len(statements))
    its, name = (
        statements[index],
        chance.choice([key for key in ("Action", "Resource") if key in statements[index]] or [""]),
    )
    parts = [{**its, name: [each]} for each in its[name]] if name else [its]
    return [*statements[:index], *parts, *statements[index + 1 :]]


def merged(chance: random.Random, statements: list[Statement]) -> list[Statement]:
    """Merge what differs in actions alone, after splitting it."""
    parts = split(chance, statements)
    by_rest: dict[str, Statement] = {}
    for its in parts:
        rest = repr(sorted((key, repr(value)) for key, value in its.items() if key != "Action"))
        if "Action" in its and rest in by_rest:
            by_rest[rest]["Action"] = sorted({*by_rest[rest]["Action"], *its["Action"]})
        else:
            by_rest[rest if "Action" in its else repr(its)] = dict(its)
    return list(by_rest.values())


def reordered(chance: random.Random, statements: list[Statement]) -> list[Statement]:
    return chance.sample(statements, len(statements))


def dropped(chance: random.Random, statements: list[Statement]) -> list[Statement]:
    allows = [its for its in statements if its["Effect"] == "Allow"]
    gone = chance.choice(allows) if allows else None
    return [its for its in statements if its is not gone]


def denied_more(chance: random.Random, statements: list[Statement]) -> list[Statement]:
    more = drawn(chance, on_resource="rincipal" in repr(statements))
    return [*statements, {**more, "Effect": "Deny"}]


def of_one(effect: str, change: Callable[[random.Random, Statement], Statement]) -> Change:
    def changed(chance: random.Random, statements: list[Statement]) -> list[Statement]:
        some = [index for index, its in enumerate(statements) if its["Effect"] == effect]
        if not some:
            return statements
        index = chance.choice(some)
        return [*statements[:index], change(chance, statements[index]), *statements[index + 1 :]]

    return changed


def less_of(name: str) -> Callable[[random.Random, Statement], Statement]:
    def less(chance: random.Random, its: Statement) -> Statement:
        key = names(its, name)
        if key.startswith("Not"):
            more = chance.choice(ACTIONS if name == "Action" else RESOURCES)
            return {**its, key: sorted({*its[key], more})}
        return {
            **its,
            key: [each.replace("*", "one/train/*" if name == "Resource" else "Get*") for each in its[key][:1]],
        }

    return less


def more_of(name: str) -> Callable[[random.Random, Statement], Statement]:
    def more(chance: random.Random, its: Statement) -> Statement:
        key = names(its, name)
        if key.startswith("Not"):
            return {**its, key: its[key][:1]}
        wider = [f"{each[: each.index(':') + 1]}*" if ":" in each else "*" for each in its[key]]
        return {**its, key: chance.sample(wider, len(wider))}

    return more


def with_condition(chance: random.Random, its: Statement) -> Statement:
    free = {operator: keys for operator, keys in condition(chance).items() if operator not in its.get("Condition", {})}
    return {**its, "Condition": {**its.get("Condition", {}), **free}}


def without_condition(_: random.Random, its: Statement) -> Statement:
    return {key: value for key, value in its.items() if key != "Condition"}


def fewer_values(_: random.Random, its: Statement) -> Statement:
    fewer = {
        operator: {key: values[:1] if operator in POSITIVE else values for key, values in keys.items()}
        for operator, keys in its.get("Condition", {}).items()
    }
    return {**its, "Condition": fewer}


def fewer_principals(chance: random.Random, its: Statement) -> Statement:
    if "Principal" not in its:
        return its
    kind = chance.choice(list(its["Principal"]))
    return {**its, "Principal": {kind: its["Principal"][kind][:1]}}


NARROWINGS: Final[Mapping[str, Change]] = {
    "split": split,
    "merged": merged,
    "reordered": reordered,
    "dropped": dropped,
    "denied more": denied_more,
    "fewer actions": of_one("Allow", less_of("Action")),
    "fewer resources": of_one("Allow", less_of("Resource")),
    "more actions denied": of_one("Deny", more_of("Action")),
    "more resources denied": of_one("Deny", more_of("Resource")),
    "one more condition": of_one("Allow", with_condition),
    "denied without condition": of_one("Deny", without_condition),
    "fewer values": of_one("Allow", fewer_values),
    "fewer principals": of_one("Allow", fewer_principals),
}


def narrowed(chance: random.Random, statements: list[Statement], tried: Counter[str]) -> list[Statement]:
    for name in chance.sample(list(NARROWINGS), chance.randint(1, 3)):
        tried[name] += 1
        statements = NARROWINGS[name](chance, statements) or statements
    return statements


QUICK: Final = (500, 7)
THOUSANDS: Final = pytest.param(2_000, 100, marks=pytest.mark.slow)


@pytest.mark.parametrize(("number", "seed"), [QUICK, THOUSANDS])
def test_narrowings_say_nothing(number: int, seed: int) -> None:
    chance, tried = random.Random(seed), Counter[str]()
    for _ in range(number):
        on_resource = chance.random() < 0.5
        base = [drawn(chance, on_resource=on_resource) for _ in range(chance.randint(1, 4))]
        head = narrowed(chance, base, tried)
        for request in iam_oracle.requests(chance, 20):
            assert iam_oracle.is_allowed(base, request) >= iam_oracle.is_allowed(head, request), (base, head, request)
            assert iam_oracle.is_denied(base, request) <= iam_oracle.is_denied(head, request), (base, head, request)
        before, after = (a_stack(chance, its, on_resource=on_resource) for its in (base, head))
        assert list(findings(before, after)) == [], (base, head)
    assert min(tried[name] for name in NARROWINGS) > number / 50


def told(before: StackTemplate, after: StackTemplate) -> list[Statement]:
    """Return what is said as statements."""
    old, new = (list(itertools.chain.from_iterable(grants(References(each, {})).values())) for each in (before, after))
    answers = [
        compared(*([its for its in each if its.holder == holder] for each in (old, new)))
        for holder in {its.holder for its in (*old, *new)}
    ]
    return [as_statement(its) for each in answers for its in (*each.allowed, *each.no_longer_denied)]


def as_statement(grant: Grant) -> Statement:
    statement: Statement = {"Effect": grant.effect}
    for name in ("Action", "Resource"):
        part = getattr(grant, name.lower())
        statement["Not" * part.is_negated + name] = part.patterns
    if grant.principal.patterns != ("",):
        whom: dict[str, list[str]] = {}
        for kind, value in (its.split(" ", 1) for its in grant.principal.patterns):
            whom.setdefault(kind, []).append(value)
        statement["Not" * grant.principal.is_negated + "Principal"] = whom
    conditions: dict[str, dict[str, Sequence[str]]] = {}
    for test in grant.tests:
        conditions.setdefault(test.operator, {})[test.key] = test.values
    return {**statement, "Condition": conditions}


@pytest.mark.parametrize(("number", "seed"), [QUICK, THOUSANDS])
def test_nothing_that_is_allowed_now_and_was_not_goes_unsaid(number: int, seed: int) -> None:
    chance, wider, asked = random.Random(seed), 0, 0
    while wider < number:
        on_resource = chance.random() < 0.5
        head = [drawn(chance, on_resource=on_resource) for _ in range(chance.randint(1, 4))]
        if chance.random() < 0.5:
            base = narrowed(chance, head, Counter())
        else:
            base = [drawn(chance, on_resource=on_resource) for _ in range(chance.randint(1, 4))]
        more = [
            each
            for each in iam_oracle.requests(chance, 50)
            if (iam_oracle.is_allowed(head, each) and not iam_oracle.is_allowed(base, each))
            or (iam_oracle.is_denied(base, each) and not iam_oracle.is_denied(head, each))
        ]
        if not more:
            continue
        wider, asked = wider + 1, asked + len(more)
        before, after = (a_stack(chance, its, on_resource=on_resource) for its in (base, head))
        assert {its.finding_class for its in findings(before, after)} in ({"widens"}, {"shares"}, {"widens", "shares"})
        said = told(before, after)
        unsaid = [each for each in more if not any(iam_oracle.meets(its, each) for its in said)]
        assert unsaid == [], (base, head, said)
    assert asked > 2 * number
