"""A training that does not start has words of its own, and is announced once while a deployment waits."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from bedrock_lifecycle import contract
from bedrock_lifecycle.resources.announcement import Announcement
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.training_await import TrainingAwait
from tests.support.calls import client_error
from tests.support.events import any_event
from tests.support.turns import Turns
from tests.support.wired import QUICK, WANTED, WiredAccount

NAME = WANTED.training_name
HOUR = timedelta(hours=1)


class Waiting:
    """A rung that stands when a job is so old; `starts` tells whether its training has begun."""

    def __init__(self, *, rung: int = 1, age: timedelta, starts: bool = False, status: str = "InProgress") -> None:
        account = WiredAccount(QUICK)
        account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
        account.make_job(WANTED, {})
        job = account.job(WANTED)
        self.announced: list[tuple[str, str]] = []
        client = account.lifecycle.client
        details = {"trainingDetails": {"status": "InProgress" if starts else "NotStarted"}}

        def told(parsed: dict[str, Any], **_: object) -> None:
            parsed |= {"status": status, "statusDetails": details, "creationTime": self.turns.table.now - self.age}

        self.age = age
        assert job["status"] == "InProgress"
        client.meta.events.register("after-call.bedrock.GetModelCustomizationJob", told)
        self.turns = Turns(
            TrainingAwait(Bedrock(client), lambda name, role: self.announced.append((name, role))),
            contract.TRAINING_AWAIT,
        )
        self.state = self.turns.taken_up(
            any_event(
                ResourceType=contract.TRAINING_AWAIT,
                LogicalResourceId=f"Await{rung}",
                ResourceProperties={"TrainingName": NAME, "Rung": rung, "Rungs": 3},
            )
        )

    def turn(self) -> dict[str, Any]:
        return self.turns.turn(self.state)

    def pass_time(self, span: timedelta) -> None:
        self.age += span
        self.turns.pass_time(span)


def test_a_training_that_has_not_begun_after_hours_says_so_with_what_can_be_done() -> None:
    detail = Waiting(age=5 * HOUR).turn()["detail"]
    for word in (NAME, "5 h", "stop-model-customization-job", "attempt", "not started"):
        assert word in detail
    assert len(detail.splitlines()) == 1


@pytest.mark.parametrize("waiting", [Waiting(age=5 * HOUR, starts=True), Waiting(age=2 * HOUR)], ids=["begun", "young"])
def test_a_training_that_has_begun_or_is_young_is_merely_running(waiting: Waiting) -> None:
    assert "not started" not in waiting.turn()["detail"]
    assert waiting.announced == []


def test_it_is_announced_once_on_the_rung_that_stands_when_it_becomes_late() -> None:
    waiting = Waiting(rung=2, age=2 * HOUR + timedelta(minutes=50))
    waiting.turn()
    assert waiting.announced == []
    waiting.pass_time(timedelta(minutes=15))
    waiting.turn()
    waiting.turn()
    assert waiting.announced == [(NAME, WANTED.role_arn)]


def test_the_rungs_after_it_say_it_again_only_in_their_words() -> None:
    waiting = Waiting(rung=3, age=4 * HOUR)
    assert "not started" in waiting.turn()["detail"]
    assert waiting.announced == []


def test_a_later_deployment_announces_it_on_its_first_rung() -> None:
    waiting = Waiting(rung=1, age=30 * HOUR)
    waiting.turn()
    assert waiting.announced == [(NAME, WANTED.role_arn)]


@pytest.mark.parametrize(("rung", "status", "says"), [(2, "SUCCESS", "not started"), (3, "FAILED", "same deploy")])
def test_when_its_time_is_up_a_rung_hands_on_and_the_last_one_says_how_to_go_on(
    rung: int, status: str, says: str
) -> None:
    waiting = Waiting(rung=rung, age=5 * HOUR)
    waiting.turn()
    waiting.pass_time(timedelta(minutes=46))
    answer = waiting.turn()
    assert answer["status"] == status
    assert says in answer["reason"]
    assert "not started" in answer["reason"]


class Events:
    """EventBridge, as far as an announcement needs it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.entries: list[dict[str, str]] = []
        self._error = error

    def put_events(self, *, Entries: list[dict[str, str]]) -> None:  # noqa: N803 - the API's name
        if self._error:
            raise self._error
        self.entries += Entries


def test_an_announcement_names_the_job_and_nothing_else() -> None:
    events = Events()
    Announcement(events).not_started(NAME, "any-role")
    assert events.entries == [
        {
            "Source": "bedrock-tuning",
            "DetailType": "Training Not Started",
            "Detail": json.dumps({"jobName": NAME, "roleArn": "any-role"}),
        }
    ]


@pytest.mark.parametrize(
    "error",
    [client_error("AccessDeniedException", "no", 400, "PutEvents"), EndpointConnectionError(endpoint_url="any")],
)
def test_an_announcement_that_cannot_be_made_fails_nothing(error: Exception) -> None:
    announce: Callable[[str, str], None] = Announcement(Events(error)).not_started
    announce(NAME, "any-role")
