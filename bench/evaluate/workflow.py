"""The workflow's maps on simulated time: children side by side, each with a clock of its own, killed at random places.

A child's clock runs ahead of the others by one answer at most: the earliest is always the next to go on.
"""

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from bedrock_lifecycle.evaluation.asking.asking import (
    AllAnswered,
    Asked,
    Asking,
    AskingWorld,
    Bounded,
    HandOn,
    Work,
    asking,
)
from bedrock_lifecycle.evaluation.asking.counter import Counted
from bedrock_lifecycle.evaluation.judging.judging import judging
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Index, Question
from bedrock_lifecycle.evaluation.stored.store import Store
from bench.evaluate.rates import Model

# Lambda's 15 minutes less what a function keeps for its last answer.
_ASKS_FOR_SECONDS: Final = 900 - 270.0
_START_SECONDS: Final = 0.4
_OBJECT_SECONDS: Final = 0.03
_RETRY_SECONDS: Final = 2.0


class Killed(BaseException):
    """The Lambda service ends the function here."""


@dataclass
class Happenings:
    """Everything that has an effect, in order; some kill the function that had it."""

    kills: frozenset[int]
    number: int = 0
    killed: int = 0


@dataclass
class Tokens:
    """The counter of the evaluation."""

    max_tokens: int
    tokens: int = 0
    throttled: int = 0
    requests: int = 0

    def reserve(self, tokens: int) -> bool:
        """See `Counter`."""
        self.requests += 1
        if self.tokens + tokens > self.max_tokens:
            return False
        self.tokens += tokens
        return True

    def settle(self, *, reserved: int, used: int, throttled: int = 0) -> None:
        """See `Counter`."""
        self.requests += 1
        self.tokens += used - reserved
        self.throttled += throttled

    def read(self) -> Counted:
        """See `Counter`."""
        return Counted(self.tokens, self.throttled)


@dataclass
class Child:
    """One child of a map: functions one after the other, until its shard is done; `turn` is what each of them does."""

    turn: Callable[[AskingWorld], Asking]
    model: Model | None
    store: Store
    tokens: Tokens
    happenings: Happenings
    now: float
    functions: int = 0
    waits: int = 0
    kills: int = 0
    busy: float = 0.0
    ended: Asked | None = None
    _alive: bool = True
    _run: Asking | None = None
    _began: float = 0.0

    def step(self) -> None:
        """Go on to the next pause; `now` is then when to go on again."""
        self._run = self._run or self._begun()
        try:
            pause = next(self._run)
            self.now += pause
        except StopIteration as end:
            self._run = None
            self.busy += self.now - self._began
            if isinstance(end.value, HandOn):
                self.waits += 1
                self.now += end.value.seconds
            else:
                self.ended = end.value
        except Killed:
            self._run = None
            self.busy += self.now - self._began
            self.kills += 1
            self.happenings.killed += 1
            self.now += _RETRY_SECONDS

    def _begun(self) -> Asking:
        self.functions += 1
        self._alive = True
        self._began = self.now
        self.now += _START_SECONDS
        ends = self._began + _ASKS_FOR_SECONDS
        world = AskingWorld(
            converse=self._converse,
            store=_Gate(self),
            counter=_Counting(self),
            now=lambda: self.now,
            has_time=lambda: self.now < ends,
        )
        return self.turn(world)

    def _converse(self, *, messages: Sequence[Any], **_: Any) -> Mapping[str, Any]:
        self.may()
        if self.model is None:
            raise TypeError("who scores asks nobody")
        answer = self.model.answer(self.now, messages[-1]["content"][0]["text"])
        self.now += self.model.latency()
        self.happened()
        return answer

    def may(self) -> None:
        """Let no function act that was killed: what Python runs while it unwinds is not run by Lambda."""
        if not self._alive:
            raise Killed

    def happened(self) -> None:
        """Count an effect, and die of it where that is planned."""
        self.happenings.number += 1
        if self.happenings.number in self.happenings.kills:
            self._alive = False
            raise Killed


@dataclass
class _Gate:
    """The store of one function."""

    child: Child

    def found(self, key: str) -> bytes | None:
        self._takes()
        return self.child.store.found(key)

    def read(self, key: str) -> bytes:
        self._takes()
        return self.child.store.read(key)

    def keys(self, prefix: str) -> Iterator[str]:
        self._takes()
        return self.child.store.keys(prefix)

    def write(self, key: str, body: bytes) -> None:
        self._takes()
        self.child.store.write(key, body)
        self.child.happened()

    def write_once(self, key: str, body: bytes) -> bool:
        self._takes()
        is_new = self.child.store.write_once(key, body)
        self.child.happened()
        return is_new

    def _takes(self) -> None:
        self.child.may()
        self.child.now += _OBJECT_SECONDS


