"""Every operation under every condition that AWS does not exclude: it ends as it does without it."""

from collections.abc import Callable
from typing import get_args

import pytest

from bedrock_lifecycle.decisions import provisioned_throughput
from sandbox.bedrock.lasting_faults import LastingFault
from tests.lifecycle.conditions import CONDITIONS, Condition
from tests.lifecycle.crashes import Calm, calm, under
from tests.lifecycle.invariants import secrets_in
from tests.lifecycle.scenarios import Scenario
from tests.lifecycle.test_crash_matrix import SCENARIOS
from tests.support.environment import Account

PLAYED = get_args(LastingFault)
# Where Bedrock does not tell that something is committed, or until when, nobody can know that a term keeps it: then it
# is not detached, and its delete fails in Bedrock's words.
_WITHIN_A_TERM = {"bake: delete within a term"}
NOT_TOLD = {"no member that is not promised": _WITHIN_A_TERM, "nothing that is not promised": _WITHIN_A_TERM}
_CALM: dict[str, Calm] = {}


def undisturbed(scenario: Scenario) -> Calm:
    if scenario.name not in _CALM:
        _CALM[scenario.name] = calm(scenario, scenario.variants[0])
    return _CALM[scenario.name]


def test_every_fault_that_lasts_is_a_condition() -> None:
    held: set[type] = set()
    for condition in CONDITIONS:
        account = Account()
        condition.begin(account)
        held |= {type(fault) for fault in account.lifecycle.simulated.faults.pending()}
    assert set(PLAYED) <= held


@pytest.mark.slow
@pytest.mark.parametrize("is_told", [True, False])
def test_what_is_bought_for_a_term_and_never_seen_is_told(monkeypatch: pytest.MonkeyPatch, is_told: bool) -> None:
    """Nobody can take it back, and no stack holds it: the answer of the request that bought it says what bills."""
    if not is_told:
        monkeypatch.setattr(provisioned_throughput, "commitment", lambda _found: "it stays")
    (condition,) = (each for each in CONDITIONS if each.name == "what serves not seen, its name taken")
    (scenario,) = (each for each in SCENARIOS if each.name == "bake: bought for a term")
    crashes = list(under(condition, scenario, scenario.variants[0], undisturbed(scenario)))
    assert crashes
    assert all(crash.wrong == [] for crash in crashes) is is_told


@pytest.mark.slow
@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_under_a_condition_nothing_is_orphaned_paid_twice_or_stuck(
    condition: Condition,
    table: Callable[[str], None],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    scenarios: set[str] = set()
    played = 0
    failures: list[str] = []
    for scenario in SCENARIOS:
        if scenario.name in NOT_TOLD.get(condition.name, ()):
            continue
        for crash in under(condition, scenario, scenario.variants[0], undisturbed(scenario)):
            played += 1
            scenarios.add(scenario.name)
            if crash.wrong:
                failures.append(f"{scenario.name}: {crash}")
    table(
        f"conditions, {condition.name:40} {len(scenarios):3} scenarios, {played:4} histories, {len(failures)} violated"
    )
    assert not failures, "\n".join(failures[:20])
    assert len(scenarios) > 5
    assert secrets_in(f"{capfd.readouterr()} {caplog.text}") == []
