"""Every scenario on demand and of a switch can fail: with a behaviour taken away, it does."""

from collections.abc import Callable

import pytest

from tests.lifecycle import deployment_scenarios, switch_scenarios
from tests.lifecycle.conditions import CONDITIONS, Condition
from tests.lifecycle.crashes import calm, crashes, under
from tests.lifecycle.missing import MISSED_BY, TakeAway, retiring_every_model, taking_models_along
from tests.lifecycle.missing_doubts import MISSED_UNDER
from tests.lifecycle.scenarios import Scenario
from tests.lifecycle.test_crash_matrix import SCENARIOS

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
CONDITION = {condition.name: condition for condition in CONDITIONS}


def first_violation(scenario: Scenario) -> str:
    """Return the first thing that is wrong, without a fault or with one; nothing when there is none."""
    for variant in scenario.variants:
        undisturbed = calm(scenario, variant)
        if undisturbed.wrong:
            return undisturbed.wrong[0]
        for crash in crashes(scenario, variant, undisturbed):
            if crash.wrong:
                return str(crash)
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("take_away", MISSED_BY, ids=lambda take_away: take_away.__name__)
def test_a_behaviour_that_is_taken_away_is_missed(
    take_away: TakeAway, monkeypatch: pytest.MonkeyPatch, table: Callable[[str], None]
) -> None:
    take_away(monkeypatch)
    found = {name: first_violation(BY_NAME[name]) for name in MISSED_BY[take_away]}
    missed = [name for name, wrong in found.items() if wrong]
    behaviour = take_away.__name__.replace("_", " ")
    table(f"crash matrix without {behaviour:25} {len(missed)} of {len(found)} scenarios are violated")
    assert [name for name, wrong in found.items() if not wrong] == []


@pytest.mark.parametrize("take_away", [taking_models_along, retiring_every_model])
def test_the_policies_keep_a_given_model_from_a_lifecycle_that_would_delete_it(
    take_away: TakeAway, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away(monkeypatch)
    given = [scenario for scenario in SCENARIOS if scenario.given]
    assert given
    gone = [crash for scenario in given for crash in [first_violation(scenario)] if "given model" in crash]
    assert gone == []


def test_every_scenario_misses_a_behaviour() -> None:
    named = {name for names in MISSED_BY.values() for name in names}
    new = (*deployment_scenarios.SCENARIOS, *switch_scenarios.SCENARIOS)
    assert named <= BY_NAME.keys()
    assert {scenario.name for scenario in new} <= named
    assert len(BY_NAME) == len(SCENARIOS)


@pytest.mark.slow
@pytest.mark.parametrize("take_away", MISSED_UNDER, ids=lambda take_away: take_away.__name__)
def test_a_doubt_that_is_taken_away_is_missed_under_its_conditions(
    take_away: TakeAway, monkeypatch: pytest.MonkeyPatch, table: Callable[[str], None]
) -> None:
    take_away(monkeypatch)
    found = {
        (condition, name): violated_under(CONDITION[condition], BY_NAME[name])
        for condition, names in MISSED_UNDER[take_away].items()
        for name in names
    }
    missed = [where for where, wrong in found.items() if wrong]
    behaviour = take_away.__name__.replace("_", " ")
    table(f"conditions without {behaviour:31} {len(missed)} of {len(found)} scenarios are violated")
    assert [where for where, wrong in found.items() if not wrong] == []


def violated_under(condition: Condition, scenario: Scenario) -> bool:
    variant = scenario.variants[0]
    return any(crash.wrong for crash in under(condition, scenario, variant, calm(scenario, variant)))


def test_every_condition_misses_a_doubt() -> None:
    assert {condition for misses in MISSED_UNDER.values() for condition in misses} == CONDITION.keys()
    assert len(CONDITION) == len(CONDITIONS)
