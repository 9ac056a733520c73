"""Histories of one operation with one fault in it, or under one condition."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tests.lifecycle.conditions import Condition
from tests.lifecycle.gates import GateWatch, evaluated_by
from tests.lifecycle.invariants import held, let_go, violations
from tests.lifecycle.persons import deploy_as_told
from tests.lifecycle.scenarios import Scenario
from tests.lifecycle.watch import Watch
from tests.support.calls import Call, Calls, Chaos, Fault, no_chaos
from tests.support.cloudformation import Variant
from tests.support.environment import Account, Wanted
from tests.support.quick import quick

# What ends a run, or leaves it without an answer to what happened: at every call.
_ENDS: Final = (Fault.KILLED_AFTER, Fault.LOST_AFTER)
# Nothing happened, and the run is told: alike but for the error, so at each call one of them. `make faults` takes all.
# A timeout is a lost connection that takes its time.
_WITHOUT_EFFECT: Final = (Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_BEFORE)
_EVERY_FAULT: Final = "FAULT_HISTORIES" in os.environ
# Short, so that there are few polls between the calls that matter: a poll's calls are the same every time.
_QUICK: Final = quick(timedelta(seconds=20))
# What is lost most easily under a condition: the answer to what was just made, or deleted.
_TELLING: Final = ("Create", "Delete")


@dataclass(frozen=True)
class Calm:
    """The operation of a scenario when nothing goes wrong.

    Its mutating calls, what it made, the statuses in which it left the stacks, and what is wrong even so.
    """

    calls: tuple[Call, ...]
    made: Counter[str]
    ends: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Crash:
    """What is wrong after an operation to which something happened."""

    variant: Variant
    what: str
    wrong: list[str]

    def __str__(self) -> str:
        return f"{self.variant}, {self.what}: {self.wrong[:3]}"


def calm(scenario: Scenario, variant: Variant) -> Calm:
    """Run the operation without a fault."""
    account = Account(variant, settings=_QUICK, region=scenario.region)
    watch, gates = Watch(account), GateWatch(account, scenario.asked_for)
    scenario.before(account)
    start, made = len(account.lifecycle.calls.made), _made(account)
    scenario.operation(account)
    changes = tuple(call for call in account.lifecycle.calls.made[start:] if call.mutating)
    wrong = (*_violations(scenario, account, retained=scenario.retained), *watch.wrong, *gates.wrong)
    return Calm(changes, _made(account) - made, _statuses(account), wrong)


def crashes(scenario: Scenario, variant: Variant, undisturbed: Calm) -> Iterator[Crash]:
    """Run the operation once for each kind of fault at each of its mutating calls."""
    for turn, (before, call) in enumerate(zip((None, *undisturbed.calls), undisturbed.calls, strict=False)):
        alike = _WITHOUT_EFFECT if _EVERY_FAULT else (_WITHOUT_EFFECT[turn % len(_WITHOUT_EFFECT)],)
        # A run that is killed between two of its own calls leaves the world as the first of them has made it.
        is_new = _EVERY_FAULT or before is None or before.run != call.run
        for fault in (*([Fault.KILLED_BEFORE] if is_new else ()), *_ENDS, *alike):
            what = f"call {call.number} {call}, {fault}"
            yield Crash(variant, what, _history(scenario, variant, undisturbed, _at(call.number, fault)))


def under(condition: Condition, scenario: Scenario, variant: Variant, undisturbed: Calm) -> Iterator[Crash]:
    """Run the operation under a condition: as it is, and with the answers lost that are missed most."""
    if not condition.is_felt(undisturbed.calls):
        return
    yield Crash(variant, condition.name, _history(scenario, variant, undisturbed, condition=condition))
    changes = [call.operation for call in undisturbed.calls if call.service == "bedrock"]
    for telling in _TELLING:
        operation = next((each for each in changes if each.startswith(telling)), None)
        if operation:
            chaos = _FirstAnswerLost(operation)
            what = f"{condition.name}, the answer of {operation} lost"
            yield Crash(variant, what, _history(scenario, variant, undisturbed, chaos, condition))


def _at(place: int, fault: Fault) -> Chaos:
    return lambda call: fault if call.number == place else None


class _FirstAnswerLost:
    """Loses the first answer of an operation; numbers of calls tell nothing under a condition."""

    def __init__(self, operation: str) -> None:
        self._operation: str | None = operation

    def __call__(self, call: Call) -> Fault | None:
        if call.operation != self._operation:
            return None
        self._operation = None
        return Fault.LOST_AFTER


def _history(
    scenario: Scenario,
    variant: Variant,
    undisturbed: Calm,
    chaos: Chaos = no_chaos,
    condition: Condition | None = None,
) -> list[str]:
    """Run the operation with something in it, then deploy again until it succeeds; return what is wrong at the end."""
    # A fault's place is counted from the beginning; under a condition it is looked for in the operation alone.
    calls = Calls(no_chaos if condition else chaos)
    account = Account(variant, settings=_QUICK, calls=calls, region=scenario.region)
    watch, gates = Watch(account), GateWatch(account, scenario.asked_for)
    scenario.before(account)
    made = _made(account)
    if condition:
        condition.begin(account)
        calls.chaos = chaos
    scenario.operation(account)
    wrong = [f"made more often than without it: {more}" for more in _made(account) - made - undisturbed.made]
    if condition:
        wrong += _ended_otherwise(condition, account, undisturbed) if chaos is no_chaos else []
        condition.end(account)
    account.lifecycle.pass_time(timedelta(hours=2))
    wrong += _violations(scenario, account, retained=scenario.retained)
    wrong += [f"{name} was to be kept" for name in scenario.retained - set(account.serving_names())]
    asked: list[Wanted] = []
    wrong += _ends(scenario, account, asked, may_train_again=condition is not None and condition.hinders)
    wrong += _violations(scenario, account, *asked)
    account.destroy()
    account.lifecycle.pass_time(timedelta(hours=7))
    may_stand = scenario.kept | let_go(account, scenario.asked_for)
    left = [f"after destroy {name} still stands" for name in account.serving_names() if name not in may_stand]
    left += [f"{name} was kept, and is gone" for name in scenario.kept - set(account.serving_names())]
    left += [f"after destroy {name} is still held" for name in held(account)]
    return [*wrong, *_violations(scenario, account, *asked), *left, *watch.wrong, *gates.wrong]


def _ended_otherwise(condition: Condition, account: Account, undisturbed: Calm) -> list[str]:
    ends = _statuses(account)
    if ends == undisturbed.ends:
        return []
    if condition.hinders:
        told = [reason for reason in account.cloudformation.reasons if condition.told in reason]
        return [] if told else [f"nobody was told {condition.told}: {account.cloudformation.reasons}"]
    return [f"ended {ends} and not {undisturbed.ends}: {account.reason}"]


def _statuses(account: Account) -> tuple[str, ...]:
    """Return the last status of every stack that ever was."""
    return tuple(stack.status for stack in account.cloudformation.stacks.all.values())


def _violations(
    scenario: Scenario, account: Account, *asked: Wanted, retained: frozenset[str] = frozenset()
) -> list[str]:
    asked_for = (*scenario.asked_for, *asked)
    return violations(account, asked_for, given=scenario.given, retained=retained | scenario.kept)


def _ends(scenario: Scenario, account: Account, asked: list[Wanted], *, may_train_again: bool) -> list[str]:
    """Deploy what is wanted, or destroy; return what is wrong then."""
    if scenario.wanted is None:
        account.destroy()
        return []
    stands = deploy_as_told(account, scenario.wanted, asked.append)
    if stands is None:
        return [f"deploying again and again ended in {_statuses(account)}: {account.reason}"]
    if stands != scenario.wanted and not may_train_again:
        return [f"attempt {stands.attempt} was needed"]
    account.deploy(stands)
    served = account.served_model(stands)
    wanted = scenario.given if stands.given_model else {stands.training_name}
    return [] if served in wanted else [f"{served} is served"]


def _made(account: Account) -> Counter[str]:
    """Return how often each thing was made that costs something or holds a quota."""
    meter: dict[str, Any] = account.meter()
    made = Counter(
        [
            *(job["jobName"] for job in meter["jobs"]),
            *(one["provisionedModelName"] for one in meter["throughputs"]),
            *(one["modelDeploymentName"] for one in meter["deployments"]),
        ]
    )
    # A candidate costs nothing while nobody asks it, and each run has its own.
    passed_over = {name for name in made if name in account.theirs or evaluated_by(name)}
    return Counter({name: count for name, count in made.items() if name not in passed_over})
