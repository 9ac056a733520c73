"""A run of the evaluation's workflow, walked with functions that answer as told: states, and what each is given."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from tests.synth.templates import Json, readable

RUN = "9c1f6a0b2d3e-1"
"""The name of the run."""

Functions = Mapping[str, Callable[[Json], Json]]
"""What the functions answer, by the states that run them."""


class Failure(Exception):
    """A run, or a part of it, has failed: `error` and `cause` as Step Functions tells them."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.cause = cause


class Walk:
    """Runs a definition to its end. `states` are those that were entered, in their order."""

    def __init__(self, machine: Json, functions: Functions) -> None:
        self._definition: Json = json.loads(readable(machine["DefinitionString"]))
        self._functions = functions
        self.states: list[str] = []

    def run(self, given: Json) -> Json:
        """Return the output; raise `Failure` where the run fails."""
        output: Json = self._machine(self._definition, deepcopy(given), {})
        return output

    def _machine(self, machine: Json, data: Json, item: Any) -> Any:
        name: str | None = machine["StartAt"]
        while name:
            self.states.append(name)
            state = machine["States"][name]
            try:
                data, name = getattr(self, f"_{state['Type'].lower()}")(name, state, data, item)
            except Failure as failure:
                if "Catch" not in state:
                    raise
                (caught,) = state["Catch"]
                told = {"Error": failure.error, "Cause": failure.cause}
                data, name = _put(data, caught["ResultPath"], told), caught["Next"]
        return data

    def _task(self, name: str, state: Json, data: Json, item: Any) -> tuple[Json, str | None]:
        answer = self._functions[name](_filled(state.get("Parameters", data), data, item))
        return _put(data, state["ResultPath"], answer), state.get("Next")

    def _pass(self, _name: str, state: Json, data: Json, item: Any) -> tuple[Any, str | None]:
        if "Result" in state:
            result = state["Result"]
        elif "Parameters" in state:
            result = _filled(state["Parameters"], data, item)
        else:
            result = _at(data, state["InputPath"])
        return _put(data, state.get("ResultPath", "$"), result), state.get("Next")

    def _wait(self, _name: str, state: Json, data: Json, _item: Any) -> tuple[Json, str]:
        assert isinstance(_at(data, state["SecondsPath"]), int)
        return data, state["Next"]

    def _choice(self, _name: str, state: Json, data: Json, _item: Any) -> tuple[Json, str]:
        for rule in state["Choices"]:
            value = _at(data, rule["Variable"])
            if value == rule.get("StringEquals", rule.get("BooleanEquals")):
                return data, rule["Next"]
        if "Default" not in state:
            raise Failure("States.NoChoiceMatched")
        return data, state["Default"]

    def _fail(self, _name: str, state: Json, data: Json, _item: Any) -> tuple[Json, None]:
        error, cause = (
            state[part] if part in state else _at(data, state[f"{part}Path"]) for part in ("Error", "Cause")
        )
        raise Failure(error, cause)

    def _parallel(self, _name: str, state: Json, data: Json, item: Any) -> tuple[Json, str | None]:
        for branch in state["Branches"]:
            self._machine(branch, deepcopy(data), item)
        return data, state.get("Next")

    def _map(self, _name: str, state: Json, data: Json, _item: Any) -> tuple[Json, str | None]:
        assert state["ResultPath"] is None
        is_distributed = state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
        try:
            outputs = [
                self._machine(state["ItemProcessor"], _filled(state["ItemSelector"], data, each), each)
                for each in _at(data, state["ItemsPath"])
            ]
        except Failure:
            if not is_distributed:
                raise
            # What a child failed of is not told (Step Functions developer guide, "Setting failure thresholds").
            raise Failure("States.ExceedToleratedFailureThreshold", "a child failed") from None
        # 20,000 of them stay below the 256 KiB that the output of a state may have.
        assert all(len(json.dumps(each)) < 10 for each in outputs)
        return data, state.get("Next")


def _at(data: Any, path: str) -> Any:
    for part in path.removeprefix("$").strip(".").split(".") if path != "$" else ():
        data = data[part]
    return data


def _put(data: Json, path: str, value: Any) -> Any:
    return value if path == "$" else {**data, path.removeprefix("$."): value}


def _filled(template: Json, data: Json, item: Any) -> Json:
    filled = {}
    for key, value in template.items():
        if not key.endswith(".$"):
            filled[key] = value
        elif value == "$$.Execution.Name":
            filled[key[:-2]] = RUN
        elif value.startswith("$$.Map.Item.Value"):
            filled[key[:-2]] = _at(item, "$" + value.removeprefix("$$.Map.Item.Value"))
        else:
            filled[key[:-2]] = _at(data, value)
    return filled
