"""How many words an answer shares with the reference, in any order."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bedrock_lifecycle.evaluation.metrics.overlap import f1
from bedrock_lifecycle.evaluation.metrics.texts import words


@dataclass(frozen=True)
class TokenF1:
    """The F1 of the words, each counted as often as it occurs; 1 if neither text has a word."""

    name: ClassVar[str] = "token_f1"
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[str, ...]] = ("token_f1",)

    def score(self, answer: str, reference: str) -> Mapping[str, float]:
        """Return the F1, in [0, 1]."""
        ours, theirs = Counter(words(answer)), Counter(words(reference))
        if not ours and not theirs:
            return {self.name: 1.0}
        return {self.name: f1((ours & theirs).total(), ours.total(), theirs.total())}
