"""The body of an answer keeps within CloudFormation's 4,096 bytes and gives nothing away."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bedrock_lifecycle.engine import response
from tests.support.events import SECRET, any_event

# What makes bytes of characters: escapes of six bytes, of two, four bytes of UTF-8, halves of a pair.
REASONS = st.one_of(
    st.text(st.characters(), max_size=6000),
    st.builds(
        lambda part, times: part * times,
        st.sampled_from(['"', "\\", "\x00", "\x1b", "\n", "🔥", "é", "\ud800", "a ", '{"a": "\\u0000"}', "\u2028"]),
        st.integers(0, 6000),
    ),
)
ATTRIBUTES = {"ProvisionedModelArn": "arn:aws:bedrock:us-west-2:111122223333:provisioned-model/any", "Ran": "2 h"}


def answer(reason: str, **changes: Any) -> tuple[dict[str, Any], bytes]:
    body = response.compose(
        event=any_event(), status="FAILED", physical_id="any", reason=reason, attributes=ATTRIBUTES, **changes
    )
    parsed: dict[str, Any] = json.loads(body)
    return parsed, body


@given(REASONS)
@example("\x00" * 4096)
@example("🔥" * 1100)
@example("\ud800" * 5000)
def test_no_reason_makes_an_answer_longer_than_cloudformation_reads(reason: str) -> None:
    parsed, body = answer(reason)
    assert len(body) <= 4096
    assert parsed["Data"] == ATTRIBUTES


@given(REASONS)
@example("a\x85b\u2028c\x0bd\x1ee\r\nf")
def test_a_reason_is_one_line(reason: str) -> None:
    parsed, _ = answer(reason)
    assert len(parsed["Reason"].splitlines()) <= 1


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=800))
def test_a_reason_that_fits_is_told_in_full(reason: str) -> None:
    assert answer(reason)[0]["Reason"] == reason


@pytest.mark.parametrize("part", ["a", "🔥", "\x00", '"'])
def test_a_reason_that_does_not_fit_is_cut_where_everybody_sees_it(part: str) -> None:
    parsed, body = answer(part * 5000)
    assert parsed["Reason"].endswith("…")
    assert parsed["Reason"][:-1].strip(part) == ""
    # Cut, but not to nothing: most of what there was room for is there.
    assert len(body) > 3400


@pytest.mark.parametrize("where", ["at {}", "({})", "'{}'", '"{}"', "PUT {} failed", "{}\nand on"])
def test_the_query_of_a_url_is_left_out(where: str) -> None:
    parsed, body = answer(where.format(f"https://bucket.example/key?X-Amz-Security-Token=token&{SECRET}"))
    assert "https://bucket.example/key" in parsed["Reason"]
    assert b"secret" not in body
    assert b"token" not in body


def test_an_answer_says_whose_it_is() -> None:
    parsed, _ = answer("any")
    event = any_event()
    assert [parsed[name] for name in ("StackId", "RequestId", "LogicalResourceId")] == [
        event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    ]
    assert (parsed["Status"], parsed["PhysicalResourceId"]) == ("FAILED", "any")


def test_an_answer_without_attributes_has_an_empty_map_of_them() -> None:
    body = response.compose(event=any_event(), status="SUCCESS", physical_id="any")
    assert (json.loads(body)["Data"], json.loads(body)["Reason"]) == ({}, "")


def test_an_answer_never_holds_the_url_that_it_goes_to() -> None:
    assert SECRET.encode() not in answer("any")[1]
