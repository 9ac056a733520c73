"""The rungs over CloudFormation's hour, through real clients."""

import dataclasses
import itertools
from datetime import timedelta

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.outcome import Refusal
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.training_await import TrainingAwait
from sandbox.bedrock.lasting_faults import OmissionFault, UnseenFault
from tests.support.environment import TRAINING
from tests.support.events import any_event
from tests.support.messages import says
from tests.support.turns import any_turn
from tests.support.wired import QUICK, WANTED, WiredAccount

HOURS = dataclasses.replace(QUICK, durations=dataclasses.replace(QUICK.durations, training=timedelta(hours=2)))


def states(account: WiredAccount) -> list[str]:
    stack = account.cloudformation.stack(TRAINING)
    assert stack is not None
    return [live.attributes["State"] for name, live in stack.resources.items() if name.startswith("Await")]


def test_each_rung_hands_a_training_of_hours_on_to_the_next() -> None:
    account = WiredAccount(HOURS)
    assert account.train(WANTED.but(rungs=4)) == "CREATE_COMPLETE"
    assert states(account) == ["still running", "still running", "ready", "ready"]


def test_every_rung_answers_inside_cloudformation_s_hour() -> None:
    account = WiredAccount(HOURS)
    account.train(WANTED.but(rungs=4))
    times = sorted(account.lifecycle.answered_at.values())
    assert max(after - before for before, after in itertools.pairwise(times)) < timedelta(minutes=55)


def test_the_last_rung_says_how_to_go_on_waiting_and_the_same_deploy_does() -> None:
    account = WiredAccount(HOURS)
    assert account.train(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "45 min", "deploy", "max_training_hours")
    assert account.train(WANTED.but(rungs=2)) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_rung_changes_nothing() -> None:
    account = WiredAccount(HOURS)
    account.train(WANTED.but(rungs=4))
    account.destroy()
    assert account.changes() == ["CreateModelCustomizationJob"]


def test_a_training_that_fails_late_fails_the_rung_that_waits_then() -> None:
    account = WiredAccount(HOURS)
    account.deploy(WANTED.but(rungs=0, model_units=None))
    account.bedrock.stop_model_customization_job(jobIdentifier=WANTED.training_name)
    assert account.train(WANTED.but(rungs=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "attempt")


def test_a_model_that_is_not_seen_yet_is_waited_for_though_nobody_tells_when_its_job_ended() -> None:
    account = WiredAccount(HOURS)
    faults = account.lifecycle.simulated.faults
    faults.add(OmissionFault("GetModelCustomizationJob", members=("endTime",)))
    faults.add(UnseenFault("get", 120, "model"))
    assert account.train(WANTED.but(rungs=4)) == "CREATE_COMPLETE"
    assert states(account)[-1] == "ready"


def test_a_model_that_was_deleted_is_told_within_minutes_though_nobody_tells_when_its_job_ended() -> None:
    account = WiredAccount()
    account.lifecycle.simulated.faults.add(OmissionFault("GetModelCustomizationJob", members=("endTime",)))
    assert account.train(WANTED.but(rungs=0)) == "CREATE_COMPLETE"
    account.lifecycle.pass_time(timedelta(hours=1))
    account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)
    began = account.lifecycle.now
    assert account.train(WANTED.but(rungs=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "deleted", "attempt")
    assert account.lifecycle.now - began < timedelta(minutes=15)


def test_a_wait_step_has_nothing_to_undo() -> None:
    account = WiredAccount(HOURS)
    with pytest.raises(Refusal):
        TrainingAwait(Bedrock(account.lifecycle.client)).undo(any_turn(any_event(ResourceType=contract.TRAINING_AWAIT)))
    assert account.changes() == []
