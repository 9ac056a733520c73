"""The nearest training example to a prompt, by TF-IDF and cosine."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from sandbox.bedrock.training.records import Example

_WORD: Final = re.compile(r"\w+")


class Corpus:
    """Training examples, indexed by the words of their prompts."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = tuple(examples)
        counts = [_words(example.prompt) for example in self._examples]
        frequency = Counter(word for count in counts for word in count)
        self._weight = {word: math.log(1 + len(counts) / number) for word, number in frequency.items()}
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, count in enumerate(counts):
            for word, value in self._vector(count).items():
                self._postings[word].append((index, value))

    def answer(self, prompt: str) -> str | None:
        """Return the completion of the example nearest to the prompt; the first of equals, None without examples.

        A prompt that shares no word with any example gets the first completion: a tuned model keeps its manner.
        """
        if not self._examples:
            return None
        scores = [0.0] * len(self._examples)
        for word, value in self._vector(_words(prompt)).items():
            for index, other in self._postings.get(word, ()):
                scores[index] += value * other
        # Rounded, so that the order of summation cannot decide between equals.
        best = max(range(len(scores)), key=lambda index: (round(scores[index], 9), -index))
        return self._examples[best].completion

    def _vector(self, count: Counter[str]) -> dict[str, float]:
        raw = {word: number * self._weight[word] for word, number in count.items() if word in self._weight}
        length = _length(raw.values())
        return {word: value / length for word, value in raw.items()}


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _length(values: Iterable[float]) -> float:
    return math.sqrt(sum(value * value for value in values)) or 1.0
