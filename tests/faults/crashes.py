"""Histories of one operation with one fault in it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tests.faults.invariants import Watch, violations
from tests.faults.scenarios import Scenario
from tests.support.calls import Call, Calls, Fault
from tests.support.cloudformation import Variant
from tests.support.environment import Account
from tests.support.quick import quick

FAULTS: Final = tuple(fault for fault in Fault if fault is not Fault.HELD_UP)
# Short, so that there are few polls between the calls that matter: a poll's calls are the same every time.
_QUICK: Final = quick(timedelta(seconds=20))


@dataclass(frozen=True)
class Calm:
    """The operation of a scenario when nothing goes wrong: its mutating calls, what it made, what is wrong even so."""

    calls: tuple[Call, ...]
    made: Counter[str]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Crash:
    """What is wrong after an operation with one fault."""

    variant: Variant
    call: Call
    fault: Fault
    wrong: list[str]

    def __str__(self) -> str:
        return f"{self.variant}, call {self.call.number} {self.call}, {self.fault}: {self.wrong[:3]}"


def calm(scenario: Scenario, variant: Variant) -> Calm:
    """Run the operation without a fault."""
    account = Account(variant, settings=_QUICK, region=scenario.region)
    watch = Watch(account)
    scenario.before(account)
    start, made = len(account.lifecycle.calls.made), _made(account)
    scenario.operation(account)
    changes = tuple(call for call in account.lifecycle.calls.made[start:] if call.mutating)
    return Calm(changes, _made(account) - made, (*_violations(scenario, account), *watch.gaps))


def crashes(scenario: Scenario, variant: Variant, undisturbed: Calm) -> Iterator[Crash]:
    """Run the operation once for each fault at each of its mutating calls."""
    for call in undisturbed.calls:
        for fault in FAULTS:
            yield Crash(variant, call, fault, _history(scenario, variant, call.number, fault, undisturbed.made))


def _history(scenario: Scenario, variant: Variant, place: int, fault: Fault, made_when_calm: Counter[str]) -> list[str]:
    """Run the operation with one fault, then deploy again until it succeeds; return what is wrong at the end."""
    calls = Calls(lambda call: fault if call.number == place else None)
    account = Account(variant, settings=_QUICK, calls=calls, region=scenario.region)
    watch = Watch(account)
    scenario.before(account)
    made = _made(account)
    scenario.operation(account)
    wrong = [f"made more often than without the fault: {more}" for more in _made(account) - made - made_when_calm]
    account.lifecycle.pass_time(timedelta(hours=2))
    wrong += _violations(scenario, account)
    wrong += _ends(scenario, account)
    wrong += _violations(scenario, account)
    account.destroy()
    account.lifecycle.pass_time(timedelta(hours=7))
    left = [f"after destroy {name} still stands" for name in account.serving_names()]
    return [*wrong, *_violations(scenario, account), *left, *watch.gaps]


def _violations(scenario: Scenario, account: Account) -> list[str]:
    return violations(account, scenario.asked_for, given=scenario.given)


def _ends(scenario: Scenario, account: Account) -> list[str]:
    """Deploy what is wanted, or destroy; return what is wrong then."""
    if scenario.wanted is None:
        account.destroy()
        return []
    statuses = [account.deploy(scenario.wanted) for _ in range(2)]
    if not statuses[-1].startswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")):
        return [f"deploying again ended in {statuses}: {account.reason}"]
    served = account.served_model(scenario.wanted)
    wanted = scenario.given if scenario.wanted.given_model else {scenario.wanted.training_name}
    return [] if served in wanted else [f"{served} is served"]


def _made(account: Account) -> Counter[str]:
    """Return how often each thing was made that costs something or holds a quota."""
    meter: dict[str, Any] = account.meter()
    return Counter(
        [
            *(job["jobName"] for job in meter["jobs"]),
            *(one["provisionedModelName"] for one in meter["throughputs"]),
            *(one["modelDeploymentName"] for one in meter["deployments"]),
        ]
    )
