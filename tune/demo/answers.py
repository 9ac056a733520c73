"""Asks a base model and a tuned one the same questions."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_MAX_TOKENS: Final = 200


@dataclass(frozen=True)
class Question:
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
class Answered:
    """One question and both answers."""

    question: Question
    base: str
    tuned: str


def questions(path: Path, count: int) -> list[Question]:
    """Return the first records of a file in the Messages format."""
    with path.open(encoding="utf-8") as file:
        records = [json.loads(line) for _, line in zip(range(count), file, strict=False)]
    return [_question(record) for record in records]


def ask(runtime: Any, model_id: str, question: Question, version: str) -> str:
    """Invoke a model with a Messages body and return its text."""
    body = {
        "anthropic_version": version,
        "max_tokens": _MAX_TOKENS,
        "system": question.system,
        "messages": [{"role": "user", "content": question.prompt}],
    }
    answer = json.loads(runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read())
    return "".join(block["text"] for block in answer["content"])


def _question(record: dict[str, Any]) -> Question:
    user, assistant = record["messages"][:2]
    return Question(record.get("system", ""), user["content"], assistant["content"])
