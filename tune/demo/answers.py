"""Questions from records that were never trained on, and what a base model and a tuned one answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bedrock_tuning.base_models import Invocation
from tune import invocation as invoking

_MAX_TOKENS: Final = 200


@dataclass(frozen=True)
class DemoQuestion:
    """A record that was never trained on: what is asked, and what a good answer is."""

    system: str
    prompt: str
    expected: str

    @property
    def subject(self) -> str:
        """The part of the prompt that tells it from the others, on one line."""
        code = self.prompt.partition("\n\n")[2] or self.prompt
        return next((line for line in code.splitlines() if line.startswith(("def ", "class "))), code.splitlines()[0])


@dataclass(frozen=True)
class AnsweredQuestion:
    """One question and both answers."""

    question: DemoQuestion
    base: str
    tuned: str


def questions(data: bytes, count: int | None, data_format: str) -> list[DemoQuestion]:
    """Return the first records of a file in one of the data formats of the profiles, all of them for None."""
    lines = data.decode("utf-8").split("\n")[:count]
    return [_QUESTIONS[data_format](json.loads(line)) for line in lines if line]


def ask(runtime: Any, model_id: str, question: DemoQuestion, invocation: Invocation) -> str:
    """Return a model's answer to a question."""
    return invoking.ask(
        runtime, model_id, invocation, system=question.system, prompt=question.prompt, max_tokens=_MAX_TOKENS
    )


def _of_messages(record: dict[str, Any]) -> DemoQuestion:
    user, assistant = record["messages"][:2]
    return DemoQuestion(record.get("system", ""), user["content"], assistant["content"])


def _of_converse(record: dict[str, Any]) -> DemoQuestion:
    user, assistant = record["messages"][:2]
    return DemoQuestion(
        *(_text(blocks) for blocks in (record.get("system", []), user["content"], assistant["content"]))
    )


def _of_prompt_completion(record: dict[str, Any]) -> DemoQuestion:
    return DemoQuestion("", record["prompt"], record["completion"])


def _text(blocks: list[dict[str, str]]) -> str:
    return "\n".join(block["text"] for block in blocks)


_QUESTIONS: Final[Mapping[str, Callable[[dict[str, Any]], DemoQuestion]]] = {
    "messages": _of_messages,
    "converse": _of_converse,
    "prompt_completion": _of_prompt_completion,
}
