"""Every property of every custom resource, and every statement of every policy, changed alone: none goes unsaid."""

import copy
import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from tests.synth.review.changes import Changes, Synthesize
from tune.review import access, lifecycle
from tune.review.assembly import StackTemplate
from tune.review.compare import review

UNIT: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 1}, "keep_models": 3}),)
# A bake of two steps, and a commitment that is bought only for what has passed.
BAKED: Final[Changes] = (
    ("allow", {"bake": True, "buy": True}),
    (
        "serving",
        {
            "provisioned_throughput": {
                "model_units": 1,
                "commitment_duration": "OneMonth",
                "acknowledge_commitment": "OneMonth",
            },
            "bake": {
                "questions": 10,
                "right": 9,
                "max_output_tokens": 100,
                "sha256": "c" * 64,
                "alarms": ["errors"],
                "minutes": 60,
            },
        },
    ),
)
EVALUATED: Final[Changes] = (
    ("allow", {"evaluate_with": ["base"]}),
    (
        "evaluation",
        {
            "sha256": "d" * 64,
            "records": 100,
            "group_by": "source",
            "max_output_tokens": 100,
            "max_tokens": 1_000_000,
            "metrics": [{"name": "rouge_l"}],
        },
    ),
    (
        "gate",
        {
            "require": [{"measure": "rouge_l", "better_than": "base", "by": 0.1}],
            "accept": {"evaluation": "0" * 12, "reason": "any", "until": dt.date(2026, 12, 31)},
        },
    ),
)
Path = tuple[str | int, ...]


def test_every_type_of_the_contract_has_a_reader() -> None:
    types = {value for name, value in vars(contract).items() if name.isupper() and str(value).startswith("Custom::")}
    assert types == set(lifecycle.RECORDS)
    assert len(types) == 10


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where everything stands that can be another one, lists and tables among them."""
    if path:
        yield path
    if isinstance(value, Mapping) and not any(key.startswith("Fn::") or key == "Ref" for key in value):
        for key, each in value.items():
            yield from leaves(each, (*path, key))


def changed(value: Any) -> Any:
    match value:
        case str() if value.isdecimal():
            return str(int(value) + 1)
        case "true" | "false":
            return "false" if value == "true" else "true"
        case str():
            return f"{value}x"
        case list():
            return [*value, "arn:aws:kms:us-east-1:111122223333:key/another"]
        case Mapping() if any(key.startswith("Fn::") or key == "Ref" for key in value):
            return {"Fn::ImportValue": "another"}
        case Mapping():
            return {**value, "another": "1"}
    raise AssertionError(value)


def mutated(stack: StackTemplate, logical_id: str, path: Path, *, removed: bool) -> StackTemplate:
    body: Any = copy.deepcopy(stack.body)
    *above, last = path
    at = body["Resources"][logical_id]["Properties"]
    for key in above:
        at = at[key]
    if removed:
        del at[last]
    else:
        at[last] = changed(at[last])
    return dataclasses.replace(stack, body=body, file=None)


@pytest.mark.parametrize(
    "changes", [(), UNIT, BAKED, EVALUATED], ids=["on demand", "provisioned throughput", "baked", "evaluated"]
)
def test_every_property_that_changes_is_said(changes: Changes, synthesize: Synthesize) -> None:
    base = synthesize(*changes)
    unsaid, tried = [], 0
    for name, stack in base.items():
        for logical_id, resource in stack.resources.items():
            if resource["Type"] not in lifecycle.RECORDS:
                continue
            for path in leaves(resource["Properties"]):
                for removed in (False, True):
                    tried += 1
                    head = {**base, name: mutated(stack, logical_id, path, removed=removed)}
                    if not list(_of_model(base, head, stack)):
                        unsaid.append((resource["Type"], path, removed))
    assert unsaid == []
    assert tried > 150


def _of_model(base: Mapping[str, StackTemplate], head: Mapping[str, StackTemplate], of: StackTemplate) -> Iterator[Any]:
    def pair(kind: str) -> tuple[StackTemplate | None, StackTemplate | None]:
        before, after = (next((its for its in each.values() if its.kind == kind), None) for each in (base, head))
        return before, after

    foundation = next(its.name for its in base.values() if its.kind == "Foundation")
    return lifecycle.findings(
        lifecycle.ModelPair(pair("Training"), pair("Serving"), foundation, evaluation=pair("Evaluation"))
    )


def statements(stack: StackTemplate) -> Iterator[tuple[str, Path]]:
    for logical_id, resource in stack.resources.items():
        for name in ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy"):
            found = resource.get("Properties", {}).get(name, {}).get("Statement", [])
            yield from ((logical_id, (name, "Statement", index)) for index in range(len(found)))


def with_statement(stack: StackTemplate, where: tuple[str, Path], change: Any) -> StackTemplate:
    body: Any = copy.deepcopy(stack.body)
    logical_id, (name, _, index) = where
    found = body["Resources"][logical_id]["Properties"][name]["Statement"]
    found[index] = change(found[index])
    found[:] = [each for each in found if each is not None]
    return dataclasses.replace(stack, body=body, file=None)


def every_statement(synthesize: Synthesize) -> Iterator[tuple[StackTemplate, tuple[str, Path], Mapping[str, Any]]]:
    for stack in synthesize(*UNIT).values():
        for where in statements(stack):
            logical_id, (name, _, index) = where
            yield stack, where, stack.resources[logical_id]["Properties"][name]["Statement"][index]


def test_every_statement_that_says_more_is_said(synthesize: Synthesize) -> None:
    unsaid, tried = [], 0
    for stack, where, statement in every_statement(synthesize):
        wider: list[Any] = []
        if statement["Effect"] == "Allow":
            wider += [lambda its: {**its, "Action": "*"}] if statement["Action"] not in ("*", "kms:*") else []
            if "Resource" in statement and statement["Resource"] != "*":
                wider.append(lambda its: {**its, "Resource": "*"})
            if "Condition" in statement:
                wider.append(lambda its: {key: value for key, value in its.items() if key != "Condition"})
            if "Principal" in statement:
                wider.append(lambda its: {**its, "Principal": {"AWS": "*"}})
        else:
            wider.append(lambda _: None)
        for change in wider:
            tried += 1
            if not list(access.findings(stack, with_statement(stack, where, change))):
                unsaid.append((stack.id, where, statement))
    assert unsaid == []
    assert tried > 60


def test_every_statement_that_says_less_says_nothing(synthesize: Synthesize) -> None:
    for stack, where, statement in every_statement(synthesize):
        if statement["Effect"] == "Allow":
            assert list(access.findings(stack, with_statement(stack, where, lambda _: None))) == []
            condition = {**statement.get("Condition", {}), "Bool": {"aws:SecureTransport": "true"}}
            narrower = with_statement(stack, where, lambda its, c=condition: {**its, "Condition": c})
            assert list(access.findings(stack, narrower)) == []


def test_no_statement_at_all_says_nothing(synthesize: Synthesize) -> None:
    assert review(synthesize(*UNIT), synthesize(*UNIT)).findings == ()
