"""Your own tags: every bound of Bedrock's, and the keys that are taken."""

import pytest

from settings.problems import FieldError
from settings.tags import MAX_TAGS, check_tags
from tests.support.messages import says


def refusals(tags: object) -> tuple[tuple[str, str], ...]:
    with pytest.raises(FieldError) as caught:
        check_tags(tags)
    return caught.value.messages


@pytest.mark.parametrize("key", ["k", "k" * 128, "Cost Centre", "a.b:c/d=e+f@g_h-i", "awsome", "bedrock"])
def test_takes_keys_of_bedrock_s_alphabet_and_length(key: str) -> None:
    assert check_tags({key: "v"}) == {key: "v"}


@pytest.mark.parametrize("key", ["", "k" * 129, "a,b", "a;b", "(a)", "é", "a\u00a0b", "a'b"])
def test_refuses_other_keys(key: str) -> None:
    ((place, message),) = refusals({key: "v"})
    assert place == key
    assert says(message, "1 to 128", ". _ ")


@pytest.mark.parametrize("key", ["aws:x", "AWS:x", "bedrock-tuning:owner", "bedrock-tuning:"])
def test_refuses_keys_that_are_taken(key: str) -> None:
    assert says(refusals({key: "v"})[0][1], "aws:", "bedrock-tuning:")


@pytest.mark.parametrize("value", ["", "v" * 256, "a b", "x@example.com"])
def test_takes_values_of_bedrock_s_alphabet_and_length(value: str) -> None:
    assert check_tags({"k": value}) == {"k": value}


@pytest.mark.parametrize("value", ["v" * 257, "a,b", "€"])
def test_refuses_other_values(value: str) -> None:
    assert says(refusals({"k": value})[0][1], "0 to 256")


@pytest.mark.parametrize("value", [1, True, 1.5, ["a"], {}])
def test_asks_for_quotes_around_values_that_are_not_text(value: object) -> None:
    assert says(refusals({"k": value})[0][1], "quotes")


def test_reports_every_tag_that_is_wrong() -> None:
    assert [key for key, _ in refusals({"a,": "v", "b": "v", "c": 1})] == ["a,", "c"]


def test_takes_40_tags_and_no_more() -> None:
    tags = {f"k{number}": "" for number in range(MAX_TAGS)}
    assert check_tags(tags) == tags
    ((_, message),) = refusals({**tags, "one-more": ""})
    assert says(message, 41, "0 to 40")


def test_refuses_what_is_not_a_table() -> None:
    assert says(refusals(["a"])[0][1], "list", "table", "[tags]")
