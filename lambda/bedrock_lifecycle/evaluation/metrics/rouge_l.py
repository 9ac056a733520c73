"""How much of the reference an answer has in the same order: ROUGE-L (Lin, 2004), for every script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bedrock_lifecycle.evaluation.metrics.overlap import f1
from bedrock_lifecycle.evaluation.metrics.texts import words


@dataclass(frozen=True)
class RougeL:
    """The F1 of the longest common subsequence of words; 0 if either text has no word, as in rouge-score."""

    name: ClassVar[str] = "rouge_l"
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[str, ...]] = ("rouge_l",)

    def score(self, answer: str, reference: str) -> Mapping[str, float]:
        """Return the F1, in [0, 1]."""
        ours, theirs = words(answer), words(reference)
        return {self.name: f1(longest_common_subsequence(ours, theirs), len(ours), len(theirs))}


def longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Return its length. A row of the textbook's table is one integer, so a pair costs a few operations for each word.

    The method is Hyyrö's (2004): a bit is 0 where the row grows by one.
    """
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(one)) - 1
    row = every
    for word in other:
        matches = row & places.get(word, 0)
        row = (row + matches | row - matches) & every
    return len(one) - row.bit_count()
