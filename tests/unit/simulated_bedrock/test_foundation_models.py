"""Foundation models and their lifecycle."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.bedrock import Clock
from tests.unit.simulated_bedrock.scenario import HAIKU, HAIKU_TUNABLE, NOVA_TUNABLE, Account

COHERE, COHERE_LIGHT = "cohere.command-text-v14:7:4k", "cohere.command-light-text-v14:7:4k"
LLAMA_SIZES = ("1-70b", "1-8b", "2-11b", "2-1b", "2-3b", "2-90b", "3-70b")
LLAMA_TUNABLE = [f"meta.llama3-{size}-instruct-v1:0:128k" for size in LLAMA_SIZES]


def on(date: datetime, region: str = "us-west-2") -> Account:
    return Account(region=region, clock=Clock(date, rate=0))


def details(account: Account, identifier: str) -> dict[str, Any]:
    return dict(account.bedrock.get_foundation_model(modelIdentifier=identifier)["modelDetails"])


@pytest.mark.parametrize(
    ("date", "status"),
    [
        (datetime(2024, 11, 15, tzinfo=UTC), "ACTIVE"),
        (datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC), "ACTIVE"),
        (datetime(2026, 3, 10, tzinfo=UTC), "LEGACY"),
        (datetime(2026, 9, 9, 23, 59, 59, tzinfo=UTC), "LEGACY"),
    ],
)
def test_the_lifecycle_follows_the_clock(date: datetime, status: str) -> None:
    lifecycle = details(on(date), HAIKU_TUNABLE)["modelLifecycle"]
    assert lifecycle["status"] == status
    assert lifecycle["legacyTime"] == datetime(2026, 3, 10, tzinfo=UTC)
    assert lifecycle["endOfLifeTime"] == datetime(2026, 9, 10, tzinfo=UTC)


def test_is_not_found_past_its_end_of_life() -> None:
    account = on(datetime(2026, 9, 10, tzinfo=UTC))
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        details(account, HAIKU_TUNABLE)
    listed = account.bedrock.list_foundation_models(byProvider="Anthropic")["modelSummaries"]
    assert not [each for each in listed if each["modelId"].startswith(HAIKU)]


@pytest.mark.parametrize(
    ("region", "model", "customizations", "inference"),
    [
        ("us-west-2", HAIKU, [], ["ON_DEMAND"]),
        ("us-west-2", f"{HAIKU}:48k", [], ["PROVISIONED"]),
        ("us-west-2", HAIKU_TUNABLE, ["FINE_TUNING"], ["PROVISIONED"]),
        ("us-east-1", HAIKU_TUNABLE, [], ["PROVISIONED"]),
        ("us-east-1", NOVA_TUNABLE, ["FINE_TUNING"], ["PROVISIONED"]),
        ("us-east-1", "amazon.nova-pro-v1:0", [], ["ON_DEMAND"]),
        ("us-east-1", "amazon.nova-2-lite-v1:0:256k", ["FINE_TUNING"], ["PROVISIONED"]),
        ("us-west-2", "meta.llama3-3-70b-instruct-v1:0:128k", ["FINE_TUNING"], []),
        ("us-west-2", "amazon.titan-text-premier-v1:0", ["FINE_TUNING"], ["ON_DEMAND", "PROVISIONED"]),
    ],
)
def test_what_a_region_offers(region: str, model: str, customizations: list[str], inference: list[str]) -> None:
    found = details(Account(region=region), model)
    assert found["customizationsSupported"] == customizations
    assert found["inferenceTypesSupported"] == inference
    assert found["modelArn"] == f"arn:aws:bedrock:{region}::foundation-model/{model}"


@pytest.mark.parametrize("identifier", ["anthropic.claude-9", NOVA_TUNABLE])
def test_what_a_region_does_not_offer_is_not_found(account: Account, identifier: str) -> None:
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        details(account, identifier)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"byProvider": "Anthropic", "byCustomizationType": "FINE_TUNING"}, [HAIKU_TUNABLE]),
        ({"byProvider": "Anthropic", "byInferenceType": "ON_DEMAND"}, [HAIKU]),
        ({"byProvider": "Anthropic", "byInferenceType": "PROVISIONED"}, [HAIKU_TUNABLE, f"{HAIKU}:48k"]),
        ({"byProvider": "Cohere", "byInferenceType": "PROVISIONED"}, [COHERE_LIGHT, COHERE]),
        ({"byProvider": "Meta", "byCustomizationType": "FINE_TUNING"}, LLAMA_TUNABLE),
        ({"byProvider": "Nobody"}, []),
        ({"byOutputModality": "EMBEDDING"}, []),
    ],
)
def test_are_listed(account: Account, filters: dict[str, Any], expected: list[str]) -> None:
    found = account.bedrock.list_foundation_models(**filters)["modelSummaries"]
    assert [each["modelId"] for each in found] == expected


@pytest.mark.parametrize(("model", "expected"), [(HAIKU, "AVAILABLE"), (NOVA_TUNABLE, "NOT_AVAILABLE")])
def test_availability_is_told_by_region(account: Account, model: str, expected: str) -> None:
    found = account.bedrock.get_foundation_model_availability(modelId=model)
    assert found["regionAvailability"] == expected
    assert found["authorizationStatus"] == "AUTHORIZED"


def test_the_availability_of_an_unknown_model_is_not_found(account: Account) -> None:
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.get_foundation_model_availability(modelId="anthropic.claude-9")
