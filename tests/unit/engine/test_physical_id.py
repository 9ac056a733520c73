"""Physical ids of ours are read back, everything else is foreign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.engine.front_door import choose_physical_id, execution_name
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.resources.registry import physical_id
from tests.support.events import any_request, throughput_properties, training_properties

PARTS = st.text(st.characters(exclude_characters="/"), min_size=1)


@given(PARTS, PARTS)
def test_an_id_of_ours_is_read_back(kind: str, name: str) -> None:
    assert PhysicalId.parse(str(PhysicalId(kind, name))) == PhysicalId(kind, name)


@given(st.text())
def test_a_text_is_ours_only_when_it_says_so_itself(text: str) -> None:
    parsed = PhysicalId.parse(text)
    assert parsed is None or str(parsed) == text


@pytest.mark.parametrize(
    "foreign",
    [
        None,
        "",
        "none",
        "Purchase-1A2B3C4D5E6F",
        "2024/11/15/[$LATEST]0123456789abcdef",
        "provisioned-throughput/v2/faq",
        "provisioned-throughput/faq",
        "provisioned-throughput/v1/",
        "/v1/faq",
        "provisioned-throughput/v1/faq/more",
        "arn:aws:bedrock:us-west-2:111122223333:provisioned-model/v1/faq",
    ],
)
def test_an_id_that_somebody_else_made_is_foreign(foreign: str | None) -> None:
    parsed = PhysicalId.parse(foreign)
    assert parsed is None or parsed.kind not in ("provisioned-throughput", "model-customization", "training-await")


@pytest.mark.parametrize(
    ("resource_type", "properties", "expected"),
    [
        (contract.MODEL_CUSTOMIZATION, training_properties(), "model-customization/v1/faq-prod-0123456789ab-1"),
        (contract.TRAINING_AWAIT, {"Rung": "1"}, "training-await/v1/Await1"),
        (contract.SERVING_BAKE, {"Step": "1"}, "serving-bake/v1/Await1"),
        (contract.PROVISIONED_THROUGHPUT, throughput_properties(), "provisioned-throughput/v1/faq-prod-680c9322"),
    ],
)
def test_a_create_gets_the_id_that_its_properties_give(
    resource_type: str, properties: dict[str, str], expected: str
) -> None:
    request = any_request(ResourceType=resource_type, ResourceProperties=properties)
    assert choose_physical_id(request, physical_id) == expected


@pytest.mark.parametrize("change", [{"ModelUnits": "2"}, {"CommitmentDuration": "OneMonth"}, {"BaseModel": "other"}])
def test_what_bedrock_cannot_change_in_place_gives_another_id(change: dict[str, str]) -> None:
    before, after = (
        any_request(
            RequestType="Update",
            PhysicalResourceId="any",
            ResourceType=contract.PROVISIONED_THROUGHPUT,
            ResourceProperties=properties,
        )
        for properties in (throughput_properties(), throughput_properties(**change))
    )
    assert choose_physical_id(before, physical_id) != choose_physical_id(after, physical_id)


@pytest.mark.parametrize("change", [{"TrainingId": "ba9876543210"}, {"Attempt": "2"}, {"Tags": {"team": "a"}}])
def test_another_model_is_served_under_the_same_id(change: dict[str, str]) -> None:
    ids = {
        choose_physical_id(
            any_request(ResourceType=contract.PROVISIONED_THROUGHPUT, ResourceProperties=properties),
            physical_id,
        )
        for properties in (throughput_properties(), throughput_properties(**change))
    }
    assert len(ids) == 1


@given(st.text(min_size=1))
def test_a_delete_is_answered_with_the_id_it_came_with(received: str) -> None:
    request = any_request(RequestType="Delete", PhysicalResourceId=received)
    assert choose_physical_id(request, physical_id) == received


def test_an_unknown_resource_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadProperty) as refusal:
        physical_id(any_request(ResourceType="Custom::Other"))
    assert all(known in str(refusal.value) for known in ("Custom::Other", contract.TRAINING_AWAIT))


def test_an_execution_is_named_for_its_resource_and_its_request() -> None:
    first = execution_name(any_request(RequestId="one"))
    assert first == execution_name(any_request(RequestId="one", PhysicalResourceId="other"))
    assert first.split("-")[0] == execution_name(any_request(RequestId="two")).split("-")[0]
    assert first != execution_name(any_request(RequestId="two"))
    assert first.split("-")[0] != execution_name(any_request(LogicalResourceId="Await2")).split("-")[0]


@given(st.text(min_size=1, max_size=200))
def test_the_name_of_an_execution_keeps_within_the_service_s_bound(request_id: str) -> None:
    assert len(execution_name(any_request(RequestId=request_id))) <= 80
