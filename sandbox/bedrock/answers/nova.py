"""The messages-v1 dialect of InvokeModel that Nova models take."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.bedrock.answers import fields
from sandbox.bedrock.answers.conversation import Conversation, Reply, Utterance, check_turns
from sandbox.bedrock.errors import invalid, not_simulated

_INFERENCE: Final = ("maxTokens", "max_new_tokens", "temperature", "topP", "topK", "stopSequences")


def read(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request body; raise ValidationException."""
    if "toolConfig" in body:
        raise not_simulated("toolConfig in a Nova request")
    fields.check_keys(body, required=("messages",), optional=("schemaVersion", "system", "inferenceConfig"), where="")
    if body.get("schemaVersion", "messages-v1") != "messages-v1":
        raise invalid("schemaVersion: must be messages-v1")
    turns = tuple(_turn(message, index) for index, message in enumerate(fields.objects(body, "messages")))
    check_turns(turns)
    inference = body.get("inferenceConfig", {})
    if not isinstance(inference, dict):
        raise invalid("inferenceConfig: must be an object")
    fields.check_keys(inference, required=(), optional=_INFERENCE, where="inferenceConfig.")
    fields.number(inference, "temperature", 0, 1)
    fields.number(inference, "topP", 0, 1)
    longest = fields.integer(inference, "maxTokens", 1) or fields.integer(inference, "max_new_tokens", 1)
    return Conversation(
        turns=turns,
        system=text_of(fields.objects(body, "system"), "system") if "system" in body else "",
        max_tokens=longest,
        stop_sequences=fields.strings(inference, "stopSequences"),
    )


def write(answer: Reply, model: str) -> dict[str, Any]:
    """Return the response body; `model` is ours."""
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": answer.text}]}},
        "stopReason": answer.stop_reason,
        "usage": usage(answer),
        "model": model,
    }


def usage(answer: Reply) -> dict[str, int]:
    """Return the token counts in the form that Nova and Converse share."""
    return {
        "inputTokens": answer.input_tokens,
        "outputTokens": answer.output_tokens,
        "totalTokens": answer.input_tokens + answer.output_tokens,
    }


def text_of(blocks: list[Mapping[str, Any]], where: str) -> str:
    """Return the text of content blocks; other kinds of blocks are not simulated."""
    for index, block in enumerate(blocks):
        if block.keys() != {"text"} or not isinstance(block["text"], str):
            raise not_simulated(f"a content block other than text ({where}[{index}])")
    return fields.not_empty("\n".join(block["text"] for block in blocks), where)


def _turn(message: Mapping[str, Any], index: int) -> Utterance:
    where = f"messages[{index}]."
    fields.check_keys(message, required=("role", "content"), optional=(), where=where)
    return Utterance(str(message["role"]), text_of(fields.objects(message, "content"), f"{where}content"))
