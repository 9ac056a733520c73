"""A question, its answer, and how questions are cut into shards: what the functions of an evaluation write down."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

SHARD: Final = 250
"""Questions of a shard; more where so many belong together."""
CHECKPOINT: Final = 50
"""Answers that are written at once: part n of a shard's answers has those of its questions from 50 n on."""


FILTERED: Final = frozenset({"content_filtered", "guardrail_intervened"})
"""Reasons to stop that leave no answer (API reference, Converse)."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """A record of the test file as a model is asked it.

    record: its line in the file, from 1 on.
    cluster: a digest of what the record has in the field `group_by`; empty where each record stands alone.
    request: the members of Converse that ask it: `messages`, and `system` and `toolConfig` where the record has them.
    reference: the answer that the record has.
    """

    record: int
    request: Mapping[str, Any] = field(repr=False)
    reference: str = field(repr=False)
    cluster: str = ""


QuestionCheck = Callable[[Question], None]
"""Raises `ValueError` for a question that cannot be scored."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model said. Tool calls are the JSON text of a list of objects with `name` and `input`.

    text: None where there is no answer; `error` then has the code of what came instead.
    stop_reason: as Converse has it.
    input_tokens, output_tokens: as Converse counts them.
    latency: milliseconds from asking to the whole answer.
    again: in which asking again it came, see `AskingAgain`; 0 for the first.
    """

    record: int
    text: str | None = field(repr=False)
    stop_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    latency: int = 0
    error: str = ""
    again: int = 0

    def is_settled(self, again: int) -> bool:
        """Tell whether it stands in an asking again: what a model said does, even if it is filtered: it is paid for."""
        return self.text is not None or self.error in FILTERED or self.again >= again


@dataclass(frozen=True, kw_only=True)
class Shard:
    """How many questions a shard has, into how many objects they were written, and about how many tokens they have."""

    records: int
    parts: int
    tokens: int = 0

    @property
    def checkpoints(self) -> int:
        """How many parts its answers have."""
        return -(-self.records // CHECKPOINT)


@dataclass(frozen=True, kw_only=True)
class Index:
    """All shards. `repeated` counts the questions that an earlier record of the test file asks as well."""

    shards: tuple[Shard, ...]
    repeated: int = 0

    @property
    def records(self) -> int:
        """How many questions there are."""
        return sum(each.records for each in self.shards)

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the index of a text."""
        raw = json.loads(text)
        return cls(shards=tuple(Shard(**each) for each in raw["shards"]), repeated=raw["repeated"])


@dataclass(frozen=True, kw_only=True)
class AskingAgain:
    """What a run asks a target again, since the one before left too many records without an answer.

    number: how many such runs there were; shards: how many records of each shard nobody answered.
    """

    number: int = 0
    shards: Mapping[int, int] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return what a text says."""
        raw = json.loads(text)
        return cls(number=raw["number"], shards={int(shard): count for shard, count in raw["shards"].items()})


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is known once the test file was looked at: how many of its questions are in the training data too.

    `trained_on` is None where no training data were compared.
    """

    trained_on: int | None = None

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return what a text says."""
        return cls(trained_on=json.loads(text).get("trained_on"))


def lines(records: Iterable[Question] | Iterable[Answer]) -> bytes:
    """Return records as lines of JSON."""
    return "".join(json.dumps(_told(each), separators=(",", ":")) + "\n" for each in records).encode()


def questions_of(text: bytes) -> list[Question]:
    """Return the questions of such lines."""
    return [Question(**json.loads(line)) for line in text.splitlines()]


def answers_of(text: bytes) -> list[Answer]:
    """Return the answers of such lines."""
    return [Answer(**json.loads(line)) for line in text.splitlines()]


def _told(record: Question | Answer) -> dict[str, Any]:
    # Code of before does not know the last one.
    return {name: value for name, value in asdict(record).items() if name != "again" or value}
