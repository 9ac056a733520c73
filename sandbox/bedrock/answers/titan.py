"""The inputText dialect of InvokeModel that Titan Text models take."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.bedrock.answers import fields
from sandbox.bedrock.answers.conversation import Conversation, Reply, StopReason, Utterance
from sandbox.bedrock.errors import invalid

_CONFIG: Final = "textGenerationConfig"
_USUAL_TOKENS: Final = 512
_REASONS: Final[Mapping[StopReason, str]] = {
    "end_turn": "FINISHED",
    "max_tokens": "LENGTH",
    "stop_sequence": "STOP_CRITERIA_MET",
}


def read(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request body; raise ValidationException."""
    fields.check_keys(body, required=("inputText",), optional=(_CONFIG,), where="")
    config = body.get(_CONFIG, {})
    if not isinstance(config, dict):
        raise invalid(f"{_CONFIG}: must be an object")
    allowed = ("temperature", "topP", "maxTokenCount", "stopSequences")
    fields.check_keys(config, required=(), optional=allowed, where=f"{_CONFIG}.")
    fields.number(config, "temperature", 0, 1)
    fields.number(config, "topP", 0, 1)
    longest = fields.integer(config, "maxTokenCount", 0)
    return Conversation(
        (Utterance("user", fields.not_empty(fields.text(body, "inputText"), "inputText")),),
        max_tokens=_USUAL_TOKENS if longest is None else longest,
        stop_sequences=fields.strings(config, "stopSequences"),
    )


def write(answer: Reply, model: str) -> dict[str, Any]:
    """Return the response body; `model` is ours."""
    result = {
        "tokenCount": answer.output_tokens,
        "outputText": answer.text,
        "completionReason": _REASONS[answer.stop_reason],
    }
    return {"inputTextTokenCount": answer.input_tokens, "results": [result], "model": model}
