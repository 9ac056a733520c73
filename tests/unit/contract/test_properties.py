"""Everything that CloudFormation sends is a string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.contract.properties import BadProperty, Properties
from tests.support.messages import saying, says


@pytest.mark.parametrize(("sent", "read"), [("true", True), ("false", False)])
def test_a_flag_is_read_from_its_word(sent: str, read: bool) -> None:
    assert Properties({"Any": sent}).flag("Any", default=not read) is read


@pytest.mark.parametrize("default", [True, False])
def test_a_flag_that_is_absent_has_its_default(default: bool) -> None:
    assert Properties({}).flag("Any", default=default) is default


@pytest.mark.parametrize("sent", ["TRUE", "True", "FALSE", "1", "0", "yes", " true", ""])
def test_a_flag_in_any_other_spelling_is_refused(sent: str) -> None:
    with pytest.raises(BadProperty, match=saying("Any", "true", "false")):
        Properties({"Any": sent}).flag("Any", default=True)


@given(st.integers())
def test_a_whole_number_is_read_from_its_digits(number: int) -> None:
    assert Properties({"Any": str(number)}).integer("Any") == number


@pytest.mark.parametrize(("sent", "read"), [(" 2 ", 2), ("+2", 2), ("-2", -2), ("007", 7)])
def test_spaces_and_a_sign_do_not_hide_a_whole_number(sent: str, read: int) -> None:
    assert Properties({"Any": sent}).integer("Any") == read


@pytest.mark.parametrize("sent", ["", "two", "2.0", "1e3", "0x2", "- 2", "true"])
def test_what_is_no_whole_number_is_refused_with_the_value(sent: str) -> None:
    with pytest.raises(BadProperty) as refusal:
        Properties({"Any": sent}).integer("Any")
    assert says(refusal.value, "Any", repr(sent))


@pytest.mark.parametrize("sent", [None, ["2"], {"Ref": "Other"}, True])
def test_what_is_no_text_at_all_is_refused_as_a_whole_number_by_its_type(sent: object) -> None:
    with pytest.raises(BadProperty, match=saying("Any")):
        Properties({"Any": sent}).integer("Any")


@pytest.mark.parametrize(("sent", "told"), [("", "nothing"), (None, "nothing"), ({"a": "b"}, "dict"), (["a"], "list")])
def test_what_is_no_text_is_refused_by_its_type_and_never_quoted(sent: object, told: str) -> None:
    with pytest.raises(BadProperty) as refusal:
        Properties({"Any": sent}).text("Any")
    assert says(refusal.value, "Any", told)


def test_a_missing_property_is_named() -> None:
    with pytest.raises(BadProperty, match=saying("Any")):
        Properties({"Other": "any"}).text("Any")


@pytest.mark.parametrize("properties", [{}, {"Any": ""}])
def test_optional_text_that_is_absent_or_empty_is_none(properties: dict[str, str]) -> None:
    assert Properties(properties).optional_text("Any") is None


def test_optional_text_that_is_there_is_read() -> None:
    assert Properties({"Any": "word"}).optional_text("Any") == "word"


@pytest.mark.parametrize("properties", [{}, {"Any": {}}, {"Any": ""}])
def test_a_map_that_is_absent_is_empty(properties: dict[str, object]) -> None:
    assert Properties(properties).mapping("Any") == {}


def test_a_map_is_read_as_text_to_text() -> None:
    assert Properties({"Any": {"epochCount": "2"}}).mapping("Any") == {"epochCount": "2"}


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(BadProperty, match=saying("Any")):
        Properties({"Any": "epochCount=2"}).mapping("Any")


@pytest.mark.parametrize("properties", [{}, {"Any": []}, {"Any": ""}])
def test_a_list_that_is_absent_is_empty(properties: dict[str, object]) -> None:
    assert Properties(properties).texts("Any") == ()


def test_a_list_is_read_as_texts() -> None:
    assert Properties({"Any": ["a", "b"]}).texts("Any") == ("a", "b")


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(BadProperty, match=saying("Any")):
        Properties({"Any": "subnet-1"}).texts("Any")
