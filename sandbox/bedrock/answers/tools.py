"""The tools that a conversation offers, and the calls of them that are an answer."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.bedrock.errors import invalid, not_simulated

_ID_DIGITS: Final = 22


@dataclass(frozen=True)
class Tools:
    """The names of the tools, which of them must be called (None: none must be), and how long their description is."""

    names: tuple[str, ...] = ()
    must_call: tuple[str, ...] | None = None
    characters: int = 0


NO_TOOLS: Final = Tools()


@dataclass(frozen=True)
class CalledTool:
    """One call, as a content block has it."""

    name: str
    input: Any


def read(config: Mapping[str, Any]) -> Tools:
    """Return the tools of a `toolConfig`; raise ValidationException."""
    for index, tool in enumerate(config["tools"]):
        for kind in tool:
            if kind != "toolSpec":
                raise not_simulated(f"{kind} in toolConfig.tools[{index}]")
    names = tuple(tool["toolSpec"]["name"] for tool in config["tools"])
    characters = len(json.dumps(config["tools"]))
    choice: Mapping[str, Any] = config.get("toolChoice", {})
    if "any" in choice:
        return Tools(names, names, characters)
    if "tool" not in choice:
        return Tools(names, None, characters)
    if choice["tool"]["name"] not in names:
        raise invalid(f"toolConfig.toolChoice.tool.name: {choice['tool']['name']} is no tool of toolConfig.tools")
    return Tools(names, (choice["tool"]["name"],), characters)


def calls(said: str, tools: Tools) -> tuple[CalledTool, ...]:
    """Return the calls that a model makes which would say this; none where it answers in words.

    What it would say is called if it is a list of calls of these tools. Where a tool must be called, a JSON object is
    its input, and a model that knows no better calls it without one.
    """
    if not tools.names:
        return ()
    try:
        value = json.loads(said)
    except ValueError:
        value = None
    if _are_calls(value) and all(each["name"] in (tools.must_call or tools.names) for each in value):
        return tuple(CalledTool(each["name"], each["input"]) for each in value)
    if tools.must_call:
        return (CalledTool(tools.must_call[0], value if isinstance(value, dict) else {}),)
    return ()


def blocks(made: Sequence[CalledTool], question: str) -> list[dict[str, Any]]:
    """Return the content blocks of calls, with ids that depend on the question: equal requests have equal answers."""
    return [
        {"toolUse": {"toolUseId": _id(question, index), "name": call.name, "input": call.input}}
        for index, call in enumerate(made)
    ]


def _are_calls(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(each, dict) and each.keys() == {"name", "input"} and isinstance(each["input"], dict)
            for each in value
        )
    )


def _id(question: str, index: int) -> str:
    return f"tooluse_{hashlib.sha256(f'{question}/{index}'.encode()).hexdigest()[:_ID_DIGITS]}"
