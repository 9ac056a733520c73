"""Writes questions into their shards while they stream by, in memory that has a bound."""

from collections.abc import Callable, Sequence
from typing import Final

from bedrock_lifecycle.contract.evaluation_store import questions_key
from bedrock_lifecycle.evaluation.questions.estimate import input_tokens
from bedrock_lifecycle.evaluation.stored.records import Question, Shard, lines

BUDGET_BYTES: Final = 256 * 1024 * 1024
"""So many bytes of questions wait for the rest of their shards."""

Put = Callable[[str, bytes], None]


class ShardWriter:
    """Takes questions in the order of the file; equal files are written alike, part by part.

    sizes: how many questions each shard gets; a shard is written when it has them.
    """

    def __init__(self, put: Put, questions_id: str, sizes: Sequence[int], *, budget: int) -> None:
        self._put = put
        self._questions_id = questions_id
        self._budget = budget
        self._missing = list(sizes)
        self._sizes = tuple(sizes)
        self._waiting: dict[int, bytearray] = {}
        self._bytes = 0
        self._parts = [0] * len(sizes)
        self._tokens = [0] * len(sizes)

    def add(self, shard: int, question: Question) -> None:
        """Take the next question."""
        line = lines([question])
        self._waiting.setdefault(shard, bytearray()).extend(line)
        self._bytes += len(line)
        self._tokens[shard] += input_tokens(question)
        self._missing[shard] -= 1
        if not self._missing[shard]:
            self._write(shard)
        elif self._bytes > self._budget:
            self._make_room()

    def shards(self) -> tuple[Shard, ...]:
        """Return what was written."""
        pairs = zip(self._sizes, self._parts, self._tokens, strict=True)
        return tuple(Shard(records=size, parts=parts, tokens=tokens) for size, parts, tokens in pairs)

    def _make_room(self) -> None:
        # The largest first: few large objects cost less than many small ones.
        largest = sorted(self._waiting, key=lambda each: (-len(self._waiting[each]), each))
        while self._bytes > self._budget // 2:
            self._write(largest.pop(0))

    def _write(self, shard: int) -> None:
        content = self._waiting.pop(shard)
        self._bytes -= len(content)
        self._put(questions_key(self._questions_id, shard, self._parts[shard]), bytes(content))
        self._parts[shard] += 1
