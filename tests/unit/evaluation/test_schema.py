"""The subset of JSON Schema: what is valid, by the specification's own words, and what is refused."""

import json
import time
from typing import Any

import pytest

from bedrock_lifecycle.dataset.rules.strict_json import MAX_DEPTH
from bedrock_lifecycle.evaluation.metrics.json_text import parsed
from bedrock_lifecycle.evaluation.metrics.schema import Schema, UnsupportedSchema
from tests.support.messages import says

POINT: dict[str, Any] = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "y": {"type": "number"}},
    "required": ["x"],
    "additionalProperties": False,
}
TREE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/tree",
    "title": "any",
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"value": {"$ref": "#/definitions/value"}, "children": {"items": {"$ref": "#/$defs/node"}}},
            "required": ["value"],
        }
    },
    "definitions": {"value": {"enum": ["a", "b"]}},
}
WHOLE: dict[str, Any] = {"properties": {"again": {"$ref": "#"}, "end": True}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        (True, ["1", "null", "{}"], []),
        (False, [], ["1", "null", "{}"]),
        ({}, ["1"], []),
        ({"type": "string"}, ['"a"'], ["1", "null"]),
        ({"type": "integer"}, ["1", "1.0", "-0", "1e3"], ["1.5", "true", '"1"']),
        ({"type": "number"}, ["1", "1.5"], ["true", '"1"']),
        ({"type": "boolean"}, ["true"], ["1", "null"]),
        ({"type": "null"}, ["null"], ["false", "0", '""']),
        ({"type": "array"}, ["[]"], ["{}"]),
        ({"type": ["string", "null"]}, ['"a"', "null"], ["1"]),
        ({"type": ["integer", "object"]}, ["1", "{}"], ["1.5"]),
        ({"enum": [1, "a", None, [2]]}, ["1", "1.0", '"a"', "null", "[2.0]"], ["true", "2", "[]"]),
        ({"const": {"a": [False]}}, ['{"a": [false]}'], ['{"a": [0]}', "{}"]),
        ({"minimum": 1, "maximum": 2}, ["1", "2", "1.5", '"3"'], ["0.999", "2.001"]),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 2}, ["1.5", "null"], ["1", "2"]),
        ({"multipleOf": 0.1}, ["0.3", "1", "0", "-0.7", '"a"'], ["0.35", "1e-300"]),
        ({"multipleOf": 3}, ["9", "3e300"], ["10", "1.5"]),
        ({"minLength": 2, "maxLength": 3}, ['"ab"', '"日本語"', '"👍👍"', "1"], ['"a"', '"abcd"']),
        ({"minItems": 1, "maxItems": 2}, ["[1]", "[1, 2]", '"abc"'], ["[]", "[1, 2, 3]"]),
        ({"minProperties": 1, "maxProperties": 1.0}, ['{"a": 1}', "[]"], ["{}", '{"a": 1, "b": 2}']),
        ({"uniqueItems": True}, ["[1, true, [1], [true]]", "[]", '"aa"'], ["[1, 1.0]", "[{}, {}]"]),
        ({"uniqueItems": False}, ["[1, 1]"], []),
        ({"items": {"type": "integer"}}, ["[1, 2]", "[]", '{"a": "b"}'], ['[1, "a"]']),
        ({"items": False}, ["[]"], ["[1]"]),
        (POINT, ['{"x": 1}', '{"y": 1.5, "x": 2}'], ["{}", '{"x": 1.5}', '{"x": 1, "z": 2}', "[]"]),
        ({"properties": {"a": False}}, ["{}", '{"b": 1}', "[1]"], ['{"a": 1}']),
        ({"additionalProperties": {"type": "string"}}, ['{"a": "b"}'], ['{"a": 1}']),
        ({"required": []}, ["{}", "1"], []),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, ["1"], ["0", "3"]),
        ({"anyOf": [{"maximum": 1}, {"minimum": 2}]}, ["1", "2"], ["1.5"]),
        ({"oneOf": [{"maximum": 2}, {"minimum": 1}]}, ["0", "3"], ["1", "2"]),
        ({"not": {"type": "string"}}, ["1"], ['"a"']),
        (TREE, ['{"value": "a", "children": [{"value": "b"}]}'], ['{"value": "a", "children": [{"value": 1}]}', "1"]),
        (WHOLE, ["{}", '{"again": {"again": {"end": 1}}}'], ['{"again": {"again": {"more": 1}}}']),
        ({"description": "any", "default": 1, "type": "string"}, ['"a"'], ["1"]),
    ],
    ids=str,
)
def test_valid_and_invalid_values(schema: Any, valid: list[str], invalid: list[str]) -> None:
    read = Schema(json.dumps(schema))
    assert [text for text in valid if not read.accepts(parsed(text))] == []
    assert [text for text in invalid if read.accepts(parsed(text))] == []


