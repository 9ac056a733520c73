"""JSON is read strictly, from hostile text too, and compared leaf by leaf."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.strict_json import MAX_DEPTH
from bedrock_lifecycle.evaluation.metrics.json_text import NotJson, kind, leaves, parsed
from tests.support.messages import says

CANARY = "kanarienvogel"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def as_json(value: Any) -> Any:
    """Return what equals another value in Python if and only if the two are equal in JSON."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return (isinstance(value, bool), value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{CANARY}", "character 1"),
        (f'```json\n{{"{CANARY}": 1}}\n```', "character 1"),
        (f'{{"a": "{CANARY}"}} so', "character"),
        ("", "character 1"),
        (f'{{"a": NaN, "{CANARY}": 1}}', "NaN"),
        ("[-Infinity]", "infinity"),
        ("[1e999]", "too large"),
        (f'{{"{CANARY}": 1, "{CANARY}": 2}}', "same key twice"),
        ("9" * 5000, "too many digits"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), f"{MAX_DEPTH} levels"),
        ("[" * 200_000, f"{MAX_DEPTH} levels"),
        ("\ufeff{}", "character"),
    ],
)
def test_what_is_not_json_is_told_without_its_content(text: str, reason: str) -> None:
    with pytest.raises(NotJson) as refused:
        parsed(text)
    assert says(str(refused.value), reason)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("text", ["\ud800", '"\ud800"', '"\\ud800"'])
def test_half_a_surrogate_pair_is_no_failure(text: str) -> None:
    try:
        assert parsed(text) == "\ud800"
    except NotJson:
        assert text == "\ud800"


@given(VALUES)
def test_json_is_read(value: Any) -> None:
    assert as_json(parsed(f" {json.dumps(value)}\n")) == as_json(value)


def test_the_deepest_that_is_allowed_is_read() -> None:
    assert parsed("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@given(VALUES, VALUES)
def test_values_with_the_same_leaves_are_equal_in_json(one: Any, other: Any) -> None:
    assert (set(leaves(one)) == set(leaves(other))) == (as_json(one) == as_json(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("true", "1"),
        ("false", "0"),
        ("[]", "{}"),
        ("[]", "[[]]"),
        ('["a"]', '{"0": "a"}'),
        ('"1"', "1"),
        ("null", "[]"),
    ],
)
def test_types_differ(one: str, other: str) -> None:
    assert set(leaves(parsed(one))) != set(leaves(parsed(other)))


def test_numbers_are_of_one_type() -> None:
    assert set(leaves(parsed('{"a": 1, "b": [2e0]}'))) == set(leaves(parsed('{"b": [2], "a": 1.0}')))
    assert kind(1) == kind(math.pi) == "number"
    assert kind(True) == "boolean"
