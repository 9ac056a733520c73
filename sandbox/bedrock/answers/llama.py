"""The prompt dialect of InvokeModel that Llama models take."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.bedrock.answers import fields
from sandbox.bedrock.answers.conversation import Conversation, Reply, Utterance
from sandbox.bedrock.errors import not_simulated

_MOST_TOKENS: Final = 2048
_USUAL_TOKENS: Final = 512
_USER: Final = "<|start_header_id|>user<|end_header_id|>"
_END: Final = "<|eot_id|>"


def read(body: Mapping[str, Any]) -> Conversation:
    """Return the conversation of a request body; raise ValidationException."""
    if "images" in body:
        raise not_simulated("images in a Llama request")
    fields.check_keys(body, required=("prompt",), optional=("temperature", "top_p", "max_gen_len"), where="")
    fields.number(body, "temperature", 0, 1)
    fields.number(body, "top_p", 0, 1)
    prompt = fields.not_empty(fields.text(body, "prompt"), "prompt")
    longest = fields.integer(body, "max_gen_len", 1, _MOST_TOKENS)
    return Conversation((Utterance("user", _asked(prompt)),), max_tokens=longest or _USUAL_TOKENS)


def write(answer: Reply, model: str) -> dict[str, Any]:
    """Return the response body; `model` is ours."""
    return {
        "generation": answer.text,
        "prompt_token_count": answer.input_tokens,
        "generation_token_count": answer.output_tokens,
        "stop_reason": "length" if answer.stop_reason == "max_tokens" else "stop",
        "model": model,
    }


def _asked(prompt: str) -> str:
    """Return what the user said last where the prompt follows Llama's chat template, or all of it."""
    return prompt.rpartition(_USER)[2].partition(_END)[0].strip()
