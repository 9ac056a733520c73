"""A request is parsed once; what it lacks is named, and its signed URL stays out of sight."""

import pytest

from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.engine.request import Request
from tests.support.events import NOW, SECRET, STACK, STACK_ID, any_event, any_request
from tests.support.messages import saying


def test_a_create_has_no_physical_id_yet_and_no_old_properties() -> None:
    request = any_request()
    assert request.physical_id is None
    assert "Rung" not in request.old_properties


def test_an_update_has_its_physical_id_and_both_sets_of_properties() -> None:
    request = any_request(RequestType="Update", PhysicalResourceId="any", OldResourceProperties={"Rung": "7"})
    assert (request.request_type, request.physical_id) == ("Update", "any")
    assert (request.properties.integer("Rung"), request.old_properties.integer("Rung")) == (1, 7)


@pytest.mark.parametrize("field", ["RequestType", "RequestId", "StackId", "LogicalResourceId", "ResourceType"])
def test_a_missing_field_of_the_protocol_is_named(field: str) -> None:
    with pytest.raises(BadProperty, match=saying(field)):
        Request.parse(any_event(**{field: ...}))


def test_an_unknown_request_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadProperty, match=saying("RequestType", "Create", "Update", "Delete", "'Replace'")):
        Request.parse(any_event(RequestType="Replace"))


@pytest.mark.parametrize("properties", [..., None, {}])
def test_properties_that_are_absent_are_empty(properties: object) -> None:
    assert "Rung" not in any_request(ResourceProperties=properties).properties


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_the_text_of_a_request_never_holds_its_signed_url(kind: str) -> None:
    request = any_request(RequestType=kind, PhysicalResourceId="any")
    for text in (repr(request), str(request), f"{request!r:>9}", repr(vars(request))):
        assert SECRET not in text
        assert "https://" not in text


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Date=20241115T120000Z",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20241115T120000Z&X-Amz-Signature=secret",
    ],
)
def test_the_url_tells_when_it_was_signed(query: str) -> None:
    assert any_request(ResponseURL=f"https://any.example/any?{query}").signed == NOW


@pytest.mark.parametrize(
    "url",
    [
        ...,
        "https://any.example/any",
        "https://any.example/any?X-Amz-Date=20241115",
        "https://any.example/any?X-Amz-Date=20241315T120000Z",
        "https://any.example/any?Not-X-Amz-Date=20241115T120000Z",
        "https://any.example/any?X-Amz-Date=20241115T120000Zero",
    ],
)
def test_a_url_that_does_not_tell_when_it_was_signed_is_taken_as_it_is(url: object) -> None:
    assert any_request(ResponseURL=url).signed is None


def test_the_resource_key_is_the_same_whatever_the_physical_id() -> None:
    keys = {any_request(PhysicalResourceId=each).resource_key for each in ("one", "two")}
    assert keys == {f"{STACK_ID}|Await1"}


def test_a_stack_of_the_same_name_is_the_same_owner_when_it_is_created_again() -> None:
    owners = {any_request(StackId=f"{STACK}/{each}").stack_owner for each in ("first", "second")}
    assert owners == {STACK}
