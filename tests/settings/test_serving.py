"""Serving: billed by the hour, so everything about it is asked for and nothing is assumed."""

from pathlib import Path

import pytest

from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from stacks.settings import Environment, load_environment
from tests.settings.settings_files import ABSENT, NOVA_MICRO, changed, problems_of, write

PURCHASE = "serving.provisioned_throughput"


def load(folder: Path, *changes: tuple[str, object]) -> Environment:
    return load_environment(write(folder, changed(*changes)))


def problems(folder: Path, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(write(folder, changed(*changes)))


def test_refuses_a_serving_mode_that_the_base_model_does_not_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nova = BaseModelProfile.of(NOVA_MICRO)
    serving = nova.serving.model_copy(update={"provisioned_throughput": None})
    only_on_demand = nova.model_copy(update={"serving": serving})
    monkeypatch.setattr(BaseModels, "shipped", lambda: BaseModels([only_on_demand]))
    nova_there = (("training.base_model", NOVA_MICRO), ("region", "us-east-1"))
    found = problems(tmp_path, *nova_there)
    assert set(found) == {"serving.provisioned_throughput"}
    assert found["serving.provisioned_throughput"] == (
        "is not documented for Amazon Nova Micro; allowed on_demand; leave it out, or use another base model; "
        "no other base model for us-east-1: none in any Region"
    )
    load(tmp_path, *nova_there, ("serving", ABSENT))


@pytest.mark.parametrize("duration", ["OneMonth", "SixMonths"])
def test_takes_a_commitment_that_is_acknowledged(tmp_path: Path, duration: str) -> None:
    acknowledged = (f"{PURCHASE}.acknowledge_commitment", duration)
    environment = load(tmp_path, (f"{PURCHASE}.commitment_duration", duration), acknowledged)
    assert environment.serving is not None
    assert environment.serving.provisioned_throughput.commitment_duration == duration


@pytest.mark.parametrize(
    ("duration", "acknowledgement", "expected"),
    [
        ("OneMonth", ABSENT, 'is missing; allowed "OneMonth"; repeat it'),
        ("OneMonth", "SixMonths", "'SixMonths' is not the commitment; allowed \"OneMonth\""),
        ("SixMonths", "sixmonths", "'sixmonths' is not the commitment; allowed \"SixMonths\""),
        ("SixMonths", True, 'true is not the commitment; allowed "SixMonths"'),
        (ABSENT, "OneMonth", "acknowledges a commitment that commitment_duration does not ask for"),
    ],
)
def test_refuses_a_commitment_that_is_not_acknowledged(
    tmp_path: Path, duration: object, acknowledgement: object, expected: str
) -> None:
    given_values = {"model_units": 1, "commitment_duration": duration, "acknowledge_commitment": acknowledgement}
    table = {key: value for key, value in given_values.items() if value is not ABSENT}
    found = problems(tmp_path, (PURCHASE, table))
    assert set(found) == {f"{PURCHASE}.acknowledge_commitment"}
    assert expected in found[f"{PURCHASE}.acknowledge_commitment"]


@pytest.mark.parametrize("duration", ["OneYear", "onemonth", 1])
def test_refuses_an_unknown_commitment_without_asking_to_acknowledge_it(tmp_path: Path, duration: object) -> None:
    found = problems(tmp_path, (f"{PURCHASE}.commitment_duration", duration))
    assert set(found) == {f"{PURCHASE}.commitment_duration"}
    assert "allowed OneMonth, SixMonths" in found[f"{PURCHASE}.commitment_duration"]
