"""The conversation of a Converse request: text, and what tools were used for."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.bedrock.answers import fields, nova, tools
from sandbox.bedrock.answers.conversation import Conversation, Utterance, check_turns
from sandbox.bedrock.errors import invalid, not_simulated

Json = Mapping[str, Any]


def read(params: Json) -> Conversation:
    """Return the conversation of a request; raise ValidationException."""
    messages: Sequence[Json] = params.get("messages", [])
    turns = tuple(
        Utterance(message["role"], _text(message["content"], f"messages[{index}].content"))
        for index, message in enumerate(messages)
    )
    check_turns(turns)
    _check_uses(messages, params)
    inference: Json = params.get("inferenceConfig", {})
    return Conversation(
        turns=turns,
        system=nova.text_of(params["system"], "system") if params.get("system") else "",
        max_tokens=inference.get("maxTokens"),
        stop_sequences=tuple(inference.get("stopSequences", ())),
        tools=tools.read(params["toolConfig"]) if "toolConfig" in params else tools.NO_TOOLS,
        is_sampled_twice={"temperature", "topP"} <= inference.keys(),
    )


def _text(blocks: Sequence[Json], where: str) -> str:
    return fields.not_empty("\n".join(_block(block, f"{where}[{n}]") for n, block in enumerate(blocks)), where)


def _block(block: Json, where: str) -> str:
    ((kind, content),) = block.items()
    if kind == "text":
        return str(content)
    if kind == "toolUse":
        return json.dumps({"name": content["name"], "input": content["input"]})
    if kind == "toolResult":
        return json.dumps(content["content"])
    raise not_simulated(f"a content block {kind} ({where})")


def _check_uses(messages: Sequence[Json], params: Json) -> None:
    """Raise unless each use of a tool has its result in the next message, and the other way round.

    The first text is AWS's, posted in public threads.
    """
    used = [set(_ids(message, "toolUse")) for message in messages]
    given = [set(_ids(message, "toolResult")) for message in messages]
    if any(used + given) and "toolConfig" not in params:
        raise invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
    for index, (expected, found) in enumerate(zip([set(), *used], [*given, set()], strict=True)):
        if expected != found:
            ids = ", ".join(sorted(expected ^ found))
            raise invalid(f"messages.{index}.content: toolUse and toolResult blocks do not belong together: {ids}")


def _ids(message: Json, kind: str) -> Iterator[str]:
    for block in message["content"]:
        if kind in block:
            yield block[kind]["toolUseId"]
