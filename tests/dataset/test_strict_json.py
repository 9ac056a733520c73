"""What is JSON and what only Python takes for it."""

import json

import pytest

from tests.dataset.samples import any_limits, any_record, errors, found, lines


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{", "json"),
        ("{'system': 'any'}", "json"),
        (json.dumps(any_record()) * 2, "json"),
        ('{"system": "a\x00b"}', "json"),
        ('{"system": "a\tb"}', "json"),
        ('{"system": "\\x41"}', "json"),
        ("[" * 1_000_000, "json-nesting"),
        ('{"a":' * 200_000, "json-nesting"),
        ("NaN", "json-constant"),
    ],
    ids=lambda value: value[:12],
)
def test_refuses_what_is_not_json(text: str, rule: str) -> None:
    limits = any_limits(max_tokens_per_record=1_000_000, max_file_bytes=10_000_000)
    assert found(text.encode() + b"\n" + lines(any_record()), limits) == [(1, "", rule)]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_refuses_constants_that_are_not_json(constant: str) -> None:
    assert found(f'{{"system": {constant}}}'.encode()) == [
        (1, "", "json-constant"),
        (1, "", "missing-key"),
        (1, "system", "text"),
    ]


@pytest.mark.parametrize("number", ["1" * 100_000, "-0", "1e999999", "1." + "3" * 9999])
def test_refuses_a_number_of_any_size_as_no_text(number: str) -> None:
    data = lines(any_record(system="x")).replace(b'"x"', number.encode())
    assert errors(data, any_limits(max_tokens_per_record=10_000)) == [(1, "system", "text")]


def test_refuses_a_key_that_is_there_twice() -> None:
    twice = lines(any_record(system="x")).replace(b'"x"', b'"x", "system": "y"')
    assert found(twice + lines(any_record())) == [(1, "", "duplicate-key")]
    inside = lines(any_record()).replace(b'"user"', b'"user", "role": "user"')
    assert found(lines(any_record()) + inside) == [(2, "", "duplicate-key")]
