"""The workflow, walked state by state: every way through it ends in an answer, or in a rule that answers."""

import itertools
from typing import Any

import pytest

from bedrock_lifecycle import contract
from tests.synth.foreign import ForeignStack
from tests.synth.lifecycle.asl import NoChoiceMatched, StateMachine
from tests.synth.templates import logical_id, properties

KINDS = {
    contract.MODEL_CUSTOMIZATION: "Reconcile Training",
    contract.TRAINING_AWAIT: "Reconcile Training",
    contract.PROVISIONED_THROUGHPUT: "Reconcile Serving",
    contract.CUSTOM_MODEL_DEPLOYMENT: "Reconcile Serving",
    contract.PROMOTED_MODEL: "Reconcile Serving",
    contract.SERVING_BAKE: "Reconcile Serving",
    contract.EVALUATION: "Reconcile Evaluation",
    contract.EVALUATION_AWAIT: "Reconcile Evaluation",
    contract.QUALITY_GATE: "Reconcile Evaluation",
}
RECONCILERS = sorted(set(KINDS.values()))
CLOUDFORMATIONS_HOUR_SECONDS = 3600


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> ForeignStack:
    return ForeignStack(tmp_path_factory.mktemp("machine"), evaluate_with=["base"])


@pytest.fixture(scope="module")
def machine(foreign: ForeignStack) -> StateMachine:
    workflow = foreign.workflow
    return StateMachine(properties(foreign.template(), workflow.state_machine))


def data(kind: str, request_type: str = "Create", **step: Any) -> dict[str, Any]:
    return {"event": {"ResourceType": kind, "RequestType": request_type}, "step": step}


@pytest.mark.parametrize("kind", KINDS)
def test_starts_with_the_reconciler_of_the_resource_type(machine: StateMachine, kind: str) -> None:
    assert machine.starting_with(data(kind)) == KINDS[kind]


def test_has_a_way_for_every_resource_type_that_it_serves() -> None:
    served = {value for name, value in vars(contract).items() if str(value).startswith("Custom::") and name.isupper()}
    assert served - {contract.DATASET} == KINDS.keys()


def test_runs_the_function_of_each_reconciler(foreign: ForeignStack, machine: StateMachine) -> None:
    for name, reconciler in (
        ("Reconcile Training", foreign.training),
        ("Reconcile Serving", foreign.serving),
        ("Reconcile Evaluation", foreign.evaluation),
    ):
        assert machine.states[name]["Resource"] == f"<{logical_id(reconciler.function.function)}.Arn>"


@pytest.mark.parametrize("state", RECONCILERS)
def test_hands_the_whole_state_to_a_turn_and_keeps_what_it_says(machine: StateMachine, state: str) -> None:
    assert not machine.states[state].keys() & {"Parameters", "InputPath", "OutputPath", "ResultSelector"}
    assert machine.states[state]["ResultPath"] == "$.step"


@pytest.mark.parametrize("state", RECONCILERS)
def test_answers_when_a_turn_says_so(machine: StateMachine, state: str) -> None:
    assert machine.after(state, data("any", next="answer")) == "Respond"


@pytest.mark.parametrize("kind", KINDS)
def test_waits_as_long_as_a_turn_says_and_takes_another(machine: StateMachine, kind: str) -> None:
    waiting = data(kind, next="wait", seconds=7)
    assert machine.after(KINDS[kind], waiting) == "Wait"
    assert machine.states["Wait"]["SecondsPath"] == "$.step.seconds"
    assert machine.after("Wait", waiting) == KINDS[kind]


@pytest.mark.parametrize("state", RECONCILERS)
def test_ends_without_an_answer_only_when_superseded(machine: StateMachine, state: str) -> None:
    assert machine.after(state, data("any", next="end")) == "Superseded"
    assert machine.states["Superseded"]["Type"] == "Succeed"
    ends = {name for name, each in machine.states.items() if each.get("End") or each["Type"] == "Succeed"}
    assert ends == {"Respond", "Superseded"}


