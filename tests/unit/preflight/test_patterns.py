"""IAM's wildcards."""

import itertools

import pytest

from bedrock_lifecycle.preflight import patterns


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("*", "", True),
        ("a*c", "abbc", True),
        ("a*c", "abbd", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        # No regular expression, and no other wildcard.
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("*", "line\nbreak", True),
    ],
)
def test_a_pattern_stands_for_a_text(pattern: str, text: str, expected: bool) -> None:
    assert patterns.matches(pattern, text) is expected


def test_two_patterns_overlap_when_some_text_is_one_of_both() -> None:
    # Exhaustively: every pattern of up to three characters against every other, on every text of up to four.
    small = ["".join(each) for length in range(4) for each in itertools.product("ab*?", repeat=length)]
    texts = ["".join(each) for length in range(5) for each in itertools.product("ab", repeat=length)]
    matched = {pattern: {text for text in texts if patterns.matches(pattern, text)} for pattern in small}
    for one, other in itertools.product(small, small):
        assert patterns.overlap(one, other) is bool(matched[one] & matched[other]), (one, other)


def test_long_patterns_are_compared_in_no_time() -> None:
    assert patterns.overlap("*a" * 300, "*b*" + "a" * 600)
    assert not patterns.overlap("*a" * 300 + "c", "*b" * 300)
