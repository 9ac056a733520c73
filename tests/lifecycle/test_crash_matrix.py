"""A fault at every mutating call of every kind of operation: nothing is orphaned, nothing is paid twice."""

from collections.abc import Callable

import pytest

from tests.lifecycle import (
    bake_scenarios,
    deployment_scenarios,
    evaluation_scenarios,
    promotion_scenarios,
    retained_scenarios,
    switch_scenarios,
    throughput_scenarios,
)
from tests.lifecycle.crashes import calm, crashes
from tests.lifecycle.invariants import secrets_in
from tests.lifecycle.scenarios import Scenario

SCENARIOS = (
    *throughput_scenarios.SCENARIOS,
    *deployment_scenarios.SCENARIOS,
    *switch_scenarios.SCENARIOS,
    *promotion_scenarios.SCENARIOS,
    *bake_scenarios.SCENARIOS,
    *evaluation_scenarios.SCENARIOS,
    *retained_scenarios.SCENARIOS,
)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_fault_at_any_mutating_call_orphans_nothing_and_pays_nothing_twice(
    scenario: Scenario,
    table: Callable[[str], None],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    played = 0
    failures: list[str] = []
    for variant in scenario.variants:
        undisturbed = calm(scenario, variant)
        assert undisturbed.wrong == (), "the scenario fails without any fault"
        for crash in crashes(scenario, variant, undisturbed):
            played += 1
            if crash.wrong:
                failures.append(str(crash))
    table(f"crash matrix, {scenario.name:33} {played:5} histories, {len(failures)} with a violation")
    assert not failures, "\n".join(failures[:20])
    assert played > 30
    assert secrets_in(f"{capfd.readouterr()} {caplog.text}") == []
