"""What was asked of whom, and how often: numbers and digests, no text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.bedrock.names import Scope


@dataclass
class Usage:
    """What one target has answered; `asked` has how often each question was answered, by its digest."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    throttled: int = 0
    asked: Counter[int] = field(default_factory=Counter)


class UsageBook:
    """The usage of every target of every account and Region."""

    def __init__(self) -> None:
        self._usages: dict[tuple[Scope, str], Usage] = {}

    def clear(self) -> None:
        """Forget all of it."""
        self._usages.clear()

    def of(self, scope: Scope, target: str) -> Usage:
        """Return the usage of a target, none at first."""
        return self._usages.setdefault((scope, target), Usage())

    def answered(self, scope: Scope, target: str, question: str, input_tokens: int, output_tokens: int) -> None:
        """Count an answer; the question is a digest."""
        usage = self.of(scope, target)
        usage.requests += 1
        usage.input_tokens += input_tokens
        usage.output_tokens += output_tokens
        usage.asked[int(question, 16)] += 1

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield the usage of each target as the meter shows it: of a repeated question its digest, and how often."""
        for (scope, target), usage in sorted(self._usages.items(), key=lambda item: item[0]):
            yield {
                "account": scope.account,
                "region": scope.region,
                "target": target,
                "requests": usage.requests,
                "inputTokens": usage.input_tokens,
                "outputTokens": usage.output_tokens,
                "throttled": usage.throttled,
                "questions": len(usage.asked),
                "repeated": {f"{question:016x}": times for question, times in usage.asked.items() if times > 1},
            }
