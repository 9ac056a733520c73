"""A fault at every mutating call of every kind of operation: nothing is orphaned, nothing is paid twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.faults.invariants import Watch, violations
from tests.support.calls import Call, Calls, Fault
from tests.support.cloudformation import Variant
from tests.support.environment import SERVING, Account, Wanted
from tests.support.quick import quick

FIRST = Wanted(rungs=1)
SECOND = FIRST.but(hyper_parameters={"epochCount": "3"})
MORE_UNITS = FIRST.but(model_units=2)
BEYOND_THE_QUOTA = FIRST.but(model_units=1000)
FAULTS = tuple(fault for fault in Fault if fault is not Fault.HELD_UP)
# Short, so that there are few polls between the calls that matter: a poll's calls are the same every time.
QUICK = quick(timedelta(seconds=20))


@dataclass(frozen=True)
class Scenario:
    """An operation in which faults happen, and what comes before it. `wanted` is what is finally deployed."""

    name: str
    before: Callable[[Account], object]
    operation: Callable[[Account], object]
    wanted: Wanted | None
    asked_for: tuple[Wanted, ...] = (FIRST, SECOND)
    rolls_back: bool = False
    """Whether it matters what CloudFormation's documentation leaves open about rollbacks."""


def nothing(_account: Account) -> None:
    pass


def deployed(account: Account) -> None:
    account.deploy(FIRST)


def duplicated(account: Account) -> None:
    account.cloudformation.redeliver = lambda _event: [timedelta(seconds=3), timedelta(minutes=4)]
    account.deploy(FIRST)


def cancelled_create(account: Account) -> None:
    account.deploy(FIRST.but(model_units=None))
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    account.cloudformation.deploy(SERVING, FIRST.serving())
    account.cloudformation.cancel_at = None


def cancelled_replacement(account: Account) -> None:
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    account.deploy(MORE_UNITS)
    account.cloudformation.cancel_at = None


SCENARIOS = (
    Scenario("create", nothing, lambda account: account.deploy(FIRST), FIRST),
    Scenario("retrain and swap", deployed, lambda account: account.deploy(SECOND), SECOND),
    Scenario("replace", deployed, lambda account: account.deploy(MORE_UNITS), MORE_UNITS),
    Scenario(
        "rollback", lambda account: account.deploy(FIRST), lambda account: account.deploy(BEYOND_THE_QUOTA), FIRST
    ),
    Scenario("cancelled replacement", deployed, cancelled_replacement, FIRST, rolls_back=True),
    Scenario("delete", deployed, lambda account: account.destroy(), None),
    Scenario("duplicate delivery", nothing, duplicated, FIRST),
    Scenario("cancelled create", nothing, cancelled_create, FIRST),
    Scenario(
        "destroy and redeploy",
        lambda account: (account.deploy(FIRST), account.destroy()),
        lambda account: account.deploy(FIRST),
        FIRST,
    ),
)
VARIANTS = tuple(Variant(new_id, draws) for new_id in (True, False) for draws in (True, False))


def places(scenario: Scenario, variant: Variant) -> Iterator[Call]:
    """Yield every mutating call of the scenario's operation when nothing goes wrong."""
    account = Account(variant, settings=QUICK)
    scenario.before(account)
    start = len(account.lifecycle.calls.made)
    scenario.operation(account)
    assert not violations(account, scenario.asked_for), "the scenario fails without any fault"
    yield from (call for call in account.lifecycle.calls.made[start:] if call.mutating)


def history(scenario: Scenario, variant: Variant, place: int, fault: Fault) -> list[str]:
    """Run the operation with one fault, then deploy again until it succeeds; return what is wrong at the end."""
    account = Account(variant, settings=QUICK, calls=Calls(lambda call: fault if call.number == place else None))
    watch = Watch(account)
    scenario.before(account)
    scenario.operation(account)
    account.lifecycle.pass_time(timedelta(hours=2))
    wrong = violations(account, scenario.asked_for)
    if scenario.wanted is None:
        account.destroy()
    else:
        statuses = [account.deploy(scenario.wanted) for _ in range(2)]
        if not statuses[-1].startswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")):
            wrong.append(f"deploying again ended in {statuses}: {account.reason}")
    wrong += violations(account, scenario.asked_for)
    account.destroy()
    account.lifecycle.pass_time(timedelta(hours=7))
    return [*wrong, *violations(account, scenario.asked_for), *_left(account), *watch.gaps]


def _left(account: Account) -> list[str]:
    return [f"after destroy {one['provisionedModelName']} still bills" for one in account.throughputs()]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_fault_at_any_mutating_call_orphans_nothing_and_pays_nothing_twice(
    scenario: Scenario, table: Callable[[str], None]
) -> None:
    tried: Counter[str] = Counter()
    failures: list[str] = []
    for variant in VARIANTS if scenario.rolls_back else VARIANTS[:1]:
        for call in places(scenario, variant):
            for fault in FAULTS:
                tried[f"{call}"] += 1
                wrong = history(scenario, variant, call.number, fault)
                if wrong:
                    failures.append(f"{scenario.name}, {variant}, call {call.number} {call}, {fault}: {wrong[:3]}")
    table(f"crash matrix, {scenario.name:22} {sum(tried.values()):5} histories, {len(failures)} with a violation")
    assert not failures, "\n".join(failures[:20])
    assert sum(tried.values()) > 50
