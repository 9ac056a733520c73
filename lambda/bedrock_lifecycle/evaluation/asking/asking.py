"""Asks one target the questions of one shard, in checkpoints of 50 that are written once.

A function that is ended costs at most the answers of its checkpoint: what is written is not asked again, but for what
had no answer in a run that left too much without one. A function that hands on by itself costs nothing: it leaves the
answers that it has.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, assert_never

from bedrock_lifecycle.contract.evaluation_store import answers_key, answers_prefix, begun_key
from bedrock_lifecycle.evaluation.asking.asked import CannotAsk, Converse, Lost, NotYet, TurnedAway, ask
from bedrock_lifecycle.evaluation.asking.counter import Counter
from bedrock_lifecycle.evaluation.asking.throttling import PaceBounds, Rhythm, Slots
from bedrock_lifecycle.evaluation.questions.estimate import input_tokens
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT, Answer, Question, answers_of, lines

LONGEST_PAUSE_SECONDS: Final = 20.0
"""A longer pause is a wait of the workflow, in which no function runs."""
_STAGGER_SECONDS: Final = 15.0
"""How far apart shards begin at most that are begun at once."""
_LONGEST_OFF_SECONDS: Final = 600
"""So long a function stays off a shard at most that another one asks."""
_TRIES: Final = 3
"""So often a question is asked whose answers get lost: each may be billed."""
_REFUSALS: Final = 300
"""So many throttles in a row, over hours, and the target cannot be asked."""
_TRIES_UNSEEN: Final = 8
_UNSEEN_SECONDS: Final = 15.0
"""So often, in such steps, a target is tried that is denied or unknown: what was made a moment ago may be so."""


class AnswerStore(Protocol):
    """What is needed of a `Store`."""

    def found(self, key: str) -> bytes | None: ...

    def write(self, key: str, body: bytes) -> None: ...

    def write_once(self, key: str, body: bytes) -> bool: ...

    def keys(self, prefix: str) -> Iterable[str]: ...


@dataclass(frozen=True)
class AllAnswered:
    """Every question of the shard has its answer."""


@dataclass(frozen=True)
class Bounded:
    """The bound of tokens leaves too little to go on."""


@dataclass(frozen=True)
class HandOn:
    """Go on in another function, in so many seconds, as fast as this one did."""

    seconds: int
    rhythm: Rhythm | None = None


Asked = AllAnswered | Bounded | HandOn
Asking = Generator[float, None, Asked]
"""Yields seconds to pause for, and returns how it ended."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One shard of one target.

    answers_id, shard: where its answers are written.
    model: the id that Bedrock takes.
    seconds: between two questions; adapts: whether that is a beginning alone, since no quota is known.
    rhythm: how the function before has asked; None for the first.
    again: which answers stand, see `Answer.is_settled`.
    may_change: whether the questions may be others than those whose answers are there.
    """

    answers_id: str
    shard: int
    model: str
    max_output_tokens: int
    seconds: float
    adapts: bool = False
    rhythm: Rhythm | None = None
    again: int = 0
    may_change: bool = False

    @property
    def jitter(self) -> float:
        """A number in [0, 1) that is another one for most shards."""
        return self.shard * 0.618034 % 1

    @property
    def rereads(self) -> bool:
        """Whether a checkpoint that is there may be asked in part."""
        return self.again > 0 or self.may_change


@dataclass(frozen=True)
class AskingWorld:
    """What the asking needs of the world; `has_time` tells whether another question may be begun."""

    converse: Converse
    store: AnswerStore
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
    """What one checkpoint has come to.

    answers: by their places, those that were there and stand among them.
    reserved, used: tokens that are reserved, and that were used since; of answers that were lost, as many as they may
        have had.
    is_bounded: whether nothing more could be reserved.
    """

    answers: dict[int, Answer]
    reserved: int = 0
    used: int = 0
    throttled: int = 0
    asked: int = 0
    is_bounded: bool = False

    @property
    def lines(self) -> bytes:
        """Its answers in the order of the questions."""
        return lines(self.answers[place] for place in sorted(self.answers))


def asking(work: Work, questions: Sequence[Question], world: AskingWorld) -> Asking:
    """Ask what is not answered yet, one question after the other.

    Raises:
        CannotAsk: Nobody may ask this target.
    """
    there = set(world.store.keys(answers_prefix(work.answers_id, work.shard)))
    rhythm = work.rhythm or Rhythm(seconds=work.seconds)
    slots = Slots(rhythm, PaceBounds.of(work.seconds, adapts=work.adapts), world.now())
    shard = _Shard(work, world, slots, is_first=not there and work.rhythm is None)
    for part, start in enumerate(range(0, len(questions), CHECKPOINT)):
        is_there = answers_key(work.answers_id, work.shard, part) in there
        if is_there and not work.rereads:
            continue
        ended = yield from shard.checkpoint(part, questions[start : start + CHECKPOINT], is_there=is_there)
        if isinstance(ended, HandOn):
            return replace(ended, rhythm=slots.rhythm)
        if ended:
            return ended
    return AllAnswered()


@dataclass
class _Shard:
    """Asks the checkpoints of one shard."""

    work: Work
    world: AskingWorld
    slots: Slots
    is_first: bool

    def checkpoint(
        self, part: int, questions: Sequence[Question], *, is_there: bool
    ) -> Generator[float, None, HandOn | Bounded | None]:
        """Ask the questions of a checkpoint, and write their answers down; return why the function ends, if it does."""
        key, begun = (at(self.work.answers_id, self.work.shard, part) for at in (answers_key, begun_key))
        its = _Checkpoint(self._found(questions, begun) | (self._found(questions, key) if is_there else {}))
        rest = {place: each for place, each in enumerate(questions) if place not in its.answers}
        if is_there and not rest:
            return None
        self._begin_apart(its)
        if not self.world.has_time():
            return HandOn(1)
        if not self._reserve(its, sum(map(self._most, rest.values()))):
            return Bounded()
        try:
            handed_on = yield from self._answers(rest, its)
        finally:
            # Counted before it is kept: whatever is lost in between is asked again, and was paid for.
            self.world.counter.settle(reserved=its.reserved, used=its.used, throttled=its.throttled)
        if handed_on:
            if its.asked:
                self.world.store.write(begun, its.lines)
            return handed_on
        return self._keep_all(key, its, is_there=is_there)

    def _begin_apart(self, its: _Checkpoint) -> None:
        if self.is_first and not its.answers:
            self.slots.due += min(self.work.seconds, _STAGGER_SECONDS) * self.work.jitter
        self.is_first = False

    def _keep_all(self, key: str, its: _Checkpoint, *, is_there: bool) -> HandOn | None:
        """Write a checkpoint down; return when to go on if another function asks this shard too, and was faster."""
        if is_there:
            self.world.store.write(key, its.lines)
        elif not self.world.store.write_once(key, its.lines) and its.asked:
            # Its answers count. Side by side they would ask everything twice, so it goes on alone for a while.
            off = round(self.slots.rhythm.seconds * len(its.answers))
            return HandOn(min(max(off, round(LONGEST_PAUSE_SECONDS)), _LONGEST_OFF_SECONDS))
        return None

    def _found(self, questions: Sequence[Question], key: str) -> dict[int, Answer]:
        """Return the answers of an object that stand, by the places of their questions."""
        answers = answers_of(self.world.store.found(key) or b"")
        return {place: each for place, each in _placed(questions, answers) if each.is_settled(self.work.again)}

    def _answers(
        self, questions: Mapping[int, Question], its: _Checkpoint
    ) -> Generator[float, None, HandOn | Bounded | None]:
        """Ask the questions; return when to go on, or None once all are answered."""
        for place, question in questions.items():
            tries = _Tries()
            while not tries.is_over:
                if its.is_bounded:
                    return Bounded()
                pause = self.slots.due - self.world.now()
                if pause > LONGEST_PAUSE_SECONDS or not self.world.has_time():
                    return HandOn(max(1, round(pause)))
                yield max(pause, 0.0)
                self._ask(place, question, its, tries)
        return None

    def _ask(self, place: int, question: Question, its: _Checkpoint, tries: _Tries) -> None:
        """Ask a question once, and plan what comes next."""
        work, slots = self.work, self.slots
        got = ask(
            self.world.converse, work.model, question, max_output_tokens=work.max_output_tokens, now=self.world.now
        )
        now = self.world.now()
        match got:
            case Answer():
                its.used += got.input_tokens + got.output_tokens
                self._keep(place, got, its, tries)
                slots.took(now)
            case TurnedAway():
                its.throttled += 1
                slots.throttled(now, work.jitter)
                if slots.rhythm.refusals >= _REFUSALS:
                    raise CannotAsk(f"Bedrock throttled {work.model} {_REFUSALS} times in a row: look at its quotas")
            case NotYet(code):
                tries.unseen += 1
                slots.due = now + _UNSEEN_SECONDS
                if tries.unseen == _TRIES_UNSEEN:
                    raise CannotAsk(f"Bedrock does not let {work.model} be called ({code})")
            case Lost(code):
                tries.lost += 1
                its.used += self._most(question)
                slots.refused(now, work.jitter)
                if tries.lost == _TRIES:
                    self._keep(place, Answer(record=question.record, text=None, error=code), its, tries)
                else:
                    # It may be billed once more than was reserved.
                    its.is_bounded = not self._reserve(its, self._most(question))
            case _:
                assert_never(got)

    def _keep(self, place: int, answer: Answer, its: _Checkpoint, tries: _Tries) -> None:
        tries.is_over = True
        its.asked += 1
        its.answers[place] = replace(answer, again=self.work.again)

    def _reserve(self, its: _Checkpoint, tokens: int) -> bool:
        if not self.world.counter.reserve(tokens):
            return False
        its.reserved += tokens
        return True

    def _most(self, question: Question) -> int:
        """Return how many tokens a question is reckoned with."""
        return input_tokens(question) + self.work.max_output_tokens


def _placed(questions: Sequence[Question], answers: Iterable[Answer]) -> Iterator[tuple[int, Answer]]:
    """Yield the answers to questions with the places of these; both are in the same order."""
    place = 0
    for answer in answers:
        while place < len(questions) and questions[place].record != answer.record:
            place += 1
        if place == len(questions):
            return
        yield place, answer
        place += 1
