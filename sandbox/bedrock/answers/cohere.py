"""The prompt dialect of InvokeModel that Cohere Command models take."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sandbox.bedrock.answers import fields
from sandbox.bedrock.answers.conversation import Conversation, Reply, Utterance
from sandbox.bedrock.errors import invalid, not_simulated

_MOST_TOKENS: Final = 4096
_USUAL_TOKENS: Final = 20
_MOST_SEQUENCES: Final = 4
_OPTIONAL: Final = ("temperature", "p", "k", "max_tokens", "stop_sequences", "truncate")
_NOT_SIMULATED: Final = ("return_likelihoods", "stream", "num_generations", "logit_bias")


def read(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request body; raise ValidationException."""
    for name in _NOT_SIMULATED:
        if name in body:
            raise not_simulated(f"{name} in a Command request")
    fields.check_keys(body, required=("prompt",), optional=_OPTIONAL, where="")
    fields.number(body, "temperature", 0, 5)
    fields.number(body, "p", 0, 1)
    fields.number(body, "k", 0, 500)
    if body.get("truncate", "END") not in {"NONE", "START", "END"}:
        raise invalid("truncate: must be NONE, START or END")
    sequences = fields.strings(body, "stop_sequences")
    if len(sequences) > _MOST_SEQUENCES:
        raise invalid(f"stop_sequences: at most {_MOST_SEQUENCES} are allowed")
    return Conversation(
        (Utterance("user", fields.not_empty(fields.text(body, "prompt"), "prompt")),),
        max_tokens=fields.integer(body, "max_tokens", 1, _MOST_TOKENS) or _USUAL_TOKENS,
        stop_sequences=sequences,
    )


def write(answer: Reply, model: str) -> dict[str, Any]:
    """Return the response body; `model` is ours."""
    request = hashlib.sha256(f"{model}\n{answer.text}".encode()).hexdigest()[:24]
    reason = "MAX_TOKENS" if answer.stop_reason == "max_tokens" else "COMPLETE"
    return {
        "id": request,
        "prompt": answer.prompt,
        "generations": [{"id": f"{request}-0", "text": answer.text, "finish_reason": reason}],
        "model": model,
    }
