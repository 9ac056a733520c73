"""The front door starts one workflow a request, and answers at once what can never work."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Engine
from bedrock_lifecycle.engine.front_door import FrontDoor
from bedrock_lifecycle.engine.ledger import Ledger
from bedrock_lifecycle.engine.record import Record
from bedrock_lifecycle.resources import registry
from tests.support.calls import client_error
from tests.support.events import RESPONSE_URL, any_event, any_request, throughput_properties
from tests.support.memory_table import MemoryTable
from tests.support.messages import says


class _Exceptions:
    class ExecutionAlreadyExists(Exception):
        """A name that was used before."""


class StepFunctions:
    """Starts executions; `error` is raised after the start, as when an answer is lost."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.started: dict[str, dict[str, Any]] = {}
        self.error: Exception | None = None

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        assert stateMachineArn == "any-arn"
        if name in self.started:
            raise self.exceptions.ExecutionAlreadyExists
        self.started[name] = json.loads(input)
        if self.error:
            raise self.error


class House:
    """A front door with everything around it."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.ledger = Ledger(self.table, lease_seconds=40)
        self.step_functions = StepFunctions()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        client: Any = self.step_functions
        self.front_door = FrontDoor(self.ledger, client, "any-arn", registry.physical_id, self.send)

    def send(self, url: str, body: bytes) -> bool:
        self.sent.append((url, json.loads(body)))
        return True

    @property
    def answer(self) -> dict[str, Any]:
        ((url, body),) = self.sent
        assert url == RESPONSE_URL
        return body


@pytest.fixture
def house() -> House:
    return House()


def test_a_request_starts_one_workflow_with_all_that_it_needs(house: House) -> None:
    event = any_event()
    house.front_door.accept(event)
    (state,) = house.step_functions.started.values()
    assert state == {"event": event, "generation": 1, "physicalId": "training-await/v1/Await1"}
    assert house.sent == []


def test_a_duplicate_delivery_starts_nothing_and_is_not_answered(house: House) -> None:
    for _ in range(3):
        house.front_door.accept(any_event())
    assert len(house.step_functions.started) == 1
    assert house.sent == []
    assert house.table.records[any_request().resource_key].generation == 1


def test_the_next_request_for_the_resource_has_the_next_generation(house: House) -> None:
    house.front_door.accept(any_event())
    house.front_door.accept(any_event(RequestId="next", RequestType="Delete", PhysicalResourceId="foreign"))
    assert [state["generation"] for state in house.step_functions.started.values()] == [1, 2]
    assert [state["physicalId"] for state in house.step_functions.started.values()][1] == "foreign"


def test_a_workflow_that_cannot_be_started_is_raised_so_that_the_event_comes_again(house: House) -> None:
    house.step_functions.error = client_error(
        "AccessDeniedException", "no states:StartExecution", 400, "StartExecution"
    )
    with pytest.raises(ClientError, match="states:StartExecution"):
        house.front_door.accept(any_event())
    assert house.sent == []


def test_a_start_whose_answer_was_lost_is_done_when_the_event_comes_again(house: House) -> None:
    house.step_functions.error = ReadTimeoutError(endpoint_url="https://any")
    with pytest.raises(ReadTimeoutError):
        house.front_door.accept(any_event())
    house.front_door.accept(any_event())
    (state,) = house.step_functions.started.values()
    assert state["generation"] == 1
    assert house.sent == []


def test_a_ledger_that_cannot_be_reached_is_raised_before_anything_starts(house: House) -> None:
    class Broken(MemoryTable):
        def write(self, key: str, record: Record) -> bool:
            raise client_error("AccessDeniedException", "no dynamodb:UpdateItem", 400, "UpdateItem")

    client: Any = house.step_functions
    front_door = FrontDoor(Ledger(Broken(), lease_seconds=40), client, "any-arn", registry.physical_id, house.send)
    with pytest.raises(ClientError, match="dynamodb:UpdateItem"):
        front_door.accept(any_event())
    assert (house.sent, house.step_functions.started) == ([], {})


def test_what_failed_has_no_effect_any_more_once_cloudformation_cleans_up(house: House) -> None:
    house.step_functions.error = ReadTimeoutError(endpoint_url="https://any")
    with pytest.raises(ReadTimeoutError):
        house.front_door.accept(any_event())
    house.step_functions.error = None
    house.front_door.accept(any_event(RequestId="clean-up", RequestType="Delete", PhysicalResourceId="none"))
    overtaken, _clean_up = house.step_functions.started.values()
    engine = Engine(house.ledger, NoStacks(), {contract.TRAINING_AWAIT: Untouchable()})
    assert engine.turn(overtaken, "any") == {"next": "end"}


class Untouchable:
    """A resource that no turn may reach."""

    def reconcile(self, _turn: object) -> Any:
        raise AssertionError("a request that was overtaken acts")

    undo = reconcile


class NoStacks:
    def status(self, stack_id: str) -> str:
        raise AssertionError(stack_id)

    def was_complete_once(self, stack_id: str) -> bool:
        raise AssertionError(stack_id)

    def resources(self, stack_id: str) -> list[dict[str, Any]]:
        raise AssertionError(stack_id)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"ResourceType": "Custom::Other"}, ["ResourceType", "Custom::Other"]),
        ({"RequestType": "Replace"}, ["Create", "Update", "Delete", "'Replace'"]),
        ({"ResourceType": ...}, ["ResourceType"]),
        (
            {"ResourceType": contract.PROVISIONED_THROUGHPUT, "ResourceProperties": {"Name": "faq"}},
            ["Environment"],
        ),
        (
            {
                "ResourceType": contract.PROVISIONED_THROUGHPUT,
                "ResourceProperties": throughput_properties(ModelUnits="two"),
            },
            ["ModelUnits", "'two'"],
        ),
    ],
)
def test_a_request_that_cannot_be_read_is_answered(house: House, changes: Mapping[str, Any], named: list[str]) -> None:
    house.front_door.accept(any_event(**changes))
    assert (house.answer["Status"], house.answer["PhysicalResourceId"]) == ("FAILED", "none")
    assert says(house.answer["Reason"], *named)
    assert house.step_functions.started == {}


BROKEN_CHANGES: list[Mapping[str, Any]] = [
    {"ResourceType": "Custom::Other"},
    {"ResourceType": contract.PROVISIONED_THROUGHPUT, "ResourceProperties": {"Name": "faq"}},
    {"ResourceType": contract.MODEL_CUSTOMIZATION, "ResourceProperties": {}},
]


@pytest.mark.parametrize("physical_id", ["none", "Purchase-000000000001"])
@pytest.mark.parametrize("changes", BROKEN_CHANGES)
def test_the_delete_of_what_was_refused_like_this_has_nothing_to_delete(
    house: House, changes: Mapping[str, Any], physical_id: str
) -> None:
    house.front_door.accept(any_event(RequestType="Delete", PhysicalResourceId=physical_id, **changes))
    assert (house.answer["Status"], house.answer["PhysicalResourceId"]) == ("SUCCESS", physical_id)
    assert house.answer["Reason"]
    assert (house.step_functions.started, house.table.records) == ({}, {})


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("changes", BROKEN_CHANGES)
def test_nothing_else_that_cannot_be_read_succeeds(house: House, changes: Mapping[str, Any], kind: str) -> None:
    house.front_door.accept(any_event(RequestType=kind, PhysicalResourceId="any", **changes))
    assert (house.answer["Status"], house.step_functions.started) == ("FAILED", {})


def test_a_delete_with_an_id_of_ours_is_served_though_its_properties_cannot_be_read(house: House) -> None:
    known = "provisioned-throughput/v1/any"
    event = any_event(
        RequestType="Delete",
        PhysicalResourceId=known,
        ResourceType=contract.PROVISIONED_THROUGHPUT,
        ResourceProperties={"Name": "faq"},
    )
    house.front_door.accept(event)
    (state,) = house.step_functions.started.values()
    assert (state["physicalId"], house.sent) == (known, [])


def throughput_event(kind: str, version: str) -> dict[str, Any]:
    return any_event(
        RequestType=kind,
        PhysicalResourceId="any",
        ResourceType=contract.PROVISIONED_THROUGHPUT,
        ResourceProperties=throughput_properties(ContractVersion=version),
    )


NEWER = str(int(contract.LATEST_CONTRACT_VERSION) + 1)


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_template_that_is_newer_than_the_foundation_is_refused_saying_what_to_do(house: House, kind: str) -> None:
    house.front_door.accept(throughput_event(kind, NEWER))
    assert house.answer["Status"] == "FAILED"
    assert says(
        house.answer["Reason"], "ContractVersion", contract.LATEST_CONTRACT_VERSION, NEWER, "deploy", "Foundation"
    )
    assert house.step_functions.started == {}


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("Create", contract.CONTRACT_VERSION),
        ("Create", contract.LATEST_CONTRACT_VERSION),
        ("Update", "0"),
        ("Delete", NEWER),
    ],
)
def test_an_older_template_and_any_delete_are_served_whatever_their_version(
    house: House, kind: str, version: str
) -> None:
    house.front_door.accept(throughput_event(kind, version))
    assert (len(house.step_functions.started), house.sent) == (1, [])


def test_a_version_that_is_no_number_is_refused(house: House) -> None:
    house.front_door.accept(throughput_event("Create", "newest"))
    assert says(house.answer["Reason"], "ContractVersion", "'newest'")


def test_the_delete_of_what_was_never_taken_up_is_served_whatever_its_id(house: House) -> None:
    house.front_door.accept(any_event(RequestType="Delete", PhysicalResourceId="none"))
    (state,) = house.step_functions.started.values()
    assert state["physicalId"] == "none"


def test_an_update_that_cannot_be_read_is_answered_with_the_id_it_came_with(house: House) -> None:
    house.front_door.accept(any_event(RequestType="Update", PhysicalResourceId="known", ResourceType="Custom::Other"))
    assert (house.answer["Status"], house.answer["PhysicalResourceId"]) == ("FAILED", "known")


def test_an_answer_that_cannot_be_sent_is_raised_so_that_the_event_comes_again(house: House) -> None:
    def send(_url: str, _body: bytes) -> bool:
        raise RuntimeError("any")

    client: Any = house.step_functions
    with pytest.raises(RuntimeError):
        FrontDoor(house.ledger, client, "any-arn", registry.physical_id, send).accept(any_event(RequestType="Replace"))


def test_the_front_door_prints_nothing(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    house.front_door.accept(any_event())
    house.front_door.accept(any_event(ResourceType="Custom::Other"))
    assert capfd.readouterr() == ("", "")
