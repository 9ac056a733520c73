"""Asks a model one question in the form that its base model's profile names."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from bedrock_tuning.base_models import Invocation

Body = dict[str, Any]


def ask(runtime: Any, model_id: str, invocation: Invocation, *, system: str, prompt: str, max_tokens: int) -> str:
    """Invoke a model, and return the text of its answer.

    `runtime` is a bedrock-runtime client; `model_id` an id or ARN; `system` a system prompt, which may be empty.
    """
    if invocation.format == "converse":
        return _conversed(runtime, model_id, system, prompt, max_tokens)
    body = request_body(invocation, system=system, prompt=prompt, max_tokens=max_tokens)
    answer = json.loads(runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read())
    return _TEXTS[invocation.format](answer)


def request_body(invocation: Invocation, *, system: str, prompt: str, max_tokens: int) -> Body:
    """Return the body of InvokeModel; raise ValueError for a model that only Converse is documented for."""
    if invocation.format not in _BODIES:
        raise ValueError(f"no body of InvokeModel is documented for the format {invocation.format}; use Converse")
    return _BODIES[invocation.format](invocation.version, system, prompt, max_tokens)


def _conversed(runtime: Any, model_id: str, system: str, prompt: str, max_tokens: int) -> str:
    answer = runtime.converse(
        modelId=model_id,
        messages=[{"role": "user", "content": [{"text": prompt}]}],
        inferenceConfig={"maxTokens": max_tokens},
        **({"system": [{"text": system}]} if system else {}),
    )
    return _blocks(answer["output"]["message"]["content"])


def _anthropic(version: str | None, system: str, prompt: str, max_tokens: int) -> Body:
    body: Body = {
        "anthropic_version": version,
        "max_tokens": max_tokens,
        "messages": [{"role": "user", "content": prompt}],
    }
    return {**body, "system": system} if system else body


def _nova(version: str | None, system: str, prompt: str, max_tokens: int) -> Body:
    body: Body = {
        "schemaVersion": version,
        "messages": [{"role": "user", "content": [{"text": prompt}]}],
        "inferenceConfig": {"maxTokens": max_tokens},
    }
    return {**body, "system": [{"text": system}]} if system else body


def _llama(_version: str | None, system: str, prompt: str, max_tokens: int) -> Body:
    # The template that the Bedrock user guide gives for these models (page model-parameters-meta).
    turns = [("system", system), ("user", prompt)] if system else [("user", prompt)]
    said = "".join(f"<|start_header_id|>{role}<|end_header_id|>\n\n{text}<|eot_id|>" for role, text in turns)
    template = f"<|begin_of_text|>{said}<|start_header_id|>assistant<|end_header_id|>\n\n"
    return {"prompt": template, "max_gen_len": max_tokens}


def _titan(_version: str | None, system: str, prompt: str, max_tokens: int) -> Body:
    return {"inputText": _in_one(system, prompt), "textGenerationConfig": {"maxTokenCount": max_tokens}}


def _cohere(_version: str | None, system: str, prompt: str, max_tokens: int) -> Body:
    return {"prompt": _in_one(system, prompt), "max_tokens": max_tokens}


def _in_one(system: str, prompt: str) -> str:
    """Return both as one text, where there is no system prompt."""
    return f"{system}\n\n{prompt}" if system else prompt


def _blocks(content: list[Body]) -> str:
    return "".join(block.get("text", "") for block in content)


_BODIES: Final[Mapping[str, Callable[[str | None, str, str, int], Body]]] = {
    "anthropic_messages": _anthropic,
    "nova_messages": _nova,
    "llama_prompt": _llama,
    "titan_text": _titan,
    "cohere_prompt": _cohere,
}
_TEXTS: Final[Mapping[str, Callable[[Body], str]]] = {
    "anthropic_messages": lambda answer: _blocks(answer["content"]),
    "nova_messages": lambda answer: _blocks(answer["output"]["message"]["content"]),
    "llama_prompt": lambda answer: str(answer["generation"]),
    "titan_text": lambda answer: "".join(result["outputText"] for result in answer["results"]),
    "cohere_prompt": lambda answer: "".join(generation["text"] for generation in answer["generations"]),
}