@pytest.mark.parametrize("state", RECONCILERS)
def test_dies_rather_than_ending_in_silence_when_a_turn_says_something_else(machine: StateMachine, state: str) -> None:
    with pytest.raises(NoChoiceMatched):
        machine.after(state, data("any", next="settled"))


@pytest.mark.parametrize("state", RECONCILERS)
def test_catches_whatever_ends_a_turn_and_keeps_it_beside_the_state(machine: StateMachine, state: str) -> None:
    (caught,) = machine.states[state]["Catch"]
    assert (caught["ErrorEquals"], caught["ResultPath"]) == (["States.ALL"], "$.failure")


@pytest.mark.parametrize("request_type", ["Create", "Update"])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_with_the_failure_when_a_turn_keeps_failing(
    machine: StateMachine, kind: str, request_type: str
) -> None:
    assert machine.after_failure(KINDS[kind], data(kind, request_type)) == "Respond"


@pytest.mark.parametrize("kind", KINDS)
def test_tries_a_delete_again_after_a_minute_for_as_long_as_there_is_time(machine: StateMachine, kind: str) -> None:
    failed = data(kind, "Delete")
    assert machine.after_failure(KINDS[kind], failed) == "Patience"
    assert machine.states["Patience"]["Type"] == "Wait"
    assert machine.states["Patience"]["Seconds"] == 60
    assert machine.after("Patience", failed) == KINDS[kind]


def test_dies_for_a_resource_type_that_it_does_not_know(machine: StateMachine) -> None:
    # A failed execution is what the rule on the machine's failures answers, see test_lifecycle_workflow.py.
    with pytest.raises(NoChoiceMatched):
        machine.starting_with(data("Custom::SomethingElse"))


def test_answers_with_the_whole_state_and_ends(foreign: ForeignStack, machine: StateMachine) -> None:
    respond = machine.states["Respond"]
    responder = foreign.workflow.node.find_child("Responder").node.find_child("Function")
    assert respond["Parameters"] == {"FunctionName": f"<{logical_id(responder)}.Arn>", "Payload.$": "$"}
    assert respond["End"] is True
    assert "Catch" not in respond


def test_retries_every_task_whatever_its_error(machine: StateMachine) -> None:
    assert machine.tasks().keys() == {*RECONCILERS, "Respond"}
    for name, task in machine.tasks().items():
        (retry,) = task["Retry"]
        assert retry["ErrorEquals"] == ["States.ALL"], name
        assert retry["MaxAttempts"] >= 3, name
        assert retry["BackoffRate"] > 1, name


@pytest.mark.parametrize("state", RECONCILERS)
def test_retries_a_turn_for_longer_than_a_dead_one_holds_its_lease(machine: StateMachine, state: str) -> None:
    assert sum(delays(machine, state)) > contract.LEASE_SECONDS


def test_gives_up_answering_only_when_an_interruption_of_minutes_has_passed(machine: StateMachine) -> None:
    undone_by = (contract.DEADLINE_MINUTES + contract.UNDOING_MINUTES) * 60
    assert 4 * 60 < sum(delays(machine, "Respond")) <= CLOUDFORMATIONS_HOUR_SECONDS - undone_by + 5


def delays(machine: StateMachine, state: str) -> list[float]:
    """Return the longest waits between the attempts of a task."""
    (retry,) = machine.states[state]["Retry"]
    growing = itertools.accumulate(
        range(retry["MaxAttempts"] - 1), lambda last, _: last * retry["BackoffRate"], initial=retry["IntervalSeconds"]
    )
    return [min(each, retry.get("MaxDelaySeconds", each)) for each in growing]


def test_is_over_inside_the_hour_of_cloudformation_whatever_happens(machine: StateMachine) -> None:
    # Then the rule on timed-out executions has a minute or two for its answer.
    assert machine.timeout_seconds is not None
    assert (
        (contract.DEADLINE_MINUTES + contract.UNDOING_MINUTES + 1) * 60
        < machine.timeout_seconds
        <= CLOUDFORMATIONS_HOUR_SECONDS - 90
    )


def test_has_no_state_that_is_never_reached(machine: StateMachine) -> None:
    assert machine.reachable() == machine.states.keys()
