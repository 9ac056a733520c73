"""The Anthropic Messages dialect of InvokeModel."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sandbox.bedrock.answers import fields
from sandbox.bedrock.answers.conversation import Conversation, Reply, Utterance, check_turns
from sandbox.bedrock.errors import invalid, not_simulated

_VERSION: Final = "bedrock-2023-05-31"
_REQUIRED: Final = ("anthropic_version", "max_tokens", "messages")
_OPTIONAL: Final = ("system", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "anthropic_beta")
_NOT_SIMULATED: Final = ("tools", "tool_choice", "thinking")


def read(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request body; raise ValidationException."""
    for name in _NOT_SIMULATED:
        if name in body:
            raise not_simulated(f"{name} in a Messages request")
    fields.check_keys(body, required=_REQUIRED, optional=_OPTIONAL, where="")
    if body["anthropic_version"] != _VERSION:
        raise invalid(f"anthropic_version: must be {_VERSION}")
    fields.number(body, "temperature", 0, 1)
    fields.number(body, "top_p", 0, 1)
    fields.integer(body, "top_k", 0)
    turns = tuple(_turn(message, index) for index, message in enumerate(fields.objects(body, "messages")))
    check_turns(turns)
    return Conversation(
        turns=turns,
        system=_text(body["system"], "system") if "system" in body else "",
        max_tokens=fields.integer(body, "max_tokens", 1),
        stop_sequences=fields.strings(body, "stop_sequences"),
        is_sampled_twice={"temperature", "top_p"} <= body.keys(),
    )


def write(answer: Reply, model: str) -> dict[str, Any]:
    """Return the response body."""
    message_id = hashlib.sha256(f"{model}\n{answer.text}".encode()).hexdigest()[:24]
    return {
        "id": f"msg_simulated_{message_id}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": answer.text}],
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "usage": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens},
    }


def _turn(message: Mapping[str, Any], index: int) -> Utterance:
    where = f"messages.{index}."
    fields.check_keys(message, required=("role", "content"), optional=(), where=where)
    return Utterance(str(message["role"]), _text(message["content"], f"{where}content"))


def _text(content: Any, where: str) -> str:
    if isinstance(content, str):
        return fields.not_empty(content, where)
    blocks = fields.objects({where: content}, where)
    for index, block in enumerate(blocks):
        if block.get("type") == "image":
            raise not_simulated("an image in a Messages request")
        fields.check_keys(block, required=("type", "text"), optional=("cache_control",), where=f"{where}.{index}.")
        if block["type"] != "text" or not isinstance(block["text"], str):
            raise invalid(f"{where}.{index}: must be a text block")
    return fields.not_empty("\n".join(block["text"] for block in blocks), where)
