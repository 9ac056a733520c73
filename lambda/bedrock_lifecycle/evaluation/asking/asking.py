"""Asks one target the questions of one shard, in checkpoints of 50 that are written once.

A function that is ended costs at most the answers of its checkpoint: what is written is never asked again. A function
that hands on by itself costs nothing: it leaves the answers that it has.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

from bedrock_lifecycle.contract.evaluation_store import answers_key, answers_prefix, begun_key
from bedrock_lifecycle.evaluation.asking.asked import CannotAsk, Converse, Lost, NotYet, TurnedAway, ask
from bedrock_lifecycle.evaluation.asking.counter import Counter
from bedrock_lifecycle.evaluation.asking.throttling import Slots
from bedrock_lifecycle.evaluation.questions.estimate import input_tokens
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT, Answer, Question, answers_of, lines

LONGEST_PAUSE_SECONDS: Final = 20.0
"""A longer pause is a wait of the workflow, in which no function runs."""
_STAGGER_SECONDS: Final = 15.0
"""How far apart shards begin at most that are begun at once."""
_TRIES: Final = 3
"""So often a question is asked whose answers get lost: each may be billed."""
_TRIES_UNSEEN: Final = 8
_UNSEEN_SECONDS: Final = 15.0
"""So often, in such steps, a target is tried that is denied or unknown: what was made a moment ago may be so."""


class Kept(Protocol):
    """What is needed of a `Store`."""

    def found(self, key: str) -> bytes | None: ...

    def write(self, key: str, body: bytes) -> None: ...

    def write_once(self, key: str, body: bytes) -> bool: ...

    def keys(self, prefix: str) -> Iterable[str]: ...


@dataclass(frozen=True)
class Done:
    """Every question of the shard has its answer."""


@dataclass(frozen=True)
class Bounded:
    """The bound of tokens leaves too little for the next checkpoint."""


@dataclass(frozen=True)
class HandOn:
    """Go on in another function, in so many seconds."""

    seconds: int


Asked = Done | Bounded | HandOn
Asking = Generator[float, None, Asked]
"""Yields seconds to pause for, and returns how it ended."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One shard of one target.

    answers_id, shard: where its answers are written.
    model: the id that Bedrock takes.
    seconds: between two questions.
    """

    answers_id: str
    shard: int
    model: str
    max_output_tokens: int
    seconds: float

    @property
    def jitter(self) -> float:
        """A number in [0, 1) that is another one for most shards."""
        return self.shard * 0.618034 % 1


@dataclass(frozen=True)
class World:
    """What the asking needs of the world; `has_time` tells whether another question may be begun."""

    converse: Converse
    store: Kept
    counter: Counter
    now: Callable[[], float]
    has_time: Callable[[], bool]


@dataclass
class _Tries:
    """How often one question was asked in vain."""

    is_over: bool = False
    lost: int = 0
    unseen: int = 0


@dataclass
class _Checkpoint:
    """What one checkpoint has come to."""

    answers: list[Answer]
    lost: int = 0
    throttled: int = 0
    kept: int = 0
    """How many of its answers were there before, and are counted."""

    @property
    def used(self) -> int:
        """The tokens that are not counted yet: of answers that were lost, as many as they may have had."""
        return sum(each.input_tokens + each.output_tokens for each in self.answers[self.kept :]) + self.lost


def asking(work: Work, questions: Sequence[Question], world: World) -> Asking:
    """Ask what is not answered yet, one question after the other.

    Raises:
        CannotAsk: Nobody may ask this target.
    """
    there = set(world.store.keys(answers_prefix(work.answers_id, work.shard)))
    shard = _Shard(work, world, Slots(work.seconds, world.now()))
    for part, start in enumerate(range(0, len(questions), CHECKPOINT)):
        if answers_key(work.answers_id, work.shard, part) not in there:
            ended = yield from shard.checkpoint(part, questions[start : start + CHECKPOINT], is_first=not there)
            if ended:
                return ended
            there.add(answers_key(work.answers_id, work.shard, part))
    return Done()


@dataclass(frozen=True)
class _Shard:
    """Asks the checkpoints of one shard."""

    work: Work
    world: World
    slots: Slots

    def checkpoint(
        self, part: int, questions: Sequence[Question], *, is_first: bool
    ) -> Generator[float, None, HandOn | Bounded | None]:
        """Ask the questions of a checkpoint, and write their answers down; return why the function ends, if it does."""
        store, begun = self.world.store, begun_key(self.work.answers_id, self.work.shard, part)
        found = answers_of(store.found(begun) or b"")
        if is_first and not found:
            self.slots.due += min(self.work.seconds, _STAGGER_SECONDS) * self.work.jitter
        if not self.world.has_time():
            return HandOn(1)
        rest = questions[len(found) :]
        reserved = sum(map(self._most, rest))
        if not self.world.counter.reserve(reserved):
            return Bounded()
        its = _Checkpoint(found, kept=len(found))
        try:
            handed_on = yield from self._answers(rest, its)
        finally:
            # Counted before it is kept: whatever is lost in between is asked again, and was paid for.
            self.world.counter.settle(reserved=reserved, used=its.used, throttled=its.throttled)
        if handed_on is None:
            # Another function that asked the same may have been faster; its answers count.
            store.write_once(answers_key(self.work.answers_id, self.work.shard, part), lines(its.answers))
        elif len(its.answers) > its.kept:
            store.write(begun, lines(its.answers))
        return handed_on

    def _answers(self, questions: Sequence[Question], its: _Checkpoint) -> Generator[float, None, HandOn | None]:
        """Ask the questions; return when to go on, or None once all are answered."""
        for question in questions:
            tries = _Tries()
            while not tries.is_over:
                pause = self.slots.due - self.world.now()
                if pause > LONGEST_PAUSE_SECONDS or not self.world.has_time():
                    return HandOn(max(1, round(pause)))
                yield max(pause, 0.0)
                self._ask(question, its, tries)
        return None

    def _ask(self, question: Question, its: _Checkpoint, tries: _Tries) -> None:
        """Ask a question once, and plan what comes next."""
        work, slots = self.work, self.slots
        got = ask(
            self.world.converse, work.model, question, max_output_tokens=work.max_output_tokens, now=self.world.now
        )
        now = self.world.now()
        match got:
            case Answer():
                tries.is_over = True
                its.answers.append(got)
                slots.took(now)
            case TurnedAway():
                its.throttled += 1
                slots.throttled(now, work.jitter)
            case NotYet(code):
                tries.unseen += 1
                slots.due = now + _UNSEEN_SECONDS
                if tries.unseen == _TRIES_UNSEEN:
                    raise CannotAsk(f"Bedrock does not let {work.model} be asked ({code})")
            case Lost(code):
                tries.lost += 1
                its.lost += self._most(question)
                slots.refused(now, work.jitter)
                if tries.lost == _TRIES:
                    tries.is_over = True
                    its.answers.append(Answer(record=question.record, text=None, error=code))
            case _:
                assert_never(got)

    def _most(self, question: Question) -> int:
        """Return how many tokens a question is reckoned with."""
        return input_tokens(question) + self.work.max_output_tokens
