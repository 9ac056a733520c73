"""A state machine's definition, read from its template and walked by hand."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.synth.templates import Json, readable


class NoChoiceMatched(Exception):
    """What Step Functions calls `States.NoChoiceMatched`: the execution fails."""


class StateMachine:
    """The definition of one state machine."""

    def __init__(self, properties: Json) -> None:
        self._definition: Json = json.loads(readable(properties["DefinitionString"]))
        self.start_at: str = self._definition["StartAt"]
        self.timeout_seconds: int | None = self._definition.get("TimeoutSeconds")
        self.states: dict[str, Json] = self._definition["States"]

    def tasks(self) -> dict[str, Json]:
        return {name: state for name, state in self.states.items() if state["Type"] == "Task"}

    def after(self, name: str, data: Mapping[str, Any]) -> str | None:
        """Return the state in which an execution with this data stops after `name`, choices passed; None: the end."""
        state = self.states[name]
        if state.get("End") or state["Type"] == "Succeed":
            return None
        return self._through_choices(state["Next"], data)

    def after_failure(self, name: str, data: Mapping[str, Any]) -> str:
        """Return the state in which an execution stops after a task that failed for good."""
        (caught,) = self.states[name]["Catch"]
        return self._through_choices(caught["Next"], data)

    def starting_with(self, data: Mapping[str, Any]) -> str:
        """Return the first state that is no choice."""
        return self._through_choices(self.start_at, data)

    def reachable(self) -> set[str]:
        """Return every state that an execution can get to."""
        found: set[str] = set()
        left = [self.start_at]
        while left:
            name = left.pop()
            if name not in found:
                found.add(name)
                left.extend(_targets(self.states[name]))
        return found

    def _through_choices(self, name: str, data: Mapping[str, Any]) -> str:
        while self.states[name]["Type"] == "Choice":
            name = _chosen(self.states[name], data)
        return name


def _chosen(choice: Json, data: Mapping[str, Any]) -> str:
    for rule in choice["Choices"]:
        if _holds(rule, data):
            chosen: str = rule["Next"]
            return chosen
    if "Default" not in choice:
        raise NoChoiceMatched
    default: str = choice["Default"]
    return default


def _holds(rule: Json, data: Mapping[str, Any]) -> bool:
    if "Or" in rule:
        return any(_holds(each, data) for each in rule["Or"])
    assert rule.keys() - {"Next"} == {"Variable", "StringEquals"}, f"this does not understand {rule}"
    value: Any = data
    for part in rule["Variable"].removeprefix("$.").split("."):
        value = value[part]
    return bool(value == rule["StringEquals"])


def _targets(state: Json) -> Iterator[str]:
    for each in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (each[key] for key in ("Next", "Default") if key in each)
