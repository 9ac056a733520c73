"""One turn: the lease is taken, the resource acts once, and the step says what comes next."""

from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.engine.engine import StackView, Turn
from bedrock_lifecycle.engine.outcome import Again, Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.request import Request
from tests.support.calls import client_error
from tests.support.events import any_event
from tests.support.messages import says
from tests.support.turns import AnyStacks, Scripted, Turns

ANY = contract.TRAINING_AWAIT
THROTTLED = client_error("ThrottlingException", "slow down", 429, "Any")
QUOTA = client_error("ServiceQuotaExceededException", "the quota is 0", 400, "Any")
OVERDUE = timedelta(minutes=52)
TWO_MINUTES = timedelta(minutes=2)


def turns_of(resource: Scripted) -> Turns:
    return Turns(resource, ANY)


def test_what_is_settled_is_answered_with_its_attributes() -> None:
    turns = turns_of(Scripted(Settled({"State": "ready"}, "done")))
    assert turns.turn(turns.taken_up(any_event())) == {
        "next": "answer",
        "status": "SUCCESS",
        "physicalId": "derived",
        "reason": "done",
        "attributes": {"State": "ready"},
    }


def test_what_waits_is_looked_at_again_when_it_says() -> None:
    turns = turns_of(Scripted(Waiting("soon", 7)))
    assert turns.turn(turns.taken_up(any_event())) == {"next": "wait", "seconds": 7, "detail": "soon"}


def test_what_waits_without_a_time_is_looked_at_at_the_usual_interval() -> None:
    turns = turns_of(Scripted(Waiting("later")))
    state = turns.taken_up(any_event())
    assert turns.turn(state)["seconds"] == 10
    turns.pass_time(timedelta(minutes=5))
    assert turns.turn(state)["seconds"] == 30


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Failed("no"), "no"),
        (Refusal("choose another name"), "choose another name"),
        (BadProperty("property Any: expected text, received nothing"), "property Any: expected text, received nothing"),
        (QUOTA, "ServiceQuotaExceededException: the quota is 0"),
    ],
)
def test_what_is_definite_is_answered_at_once(outcome: Outcome | Exception, reason: str) -> None:
    turns = turns_of(Scripted(outcome))
    step = turns.turn(turns.taken_up(any_event()))
    assert (step["next"], step["status"], step["reason"], step["attributes"]) == ("answer", "FAILED", reason, {})


@pytest.mark.parametrize("outcome", [Again("not now"), THROTTLED])
def test_what_passes_by_itself_is_waited_for(outcome: Exception) -> None:
    turns = turns_of(Scripted(outcome, Settled()))
    state = turns.taken_up(any_event())
    assert turns.turn(state)["next"] == "wait"
    assert turns.turn(state)["status"] == "SUCCESS"


def test_a_bug_of_ours_is_raised_for_the_workflow_to_retry_and_the_lease_is_given_back() -> None:
    turns = turns_of(Scripted(KeyError("any"), Settled()))
    state = turns.taken_up(any_event())
    with pytest.raises(KeyError):
        turns.turn(state, "first")
    assert turns.turn(state, "second")["status"] == "SUCCESS"


