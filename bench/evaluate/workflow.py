"""The workflow's maps on simulated time: children side by side, each with a clock of its own, killed at random places.

A child's clock runs ahead of the others by one answer at most: the earliest is always the next to go on.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bedrock_lifecycle.evaluation.asking.asking import Asked, Asking, Bounded, HandOn, Work, World, asking
from bedrock_lifecycle.evaluation.asking.counter import Counted
from bedrock_lifecycle.evaluation.asking.throttling import Rhythm
from bedrock_lifecycle.evaluation.stored.plan import Plan
from bedrock_lifecycle.evaluation.stored.records import Question
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
    """One child of a map: functions one after the other, until its shard is done."""

    work: Work
    questions: Callable[[], Sequence[Question]]
    model: Model
    store: Store
    tokens: Tokens
    happenings: Happenings
    now: float
    functions: int = 0
    waits: int = 0
    kills: int = 0
    busy: float = 0.0
    ended: Asked | None = None
    rhythm: Rhythm | None = None
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
                self.rhythm = end.value.rhythm
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
        world = World(
            converse=self._converse,
            store=_Gate(self),
            counter=_Counting(self),
            now=lambda: self.now,
            has_time=lambda: self.now < ends,
        )
        return asking(replace(self.work, rhythm=self.rhythm), self.questions(), world)

    def _converse(self, *, messages: Sequence[Any], **_: Any) -> Mapping[str, Any]:
        self.may()
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
class Ran:
    """How the maps of all targets went."""

    children: int = 0
    functions: int = 0
    waits: int = 0
    kills: int = 0
    busy: float = 0.0
    is_bounded: bool = False
    ended: dict[int, float] = field(default_factory=dict)
    largest: tuple[int, int, int] = (0, 0, 0)
    """Functions, waits and kills of the child that had most of them."""


def run(
    plan: Plan,
    told: Sequence[Mapping[str, Any]],
    models: Sequence[Model],
    questions: Callable[[int], Sequence[Question]],
    store: Store,
    tokens: Tokens,
    happenings: Happenings,
) -> Ran:
    """Ask all shards of all targets, as `told` by Prepare."""
    ran = Ran()
    heap: list[tuple[float, int, int, Child]] = []
    waiting = {its["target"]: deque(its["shards"]) for its in told}
    targets = {its["target"]: its for its in told}

    def begin(target: int, now: float) -> None:
        if not waiting[target]:
            return
        shard = waiting[target].popleft()
        ran.children += 1
        its = targets[target]
        work = Work(
            answers_id=plan.answers_id(plan.targets[target]),
            shard=shard,
            model=plan.targets[target].model,
            max_output_tokens=plan.max_output_tokens,
            seconds=its["pace"],
            adapts=its["adapts"],
        )
        child = Child(work, lambda: questions(shard), models[target], store, tokens, happenings, now)
        heapq.heappush(heap, (now, ran.children, target, child))

    for its in told:
        for _ in range(its["concurrency"]):
            begin(its["target"], 0.0)
    while heap:
        _, number, target, child = heapq.heappop(heap)
        child.step()
        if child.ended is None:
            heapq.heappush(heap, (child.now, number, target, child))
            continue
        ran.functions += child.functions
        ran.waits += child.waits
        ran.kills += child.kills
        ran.busy += child.busy
        ran.is_bounded |= isinstance(child.ended, Bounded)
        ran.largest = max(ran.largest, (child.functions, child.waits, child.kills))
        ran.ended[target] = max(ran.ended.get(target, 0.0), child.now)
        begin(target, child.now)
    return ran
