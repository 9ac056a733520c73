"""Trainings and purchases of every length, with nothing but re-runs of the same command."""

from datetime import timedelta

import pytest

from sandbox.bedrock import Durations, Quotas, Settings
from tests.lifecycle.invariants import violations
from tests.lifecycle.watch import Watch
from tests.support.environment import TRAINING, Account, Wanted

_HOURS = timedelta(hours=1)
_SHORT = timedelta(seconds=30)


def account(training: timedelta, throughput: timedelta = timedelta(minutes=5)) -> Account:
    durations = Durations(validation=_SHORT, data_processing=_SHORT, training=training, throughput_creation=throughput)
    return Account(settings=Settings(durations=durations, quotas=Quotas(custom_model_units=10)))


@pytest.mark.parametrize(
    ("training", "deploys"),
    [
        (timedelta(minutes=1), 1),
        (timedelta(minutes=59), 1),
        (timedelta(minutes=61), 1),
        (5 * _HOURS, 1),
        (12 * _HOURS, 1),
        (13 * _HOURS, 2),
        (24 * _HOURS, 2),
        (72 * _HOURS, 6),
    ],
)
def test_a_training_of_any_length_ends_served_after_re_runs_of_the_same_command(
    training: timedelta, deploys: int
) -> None:
    wanted = Wanted(rungs=16)
    where = account(training)
    statuses, reasons = [], []
    for _ in range(deploys):
        statuses.append(where.deploy(wanted))
        reasons.append(where.reason)
    assert statuses == ["ROLLBACK_COMPLETE"] * (deploys - 1) + ["CREATE_COMPLETE"]
    for reason in reasons[:-1]:
        assert "run the same deploy again" in reason
    assert len(where.jobs()) == 1
    assert len(where.throughputs()) == 1
    assert violations(where, [wanted]) == []


def test_a_rung_answers_within_the_hour_and_says_for_how_long_the_training_has_run() -> None:
    wanted = Wanted(rungs=8)
    where = account(5 * _HOURS)
    assert where.deploy(wanted) == "CREATE_COMPLETE"
    stack = where.cloudformation.stack(TRAINING)
    assert stack is not None
    states = [live.attributes["State"] for name, live in stack.resources.items() if name.startswith("Await")]
    assert states == ["still running"] * 6 + ["ready"] * 2
    for event in where.cloudformation.events:
        answered = where.lifecycle.answered_at[event["RequestId"]]
        assert answered - where.cloudformation.sent_at[event["RequestId"]] < _HOURS


@pytest.mark.parametrize("minutes", [5, 15, 30, 45, 50])
def test_a_slow_purchase_is_in_service_in_the_same_deploy(minutes: int) -> None:
    wanted = Wanted(rungs=2)
    where = account(_SHORT, timedelta(minutes=minutes))
    assert where.deploy(wanted) == "CREATE_COMPLETE"
    assert len(where.throughputs()) == 1


def test_a_purchase_that_takes_seventy_minutes_fails_and_leaves_nothing_that_bills() -> None:
    wanted = Wanted(rungs=2)
    where = account(_SHORT, timedelta(minutes=70))
    assert where.deploy(wanted) == "ROLLBACK_COMPLETE"
    assert "52 min" in where.reason
    assert where.throughputs() == []
    assert violations(where, [wanted]) == []


def test_swapping_and_rolling_back_leaves_no_moment_unserved() -> None:
    first = Wanted(rungs=2)
    second = first.but(hyper_parameters={"epochCount": "3"})
    where = account(_SHORT)
    watch = Watch(where)
    for wanted in (first, second, first, second):
        assert where.deploy(wanted).endswith("_COMPLETE")
        assert where.served_model(wanted) == wanted.training_name
    assert watch.gaps == []
    assert len(where.jobs()) == 2