UNAWAITED = [
    ("Create", "ROLLBACK_IN_PROGRESS"),
    ("Create", "CREATE_COMPLETE"),
    ("Create", "DELETE_COMPLETE"),
    ("Update", "UPDATE_COMPLETE"),
    ("Update", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    ("Update", "DELETE_IN_PROGRESS"),
    ("Delete", "UPDATE_COMPLETE"),
    ("Delete", "DELETE_COMPLETE"),
]


@pytest.mark.parametrize(("kind", "status"), UNAWAITED)
def test_what_cloudformation_does_not_wait_for_is_not_acted_on_and_fails_after_two_minutes(
    kind: str, status: str
) -> None:
    resource = Scripted(Settled())
    turns = turns_of(resource)
    turns.stacks.now_is = status
    state = turns.taken_up(any_event(RequestType=kind, PhysicalResourceId="any"))
    step = turns.turn(state)
    assert (step["next"], step["seconds"], says(step["detail"], status)) == ("wait", 10, True)
    turns.pass_time(TWO_MINUTES - timedelta(seconds=1))
    assert turns.turn(state)["next"] == "wait"
    turns.pass_time(timedelta(seconds=1))
    step = turns.turn(state)
    assert (step["next"], step["status"]) == ("answer", "FAILED")
    assert says(step["reason"], status)
    assert (resource.turns, resource.undone) == ([], 0)


def test_a_stack_whose_status_was_a_moment_old_is_served() -> None:
    turns = turns_of(Scripted(Settled()))
    turns.stacks.now_is = "UPDATE_COMPLETE"
    state = turns.taken_up(any_event(RequestType="Update", PhysicalResourceId="any"))
    assert turns.turn(state)["next"] == "wait"
    turns.stacks.now_is = "UPDATE_IN_PROGRESS"
    assert turns.turn(state)["status"] == "SUCCESS"


def test_what_was_made_for_a_stack_that_no_longer_waits_is_undone() -> None:
    resource = Scripted(Waiting("any is Creating"))
    resource.creates = "thing"
    turns = turns_of(resource)
    state = turns.taken_up(any_event())
    turns.turn(state)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    turns.pass_time(TWO_MINUTES)
    assert turns.turn(state)["next"] == "wait"
    step = turns.turn(state)
    assert (step["status"], resource.undone, len(resource.turns)) == ("FAILED", 1, 1)
    assert says(step["reason"], "ROLLBACK_IN_PROGRESS")


def test_an_undo_that_has_begun_goes_on_whatever_the_stack_does() -> None:
    resource = Scripted(Failed("no capacity"), undoing=Waiting("being deleted"))
    resource.creates = "thing"
    turns = turns_of(resource)
    state = turns.taken_up(any_event())
    turns.turn(state)
    turns.stacks.now_is = "ROLLBACK_COMPLETE"
    turns.pass_time(TWO_MINUTES)
    assert turns.turn(state)["detail"] == "being deleted"
    resource.undoing = Settled()
    assert turns.turn(state)["reason"] == "no capacity"


def test_a_stack_whose_status_cannot_be_told_is_asked_again() -> None:
    class Throttled(AnyStacks):
        def status(self, stack_id: str) -> str:
            if self.now_is == "throttled":
                raise THROTTLED
            return super().status(stack_id)

    resource = Scripted(Settled())
    turns = turns_of(resource)
    turns.engine._stacks = turns.stacks = Throttled("throttled")
    state = turns.taken_up(any_event())
    assert turns.turn(state)["detail"] == "ThrottlingException: slow down"
    assert resource.turns == []
    turns.stacks.now_is = "CREATE_IN_PROGRESS"
    assert turns.turn(state)["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("kind", "physical_id", "status"),
    [
        ("Delete", "none", "SUCCESS"),
        ("Delete", "Purchase-000000000001", "SUCCESS"),
        ("Delete", "training-await/v1/Await1", "FAILED"),
        ("Update", "none", "FAILED"),
        ("Create", ..., "FAILED"),
    ],
)
def test_the_delete_of_what_was_refused_for_its_properties_has_nothing_to_delete(
    kind: str, physical_id: Any, status: str
) -> None:
    turns = turns_of(Scripted(BadProperty("property Any: expected text, received nothing")))
    turns.stacks.now_is = "DELETE_IN_PROGRESS" if kind == "Delete" else "UPDATE_IN_PROGRESS"
    step = turns.turn(turns.taken_up(any_event(RequestType=kind, PhysicalResourceId=physical_id)))
    assert step["status"] == status
    assert says(step["reason"], "Any")


def test_a_delete_that_is_refused_for_another_reason_fails_though_its_id_is_foreign() -> None:
    turns = turns_of(Scripted(Refusal("it is committed")))
    turns.stacks.now_is = "DELETE_IN_PROGRESS"
    step = turns.turn(turns.taken_up(any_event(RequestType="Delete", PhysicalResourceId="none")))
    assert (step["status"], step["reason"]) == ("FAILED", "it is committed")


def test_a_turn_knows_what_any_request_of_its_resource_set_out_to_create() -> None:
    resource = Scripted(Waiting("any"))
    turns = turns_of(resource)
    turns.turn(turns.taken_up(any_event(RequestId="makes nothing")))
    resource.creates = "thing"
    turns.turn(turns.taken_up(any_event(RequestId="makes a thing")))
    resource.creates = "other"
    turns.turn(turns.taken_up(any_event(RequestId="makes another")))
    resource.creates = ""
    turns.turn(turns.taken_up(any_event(RequestId="looks")))
    other = turns.taken_up(any_event(RequestId="looks elsewhere", LogicalResourceId="Await2"))
    turns.turn(other)
    assert [turn.known.made for turn in resource.turns] == [
        frozenset(),
        frozenset({"thing"}),
        frozenset({"thing", "other"}),
        frozenset({"thing", "other"}),
        frozenset(),
    ]


def test_an_older_request_ends_without_a_look_once_a_newer_one_is_there() -> None:
    resource = Scripted(Settled())
    turns = turns_of(resource)
    older = turns.taken_up(any_event())
    turns.taken_up(any_event(RequestId="newer", RequestType="Delete", PhysicalResourceId="any"))
    assert turns.turn(older) == {"next": "end"}
    assert resource.turns == []


def test_a_request_that_is_delivered_after_a_newer_one_ends_without_a_look() -> None:
    resource = Scripted(Settled())
    turns = turns_of(resource)
    turns.stacks.now_is = "UPDATE_IN_PROGRESS"
    newer = turns.taken_up(
        any_event(RequestId="newer", ResponseURL="https://any.example/any?X-Amz-Date=20241115T115959Z")
    )
    older = turns.taken_up(any_event(ResponseURL="https://any.example/any?X-Amz-Date=20241115T115900Z"))
    assert turns.turn(older) == {"next": "end"}
    assert resource.turns == []
    assert turns.turn(newer)["status"] == "SUCCESS"


def test_a_newer_request_waits_for_the_lease_of_a_run_that_may_still_act() -> None:
    resource = Scripted(Settled())
    turns = turns_of(resource)
    older = turns.taken_up(any_event())
    turns.ledger.take_lease(Request.parse(older["event"]), older["generation"], "still running")
    newer = turns.taken_up(any_event(RequestId="newer", RequestType="Delete", PhysicalResourceId="any"))
    step = turns.turn(newer)
    assert (step["next"], step["seconds"]) == ("wait", 41)
    turns.pass_time(timedelta(seconds=41))
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    assert turns.turn(newer)["status"] == "SUCCESS"


def test_a_failed_update_is_answered_with_the_id_that_cloudformation_knows() -> None:
    turns = turns_of(Scripted(Failed("no")))
    turns.stacks.now_is = "UPDATE_IN_PROGRESS"
    state = turns.taken_up(any_event(RequestType="Update", PhysicalResourceId="known"))
    assert turns.turn(state)["physicalId"] == "known"


def test_a_settled_update_is_answered_with_the_id_that_the_front_door_chose() -> None:
    turns = turns_of(Scripted(Settled()))
    turns.stacks.now_is = "UPDATE_IN_PROGRESS"
    state = turns.taken_up(any_event(RequestType="Update", PhysicalResourceId="known"), "replacement")
    assert turns.turn(state)["physicalId"] == "replacement"


def test_what_is_not_settled_by_the_deadline_fails_with_what_it_was_waiting_for() -> None:
    turns = turns_of(Scripted(Waiting("any is Creating")))
    state = turns.taken_up(any_event())
    turns.pass_time(OVERDUE - timedelta(seconds=1))
    assert turns.turn(state)["next"] == "wait"
    turns.pass_time(timedelta(seconds=1))
    assert says(turns.turn(state)["reason"], "52 min", "any is Creating")


def test_what_a_failed_request_made_is_undone_before_it_is_answered() -> None:
    resource = Scripted(Failed("no capacity"), undoing=Waiting("being deleted"))
    resource.creates = "thing"
    turns = turns_of(resource)
    state = turns.taken_up(any_event())
    step = turns.turn(state)
    assert (step["next"], step["seconds"], resource.undone) == ("wait", 1, 0)
    assert turns.turn(state)["detail"] == "being deleted"
    resource.undoing = Settled()
    assert turns.turn(state)["reason"] == "no capacity"
    # Once condemned, it is never tried again.
    assert (len(resource.turns), resource.undone) == (1, 2)


def test_what_made_nothing_has_nothing_to_undo() -> None:
    resource = Scripted(Failed("no"))
    turns = turns_of(resource)
    turns.turn(turns.taken_up(any_event()))
    assert resource.undone == 0


@pytest.mark.parametrize(
    ("undoing", "left"), [(Refusal("it is committed"), "it is committed"), (QUOTA, "ServiceQuotaExceededException")]
)
def test_what_cannot_be_undone_is_told_as_still_billing(undoing: Exception, left: str) -> None:
    resource = Scripted(Failed("no capacity"), undoing=undoing)
    resource.creates = "thing"
    turns = turns_of(resource)
    state = turns.taken_up(any_event())
    turns.turn(state)
    assert says(turns.turn(state)["reason"], "no capacity", "thing", "billed", left)


def test_undoing_ends_inside_cloudformation_s_hour_whether_or_not_it_is_done() -> None:
    resource = Scripted(Waiting("any is Creating"), undoing=THROTTLED)
    resource.creates = "thing"
    turns = turns_of(resource)
    state = turns.taken_up(any_event())
    turns.turn(state)
    turns.pass_time(OVERDUE)
    assert turns.turn(state)["next"] == "wait"
    assert turns.turn(state)["next"] == "wait"
    turns.pass_time(timedelta(minutes=5))
    assert says(turns.turn(state)["reason"], "52 min", "any is Creating", "thing", "billed", "slow down")


def test_nothing_is_created_by_a_run_that_lost_its_lease() -> None:
    class Overslept(Scripted):
        def reconcile(self, turn: object) -> Outcome:
            turns.pass_time(timedelta(seconds=41))
            turns.ledger.take_lease(Request.parse(any_event()), 1, "another run")
            turn.about_to_create("thing")  # type: ignore[attr-defined]
            raise AssertionError("it creates without the lease")

    turns = turns_of(Overslept(Settled()))
    assert says(turns.turn(turns.taken_up(any_event()))["detail"], "lease")


def test_what_is_created_again_counts_as_young_from_then_on() -> None:
    resource = Scripted(Waiting("any"))
    resource.creates = "thing"
    turns = turns_of(resource)
    state = turns.taken_up(any_event())
    turns.turn(state)
    turns.pass_time(timedelta(minutes=4))
    turns.turn(state)
    turns.pass_time(timedelta(minutes=4))
    resource.creates = ""
    turns.turn(state)
    turns.pass_time(timedelta(minutes=1))
    turns.turn(state)
    assert [turn.known.unseen(turn.now) for turn in resource.turns[2:]] == [frozenset({"thing"}), frozenset()]


@pytest.mark.parametrize(
    ("kind", "status", "seen"),
    [
        ("Create", "CREATE_IN_PROGRESS", (False, False)),
        ("Create", "UPDATE_IN_PROGRESS", (False, False)),
        ("Update", "UPDATE_IN_PROGRESS", (False, False)),
        ("Update", "UPDATE_ROLLBACK_IN_PROGRESS", (True, False)),
        ("Delete", "DELETE_IN_PROGRESS", (False, True)),
        ("Delete", "ROLLBACK_IN_PROGRESS", (False, True)),
        ("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", (False, False)),
        ("Delete", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", (False, False)),
    ],
)
def test_a_turn_sees_what_its_stack_is_doing(kind: str, status: str, seen: tuple[bool, bool]) -> None:
    resource = Scripted(Settled())
    turns = turns_of(resource)
    turns.stacks.now_is = status
    turns.turn(turns.taken_up(any_event(RequestType=kind, PhysicalResourceId="any")))
    (turn,) = resource.turns
    assert (turn.is_rollback, turn.stack_goes) == seen
    assert (turn.stack_status, turn.is_awaited) == (status, True)
    assert turn.stack_goes_for_good() is (status == "DELETE_IN_PROGRESS")


def test_the_stack_s_status_is_asked_for_once_a_turn() -> None:
    class Counting(AnyStacks):
        asked = 0

        def status(self, stack_id: str) -> str:
            self.asked += 1
            return super().status(stack_id)

    resource = Scripted(Settled())
    turns = turns_of(resource)
    counting: StackView = Counting()
    turns.engine._stacks = counting
    turns.turn(turns.taken_up(any_event()))
    assert [resource.turns[0].is_awaited for _ in range(3)] == [True] * 3
    assert counting.asked == 1  # type: ignore[attr-defined]


def test_what_was_asked_for_in_place_is_written_down_once() -> None:
    writes: list[int] = []

    class Asking(Scripted):
        def reconcile(self, turn: Turn) -> Outcome:
            for what in ("one", "one", "other"):
                before = turns.table.writes
                turn.has_asked_for(what)
                assert turn.entry.asked == what
                writes.append(turns.table.writes - before)
            return super().reconcile(turn)

    turns = turns_of(Asking(Settled()))
    turns.turn(turns.taken_up(any_event()))
    assert writes == [1, 0, 1]