@pytest.mark.parametrize(
    ("schema", "fragments"),
    [
        ({"pattern": "^a"}, ["#: pattern: is not checked", "enum"]),
        ({"properties": {"at": {"format": "date"}}}, ["#/properties/at: format: is not checked", "remove it"]),
        ({"items": {"prefixItems": [{}]}}, ["#/items: prefixItems", "object"]),
        ({"$defs": {"a": {"if": {}}}}, ["#/$defs/a: if: is not checked", "anyOf"]),
        ({"anyOf": [{}, {"requird": ["a"]}]}, ["#/anyOf/1: requird", "required"]),
        ({"not": {"$id": "any"}}, ["#/not: $id", "top"]),
        ({"items": {"$defs": {}}}, ["#/items: $defs", "top"]),
        ({"$dynamicRef": "#a"}, ["#: $dynamicRef: is not checked"]),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, ["#: $schema", "2020-12", "draft-04"]),
        ({"$schema": 4}, ["#: $schema", "got 4"]),
        ({"$defs": []}, ["#: $defs", "object of schemas", "got []"]),
        ({"type": "text"}, ["#: type", "string", "'text'"]),
        ({"type": []}, ["#: type", "got []"]),
        ({"type": [1]}, ["#: type", "got [1]"]),
        ({"type": None}, ["#: type", "None"]),
        ({"enum": []}, ["#: enum", "list of values"]),
        ({"enum": "a"}, ["#: enum", "list of values"]),
        ({"minimum": "1"}, ["#: minimum", "a number", "'1'"]),
        ({"exclusiveMaximum": True}, ["#: exclusiveMaximum", "a number", "True"]),
        ({"multipleOf": 0}, ["#: multipleOf", "above 0", "got 0"]),
        ({"multipleOf": "a"}, ["#: multipleOf", "above 0", "'a'"]),
        ({"minLength": -1}, ["#: minLength", "from 0", "-1"]),
        ({"maxItems": 1.5}, ["#: maxItems", "whole number", "1.5"]),
        ({"minProperties": True}, ["#: minProperties", "whole number", "True"]),
        ({"uniqueItems": 1}, ["#: uniqueItems", "true or false", "got 1"]),
        ({"required": ["a", 1]}, ["#: required", "list of names"]),
        ({"required": "a"}, ["#: required", "list of names"]),
        ({"properties": []}, ["#: properties", "object of schemas", "got []"]),
        ({"items": [{}]}, ["#/items: must be a schema", "got [{}]"]),
        ({"allOf": []}, ["#: allOf", "list of schemas"]),
        ({"anyOf": {}}, ["#: anyOf", "list of schemas"]),
        ({"not": 1}, ["#/not: must be a schema", "got 1"]),
        (1, ["#: must be a schema", "got 1"]),
        ({"$ref": "#/$defs/none", "$defs": {"some": {}}}, ["#: $ref", "#/$defs/some", "none"]),
        ({"$ref": "https://example.com"}, ["#: $ref", "example.com"]),
        ({"$ref": ["#"]}, ["#: $ref", "['#']"]),
        ({"items": {"$ref": "#", "minimum": 1}}, ["#/items: $ref", "allOf", "got minimum"]),
        ({"$ref": "#"}, ["#: $ref", "same value", "# to #"]),
        (
            {"$defs": {"a": {"allOf": [{"not": {"$ref": "#/$defs/b"}}]}, "b": {"oneOf": [{"$ref": "#/$defs/a"}]}}},
            ["same value", "#/$defs/a", "#/$defs/b"],
        ),
    ],
    ids=str,
)
def test_what_is_not_checked_is_refused_in_words(schema: Any, fragments: list[str]) -> None:
    with pytest.raises(UnsupportedSchema) as refused:
        Schema(json.dumps(schema))
    assert says(str(refused.value), *fragments)
    assert len(str(refused.value).splitlines()) == 1


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UnsupportedSchema) as refused:
        Schema('{"type": "text", "items": {"format": "date"}, "$defs": {"a": {"pattern": "a"}}}')
    first, second, third = str(refused.value).splitlines()
    assert says(first, "#: type")
    assert says(second, "#/items: format")
    assert says(third, "#/$defs/a: pattern")


def test_a_schema_that_is_no_json_is_refused() -> None:
    with pytest.raises(UnsupportedSchema) as refused:
        Schema("{'type': 'string'}")
    assert says(str(refused.value), "schema", "not JSON", "character 2")


def test_alternatives_that_recurse_do_not_double_the_work_with_every_level() -> None:
    # Only the innermost is not valid, and both alternatives lead there.
    branch = {"properties": {"next": {"$ref": "#/$defs/node"}}, "minProperties": 1}
    schema = Schema(json.dumps({"$ref": "#/$defs/node", "$defs": {"node": {"anyOf": [branch, branch]}}}))
    value: Any = {}
    for _ in range(60):
        value = {"next": value}
    began = time.process_time()
    assert not schema.accepts(value)
    assert time.process_time() - began < 30  # 2 to the power of 60 alternatives would not end


def test_no_answer_is_nested_too_deep_for_a_schema_that_recurses() -> None:
    tree: dict[str, Any] = {"items": {"$ref": "#/$defs/tree"}}
    for _ in range(20):
        tree = {"allOf": [tree]}
    schema = Schema(json.dumps({"$ref": "#/$defs/tree", "$defs": {"tree": tree}}))
    levels = MAX_DEPTH - 1
    assert schema.accepts(parsed("[" * levels + "]" * levels))
