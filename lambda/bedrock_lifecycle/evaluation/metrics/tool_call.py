"""Whether an answer calls the tools that the reference calls, with the same arguments."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from bedrock_lifecycle.evaluation.metrics.json_text import NotJson, leaves, parsed
from bedrock_lifecycle.evaluation.metrics.metric import BadReference
from bedrock_lifecycle.evaluation.metrics.overlap import f1

EQUAL: Final = "tool_call"
NAMES: Final = "tool_call.names"
ARGUMENTS: Final = "tool_call.arguments"


@dataclass(frozen=True)
class ToolCall:
    """Three scores of an answer's tool calls, in any order.

    Answer and reference are JSON: a list of objects with `name` and `input`, the members of Converse's `toolUse` block.
    An answer that is not such a list calls nothing.

    - `tool_call`: 1 if the calls are the same, each argument with its type: "5" is not 5.
    - `tool_call.names`: 1 if the same tools are called, each as often.
    - `tool_call.arguments`: the F1 of the arguments that are equal in a call of the same tool; 1 if neither calls any.
    """

    name: ClassVar[str] = EQUAL
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[str, ...]] = (EQUAL, NAMES, ARGUMENTS)

    def score(self, answer: str, reference: str) -> Mapping[str, float]:
        """Return the three; `BadReference` if the reference is not a list of calls."""
        right = _calls(reference)
        if right is None:
            raise BadReference("the reference is not a JSON list of objects with exactly name and input")
        given = _calls(answer) or []
        ours, theirs = _arguments(given), _arguments(right)
        shared = f1((ours & theirs).total(), ours.total(), theirs.total())
        return {
            EQUAL: float(_whole(given) == _whole(right)),
            NAMES: float(_names(given) == _names(right)),
            ARGUMENTS: shared if ours or theirs else 1.0,
        }


def _calls(text: str) -> list[dict[str, Any]] | None:
    try:
        calls = parsed(text)
    except NotJson:
        return None
    return calls if isinstance(calls, list) and all(map(_is_call, calls)) else None


def _is_call(call: Any) -> bool:
    return (
        isinstance(call, dict)
        and call.keys() == {"name", "input"}
        and isinstance(call["name"], str)
        and isinstance(call["input"], dict)
    )


def _names(calls: list[dict[str, Any]]) -> Counter[str]:
    return Counter(call["name"] for call in calls)


def _whole(calls: list[dict[str, Any]]) -> Counter[frozenset[Any]]:
    return Counter(frozenset(leaves(call)) for call in calls)


def _arguments(calls: list[dict[str, Any]]) -> Counter[Any]:
    return Counter(argument for call in calls for argument in _of(call))


def _of(call: dict[str, Any]) -> Iterator[Any]:
    for leaf in leaves(call["input"]):
        yield call["name"], leaf
