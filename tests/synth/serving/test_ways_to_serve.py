"""There are two ways to serve. A third is taken for neither: what does not know it says so, here or in mypy."""

import dataclasses
from collections.abc import Callable
from typing import Any, cast, get_args

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.decisions import serving
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.preflight.desired import DesiredTraining, ServingAsked
from bedrock_lifecycle.preflight.gather import Gatherer
from bedrock_lifecycle.preflight.readers.reading import Reading
from bedrock_lifecycle.resources.registry import serving_resources
from bedrock_tuning import ServingIntent
from bedrock_tuning.base_models import ServingMode
from bedrock_tuning.spending.serving_intent import quotas_for_serving
from bedrock_tuning.spending.words import served_by
from settings import Serving
from tests.support.messages import saying
from tests.synth.foreign import NOVA_MICRO
from tests.unit.preflight.facts import NOW
from tests.unit.preflight.trusting import PLACE
from tune.account.bedrock_resources import SERVING
from tune.account.held import things
from tune.account.location import Location
from tune.account.templates import TemplateResource
from tune.plan import steps
from tune.plan.serving import WAYS
from tune.review import acts
from tune.review.presumed import PresumedWorld

MODES = get_args(ServingMode)
THIRD = cast("ServingMode", "third")
THIRD_TYPE = "Custom::BedrockThird"
RESOURCES = serving_resources(cast("Any", None), cast("Any", None))
PROPERTIES: dict[str, Any] = {
    **dict.fromkeys(("BaseModel", "OutputUri", "RoleArn", "TrainingDataUri", "CustomizationType"), "any"),
    "Name": "any",
    "Environment": "dev",
    "TrainingId": "0123456789ab",
    "Attempt": "1",
}


def refusing(service: str) -> Any:
    raise ClientError({"Error": {"Code": "AccessDeniedException"}}, service)


def asked(mode: str) -> DesiredTraining:
    its = {"Mode": mode, "ModelUnits": "1"}
    return DesiredTraining.read(ModelCustomizationProperties(Properties({**PROPERTIES, "Serving": its})), "any")


# --- a third ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "judge",
    [
        lambda: steps.row_of(cast("Any", serving.Presence(name="any", owner="any", model=None))),
        lambda: quotas_for_serving(NOVA_MICRO, THIRD),
        lambda: served_by(ServingIntent(mode=THIRD)),
        lambda: Serving().way,
        lambda: acts.begins(THIRD_TYPE),
        lambda: acts.terms(cast("Any", None)),
    ],
)
def test_a_third_way_is_taken_for_neither(judge: Callable[[], object]) -> None:
    with pytest.raises((AssertionError, ValueError)):
        judge()


def test_a_training_that_is_to_be_served_in_a_third_way_is_looked_at_for_neither() -> None:
    training = dataclasses.replace(asked(contract.ON_DEMAND_MODE), serving=ServingAsked(THIRD))
    facts = Gatherer(Reading(refusing), PLACE).training(training, NOW)
    assert (facts.units, facts.deployments) == (None, None)


def test_a_third_way_is_not_left_out_of_what_a_review_presumes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SERVING_TYPES", (*contract.SERVING_TYPES, THIRD_TYPE))
    template = {"Any": TemplateResource(THIRD_TYPE, PROPERTIES)}
    with pytest.raises(AssertionError, match=saying("Any", THIRD_TYPE)):
        PresumedWorld(Location("111122223333", "us-west-2")).deploy("any", template, "any", {})


@pytest.mark.parametrize(("mode", "model_units"), [("provisioned_throughput", None), ("on_demand", 1)])
def test_a_purchase_without_units_is_none_and_units_are_of_nothing_else(
    mode: ServingMode, model_units: int | None
) -> None:
    with pytest.raises(ValueError, match=saying("`model_units`", mode)):
        ServingIntent(mode=mode, model_units=model_units)


# --- the two ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_is_known_to_settings_words_and_preflight(mode: ServingMode) -> None:
    assert mode in Serving.model_fields
    assert served_by(ServingIntent(mode=mode, model_units=1 if mode == "provisioned_throughput" else None))
    training = asked(mode)
    assert training.serving is not None
    assert training.serving.mode == mode
    facts = Gatherer(Reading(refusing), PLACE).training(training, NOW)
    assert (facts.units is None) != (facts.deployments is None)


def test_each_resource_is_known_to_plan_preflight_and_inventory() -> None:
    assert RESOURCES.keys() == WAYS.keys() == set(contract.SERVING_TYPES)
    known = things(str(PhysicalId(way.id_kind, "any")) for way in RESOURCES.values())
    assert {kind for kind, _ in known} == set(SERVING)
    assert set(get_args(steps.Presence)) == set(serving.Presence.__subclasses__())
    assert set(get_args(steps.Absence)) == set(serving.Absence.__subclasses__())
