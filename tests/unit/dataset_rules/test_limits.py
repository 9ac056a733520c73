"""Limits as CloudFormation hands them over: strings."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from tests.support.messages import saying
from tests.unit.dataset_rules.samples import any_limits

counts = st.integers(min_value=1, max_value=10**12)


@given(
    st.sampled_from(RecordFormat), st.integers(0, 10), counts, counts, counts, st.lists(st.text(min_size=1)).map(tuple)
)
def test_reads_back_what_it_wrote(
    data_format: RecordFormat, least: int, most: int, tokens: int, size: int, words: tuple[str, ...]
) -> None:
    limits = Limits(
        data_format=data_format,
        min_records=least,
        max_records=least + most,
        max_tokens_per_record=tokens,
        max_file_bytes=size,
        reserved_words=words,
    )
    properties = limits.to_properties()
    assert all(isinstance(value, str) for value in properties.values())
    assert Limits.from_properties(properties) == limits


def test_leaves_other_properties_of_the_resource_alone() -> None:
    properties = {"ServiceToken": "any", **any_limits().to_properties()}
    assert Limits.from_properties(properties) == any_limits()


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DataFormat", "parquet", ["messages", "converse", "prompt_completion", "'parquet'"]),
        ("DataFormat", None, ["text"]),
        ("MinRecords", "-1", [0, "-1"]),
        ("MinRecords", "many", ["whole", "'many'"]),
        ("MaxRecords", "0", [1, 0]),
        ("MaxTokensPerRecord", "0", [1, 0]),
        ("MaxFileBytes", "0", [1, 0]),
        ("ReservedWords", "User:", ["JSON", "list"]),
        ("ReservedWords", '{"User:": 1}', ["JSON", "list"]),
        ("ReservedWords", "[1]", ["JSON", "list"]),
        ("ReservedWords", "[" * 100_000, ["JSON", "list"]),
        ("ReservedWords", json.dumps(["User:", ""]), ["empty"]),
    ],
)
def test_names_the_property_that_is_wrong(name: str, value: Any, named: list[object]) -> None:
    with pytest.raises(BadProperty, match=saying(name, *named)):
        Limits.from_properties({**any_limits().to_properties(), name: value})


def test_refuses_a_maximum_below_the_minimum() -> None:
    assert any_limits(min_records=5, max_records=5)
    with pytest.raises(BadProperty, match=saying("MaxRecords", 5, 4)):
        any_limits(min_records=5, max_records=4)


def test_the_longest_line_holds_the_most_characters_however_they_are_escaped() -> None:
    limits = any_limits(max_tokens_per_record=32_000)
    escaped = json.dumps("😀" * limits.max_characters_per_record)
    assert len(escaped) < limits.max_line_bytes