@dataclass
class _Counting:
    """The counter of one function."""

    child: Child

    def reserve(self, tokens: int) -> bool:
        self.child.may()
        can = self.child.tokens.reserve(tokens)
        self.child.happened()
        return can

    def settle(self, *, reserved: int, used: int, throttled: int = 0) -> None:
        self.child.may()
        self.child.tokens.settle(reserved=reserved, used=used, throttled=throttled)
        self.child.happened()

    def read(self) -> Counted:
        return self.child.tokens.read()


@dataclass
class Lane:
    """The shards that one map has left, so many of them at once."""

    at_once: int
    shards: deque[int]
    begun: Callable[[int, float], Child]


@dataclass
class Ran:
    """How a map went, or those of all targets together."""

    children: int = 0
    functions: int = 0
    waits: int = 0
    kills: int = 0
    busy: float = 0.0
    is_bounded: bool = False
    ended: float = 0.0
    largest: tuple[int, int, int] = (0, 0, 0)
    """Functions, waits and kills of the child that had most of them."""

    def add(self, child: Child) -> None:
        """Count a child that has ended."""
        self.children += 1
        self.functions += child.functions
        self.waits += child.waits
        self.kills += child.kills
        self.busy += child.busy
        self.is_bounded |= isinstance(child.ended, Bounded)
        self.largest = max(self.largest, (child.functions, child.waits, child.kills))
        self.ended = max(self.ended, child.now)


@dataclass(frozen=True)
class Workflow:
    """The maps of one run."""

    plan: EvaluationPlan
    index: Index
    store: Store
    tokens: Tokens
    happenings: Happenings

    def ask(
        self,
        told: Sequence[Mapping[str, Any]],
        models: Sequence[Model],
        questions: Callable[[int], Sequence[Question]],
    ) -> Ran:
        """Ask all shards of all targets, as `told` by Prepare."""
        return _run([self._asked(its, models[its["target"]], questions) for its in told], 0.0)

    def judge(self, model: Model, at_once: int, began: float) -> Ran:
        """Have a model judge what it should of all shards."""
        return self._each_shard(at_once, began, model, self._judged)

    def score(self, at_once: int, began: float) -> Ran:
        """Score all shards; a function takes as long as it works here."""
        return self._each_shard(at_once, began, None, self._scored)

    def _asked(self, its: Mapping[str, Any], model: Model, questions: Callable[[int], Sequence[Question]]) -> Lane:
        target = self.plan.targets[its["target"]]

        def turn(shard: int, world: AskingWorld) -> Asking:
            work = Work(
                answers_id=self.plan.answers_id(target),
                shard=shard,
                model=target.model,
                max_output_tokens=self.plan.max_output_tokens,
                seconds=its["pace"],
                adapts=its["adapts"],
            )
            return asking(work, questions(shard), world)

        return Lane(its["concurrency"], deque(its["shards"]), lambda shard, now: self._child(turn, shard, model, now))

    def _judged(self, shard: int, world: AskingWorld) -> Asking:
        return judging(world.store, self.plan, self.index, shard, world)  # type: ignore[arg-type]

    def _scored(self, shard: int, world: AskingWorld) -> Asking:
        began = time.process_time()
        score_shard(world.store, self.plan, self.index, shard, lambda **_: None)  # type: ignore[arg-type]
        yield time.process_time() - began
        return AllAnswered()

    def _each_shard(
        self, at_once: int, began: float, model: Model | None, turn: Callable[[int, AskingWorld], Asking]
    ) -> Ran:
        shards = deque(range(len(self.index.shards)))
        return _run([Lane(at_once, shards, lambda shard, now: self._child(turn, shard, model, now))], began)

    def _child(self, turn: Callable[[int, AskingWorld], Asking], shard: int, model: Model | None, now: float) -> Child:
        return Child(lambda world: turn(shard, world), model, self.store, self.tokens, self.happenings, now)


def _run(lanes: Sequence[Lane], began: float) -> Ran:
    ran = Ran()
    heap: list[tuple[float, int, Lane, Child]] = []
    number = count()

    def begin(lane: Lane, now: float) -> None:
        if lane.shards:
            heapq.heappush(heap, (now, next(number), lane, lane.begun(lane.shards.popleft(), now)))

    for lane in lanes:
        for _ in range(lane.at_once):
            begin(lane, began)
    while heap:
        _, which, lane, child = heapq.heappop(heap)
        child.step()
        if child.ended is None:
            heapq.heappush(heap, (child.now, which, lane, child))
            continue
        ran.add(child)
        begin(lane, child.now)
    return ran
