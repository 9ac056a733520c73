"""The rules for records of a prompt and its completion."""

from collections.abc import Iterator
from typing import Any

from bedrock_lifecycle.dataset.rules.findings import RecordProblem
from bedrock_lifecycle.dataset.rules.record_rules import RecordRules, keys


class PromptCompletionRules(RecordRules):
    """Both texts are strings; of other keys, and of texts that say nothing, nothing is written anywhere."""

    required = frozenset({"prompt", "completion"})

    def keys(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        return keys("", record, self.required, others="other-key")

    def record(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        if "prompt" in record:
            yield from self._text("prompt", "user", record["prompt"])
        if "completion" in record:
            yield from self._text("completion", "assistant", record["completion"])

    def _text(self, path: str, role: str, value: object) -> Iterator[RecordProblem]:
        blank = RecordProblem(path, "empty-prompt", "is empty, and what Bedrock does with that is not established")
        return self.text(path, role, value, answer=role == "assistant", blank=blank)
