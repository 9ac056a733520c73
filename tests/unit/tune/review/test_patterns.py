"""Which patterns one text matches together, and which requests tell conditions apart."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tune.review import iam_oracle
from tests.unit.tune.review.stacks import with_policy
from tune.review.access import findings
from tune.review.conditions import Test as ConditionTest
from tune.review.conditions import points
from tune.review.patterns import ANYTHING, TooMany, matched_together, pattern

PATTERNS = st.lists(st.text("ab*?", max_size=5), min_size=1, max_size=4, unique=True)


@given(PATTERNS, st.text("abz", max_size=6))
def test_whatever_a_text_matches_is_among_what_is_matched_together(patterns: Sequence[str], text: str) -> None:
    matched = frozenset(pattern(its) for its in patterns if iam_oracle.like(its, text))
    assert matched in matched_together(tuple({pattern(its): None for its in patterns}))


@given(PATTERNS)
def test_every_example_matches_what_it_is_an_example_of(patterns: Sequence[str]) -> None:
    for matched, example in matched_together(tuple({pattern(its): None for its in patterns})).items():
        text = example.replace(ANYTHING, "z")
        assert matched == {pattern(its) for its in patterns if iam_oracle.like(its, text)}


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("?", "<Role>", False),
        ("*", "<Role>", True),
        ("a*e*", "a<Role>", False),
        ("a/${aws:username}/*", "a/${aws:username}/b", True),
        ("a/*", "a/${aws:username}/b", True),
        ("a/${aws:username}/*", "a/bob/b", False),
    ],
)
def test_of_what_a_reference_is_nothing_is_known(wide: str, narrow: str, *, expected: bool) -> None:
    found = matched_together((pattern(wide), pattern(narrow)))
    assert all(pattern(wide) in matched for matched in found if pattern(narrow) in matched) == expected


def test_letters_of_actions_have_either_case() -> None:
    upper, lower = pattern("S3:Get*"), pattern("s3:getobject")
    assert frozenset({lower}) in matched_together((upper, lower))
    assert frozenset({lower}) not in matched_together((upper, lower), fold=True)


def test_an_example_is_written_as_the_pattern_is() -> None:
    assert matched_together((pattern("s3:Get*"),), fold=True)[frozenset({pattern("s3:Get*")})] == "s3:GetAny"


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def test_what_overlaps_too_much_is_said_to_be_so() -> None:
    patterns = [f"*{letter}*" for letter in LETTERS]
    with pytest.raises(TooMany):
        matched_together(tuple(map(pattern, patterns)))
    after = with_policy([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": patterns}])
    (found,) = findings(with_policy([]), after)
    assert (found.finding_class, found.certainty) == ("widens", "unknown")
    assert list(findings(after, after)) == []


def conditioned(operator: str, *values: str) -> ConditionTest:
    return ConditionTest("aws:Any", operator, values)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        (conditioned("StringEquals", "a", "b"), conditioned("StringEquals", "b"), True),
        (conditioned("StringEquals", "a*"), conditioned("StringEquals", "ab"), False),
        (conditioned("StringLike", "a*"), conditioned("StringEquals", "ab"), True),
        (conditioned("ArnEquals", "a*"), conditioned("ArnLike", "ab*"), True),
        (conditioned("StringEqualsIfExists", "a"), conditioned("StringEquals", "a"), True),
        (conditioned("StringEquals", "a"), conditioned("StringEqualsIfExists", "a"), False),
        (conditioned("StringNotEquals", "a"), conditioned("StringNotLike", "a*"), True),
        (conditioned("StringNotEquals", "a"), conditioned("StringEquals", "b"), True),
        (conditioned("Null", "false"), conditioned("StringEquals", "a"), True),
        (conditioned("Null", "true"), conditioned("StringNotEquals", "a"), False),
        (conditioned("IpAddress", "10.0.0.0/8"), conditioned("IpAddress", "10.1.0.0/16"), True),
        (conditioned("IpAddress", "10.1.0.0/16"), conditioned("IpAddress", "10.0.0.0/8"), False),
        (conditioned("NotIpAddress", "10.1.0.0/16"), conditioned("NotIpAddress", "10.0.0.0/8"), True),
        (conditioned("NumericLessThan", "10"), conditioned("NumericLessThanEquals", "9"), True),
        (conditioned("NumericLessThan", "9"), conditioned("NumericLessThanEquals", "9"), False),
        (conditioned("NumericLessThan", "9"), conditioned("NumericGreaterThan", "9"), False),
        (
            conditioned("DateLessThan", "2027-01-01T00:00:00Z"),
            conditioned("DateLessThan", "2026-01-01T00:00:00Z"),
            True,
        ),
        (conditioned("ForAllValues:StringEquals", "a", "b"), conditioned("ForAllValues:StringEquals", "a"), True),
        (conditioned("ForAnyValue:StringEquals", "a"), conditioned("ForAllValues:StringEquals", "a"), False),
        (conditioned("ForAllValues:StringEquals", "a"), conditioned("ForAnyValue:StringEquals", "a"), False),
        (conditioned("ForAnyValue:StringLike", "a*"), conditioned("ForAnyValue:StringEquals", "ab"), True),
    ],
)
def test_a_condition_covers_what_meets_a_stricter_one(
    wide: ConditionTest, narrow: ConditionTest, *, expected: bool
) -> None:
    assert wide.subject == narrow.subject
    found = [point for point, _ in points([wide, narrow])]
    assert all(wide.is_met(point) for point in found if narrow.is_met(point)) == expected
    assert {narrow.is_met(point) for point in found} == {True, False}


@pytest.mark.parametrize(
    "operator", [("IpAddress", "not an address"), ("DateLessThan", "never"), ("NumericEquals", "<X>"), ("Other", "a")]
)
def test_what_cannot_be_compared_is_met_or_not(operator: tuple[str, str]) -> None:
    one, other = conditioned(*operator), conditioned(operator[0], operator[1], "more")
    assert one.subject != other.subject
    assert {one.is_met(point) for point, _ in points([one])} == {True, False}


def test_so_many_values_of_a_key_are_not_gone_through() -> None:
    values: Mapping[str, Sequence[str]] = {"aws:TagKeys": list(LETTERS)}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    after = with_policy([{**statement, "Condition": {"ForAllValues:StringEquals": values}}])
    (found,) = findings(with_policy([]), after)
    assert (found.finding_class, found.certainty) == ("widens", "unknown")


def test_between_two_numbers_there_is_another() -> None:
    between = {"NumericGreaterThan": {"aws:Any": "9"}, "NumericLessThan": {"aws:Any": "10"}}
    after = with_policy([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": between}])
    assert [its.finding_class for its in findings(with_policy([]), after)] == ["widens"]
