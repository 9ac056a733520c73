"""Several threads at once, and a world that calls back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from sandbox.bedrock import SimulatedBedrock
from sandbox.bedrock.lifecycle import throughputs
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import ThroughputStatus
from tests.support.bedrock_client import ACCOUNT, REGION, client
from tests.unit.simulated_bedrock.scenario import Account


def in_another_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(timeout=20)


def test_an_event_target_may_call_bedrock_before_the_delivery_returns(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    emit = account.world.emit

    def emit_and_look(*args: Any) -> None:
        emit(*args)
        seen.append(in_another_thread(account.job)["status"])

    monkeypatch.setattr(account.world, "emit", emit_and_look)
    account.create_job()
    account.pass_time()
    account.simulated.settle()
    assert seen == ["InProgress", "Completed"]


def test_a_read_that_leads_back_to_bedrock_is_answered_and_not_deadlocked(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = SimulatedBedrock(account.clock, account.world, account.settings, patience_seconds=0.05)
    account.simulated, account.bedrock = simulated, client(simulated, "bedrock")
    read = account.world.read_object
    seen = []

    def look_and_read(*args: Any) -> bytes:
        seen.append(in_another_thread(account.job)["status"])
        return read(*args)

    monkeypatch.setattr(account.world, "read_object", look_and_read)
    account.create_job()
    account.pass_time()
    assert account.job()["status"] == "Completed"
    assert seen == ["InProgress", "InProgress"]


def test_a_world_may_call_back_in_the_same_thread(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    read = account.world.read_object
    monkeypatch.setattr(account.world, "read_object", lambda *args: (account.job(), read(*args))[1])
    account.create_job()
    account.pass_time()
    assert account.job()["status"] == "Completed"


def test_a_stop_during_the_reading_wins(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    read = account.world.read_object

    def stop_and_read(*args: Any) -> bytes:
        if account.job()["status"] == "InProgress":
            account.bedrock.stop_model_customization_job(jobIdentifier="job")
        return read(*args)

    monkeypatch.setattr(account.world, "read_object", stop_and_read)
    account.create_job()
    account.pass_time()
    account.job()
    account.pass_time()
    assert account.job()["status"] == "Stopped"
    assert account.job()["statusDetails"]["dataProcessingDetails"]["status"] == "NotStarted"


def test_many_threads_do_everything_once(account: Account) -> None:
    clients = [client(account.simulated, "bedrock") for _ in range(4)]
    for number in range(5):
        account.create_job(f"job{number}")
    barrier = threading.Barrier(4)

    def poll(bedrock: Any) -> None:
        barrier.wait(timeout=10)
        for _ in range(15):
            account.simulated.settle()
            bedrock.list_model_customization_jobs()
            account.simulated.handle_control("clock", {"advance_seconds": 300})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(poll, clients))
    account.pass_time()
    account.simulated.settle()
    assert sorted(account.job_statuses()) == ["Completed"] * 5 + ["InProgress"] * 5
    assert len(account.world.assumed_for) == 5 * 4


def test_what_is_no_longer_due_does_not_happen(account: Account) -> None:
    model_arn = account.tuned_model()
    arn = account.throughput(model_arn)
    region = account.simulated._simulation.region(Scope(ACCOUNT, REGION))
    throughput = region.throughputs[arn]
    due = account.clock.now() + timedelta(minutes=10)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
    throughputs.step(account.simulated._simulation, throughput, due)
    assert throughput.status is ThroughputStatus.CREATING
