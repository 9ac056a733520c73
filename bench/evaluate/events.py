"""How many events the histories of a run have, counted from the definition of its state machine.

Each state leaves as many events as its type does (Step Functions developer guide, "Execution history": entered, exited,
and what it does in between). A history may have 25,000 of them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MOST: Final = 25_000
_OF_A_STATE: Final = {"Task": 5, "Choice": 2, "Wait": 2, "Pass": 2, "Fail": 1, "Succeed": 2, "Parallel": 4, "Map": 4}
# Scheduled, started, failed: of a try of a task that is repeated.
_OF_A_TRY: Final = 3
_OF_A_MAP_RUN: Final = 2
_OF_AN_ITERATION: Final = 2
_OF_AN_EXECUTION: Final = 2

State = Mapping[str, Any]


def definition() -> State:
    """Return the definition of the workflow, as a template has it."""
    # It takes seconds, and what only counts events needs none of it.
    import aws_cdk as cdk
    from aws_cdk.assertions import Template

    from bedrock_tuning.data.data_store import DataStore
    from bedrock_tuning.evaluation.evaluation_workflow import EvaluationWorkflow
    from bedrock_tuning.lifecycle.ledger import Ledger

    stack = cdk.Stack(cdk.App(), "Bench")
    data_store = DataStore(stack, "Data")
    ledger = Ledger(stack, "Ledger", key=data_store.key)
    EvaluationWorkflow(stack, "Workflow", data_store=data_store, ledger=ledger, model_ids=["any"])
    (machine,) = Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").values()
    parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    found: State = json.loads("".join(each if isinstance(each, str) else "any" for each in parts))
    return found


def at_once(its: State, name: str) -> int:
    """Return how many children the distributed map `name` has at once at most."""
    return next(int(each["MaxConcurrency"]) for found, each in _maps(its) if found == name)


def of_child(its: State, name: str, *, functions: int, waits: int, kills: int) -> int:
    """Return the events of a child of the distributed map `name`, whose task ran so often.

    functions: How often its function ran; kills: how many of these were ended by Lambda, and tried again.
    """
    processor = next(each for found, each in _maps(its) if found == name)["ItemProcessor"]
    loop = {state["Type"]: _OF_A_STATE[state["Type"]] for state in processor["States"].values()}
    rounds = functions - kills
    walked = rounds * (loop["Task"] + loop["Choice"]) + waits * loop["Wait"] + loop["Pass"]
    return _OF_AN_EXECUTION + walked + kills * _OF_A_TRY


def of_run(its: State, *, targets: int, looks: int) -> int:
    """Return the events of the run itself, with so many looks at the candidate until it stands and until it is gone."""
    return _OF_AN_EXECUTION + sum(_of_states(its["States"], targets=targets, looks=looks))


def _of_states(states: Mapping[str, State], *, targets: int, looks: int) -> Iterator[int]:
    for name, state in states.items():
        times = looks if _is_looked_at_again(name, states) else 1
        yield times * _OF_A_STATE[state["Type"]]
        for branch in state.get("Branches", ()):
            yield from _of_states(branch["States"], targets=targets, looks=looks)
        if state["Type"] != "Map":
            continue
        if _is_distributed(state):
            yield _OF_A_MAP_RUN
        else:
            inner = sum(_of_states(state["ItemProcessor"]["States"], targets=targets, looks=looks))
            yield targets * (inner + _OF_AN_ITERATION)


def _is_looked_at_again(name: str, states: Mapping[str, State]) -> bool:
    """Tell whether a state is in a loop: whether it comes again after itself."""
    seen: set[str] = set()
    left = list(_next(states[name]))
    while left:
        each = left.pop()
        if each not in seen:
            seen.add(each)
            left.extend(_next(states[each]))
    return name in seen


def _next(state: State) -> Sequence[str]:
    choices = [each["Next"] for each in state.get("Choices", ())]
    return [*choices, *(state[key] for key in ("Next", "Default") if key in state)]


def _maps(its: State) -> Iterator[tuple[str, State]]:
    for name, state in its["States"].items():
        for inner in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
            yield from _maps(inner)
        if state["Type"] == "Map":
            yield name, state


def _is_distributed(state: State) -> bool:
    return bool(state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED")
