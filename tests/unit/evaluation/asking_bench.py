"""The asking of one shard on simulated time: a world in memory, in which a function is killed after any effect."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bedrock_lifecycle.evaluation.asking.asking import Asked, Asking, AskingWorld, HandOn, Work, asking
from bedrock_lifecycle.evaluation.asking.counter import Counted
from bedrock_lifecycle.evaluation.asking.throttling import Rhythm
from bedrock_lifecycle.evaluation.stored.records import Answer, Question, answers_of

ANSWERS_ID = "0123456789abcdef0123"


class Killed(BaseException):
    """The Lambda service ends the function here."""


@dataclass
class Effects:
    """Counts everything that has an effect, and kills after those whose numbers are given."""

    kills: frozenset[int] = frozenset()
    number: int = 0
    dead: bool = False

    def happened(self) -> None:
        self.number += 1
        if self.number in self.kills:
            self.dead = True
            raise Killed

    def may(self) -> None:
        """Let nobody act who is dead: what Python runs while it unwinds is not run by Lambda."""
        if self.dead:
            raise Killed


@dataclass
class MemoryStore:
    effects: Effects = field(default_factory=Effects)
    objects: dict[str, bytes] = field(default_factory=dict)

    def found(self, key: str) -> bytes | None:
        self.effects.may()
        return self.objects.get(key)

    def keys(self, prefix: str) -> Iterable[str]:
        self.effects.may()
        return sorted(key for key in self.objects if key.startswith(prefix))

    def write(self, key: str, body: bytes) -> None:
        self.effects.may()
        self.objects[key] = body
        self.effects.happened()

    def write_once(self, key: str, body: bytes) -> bool:
        self.effects.may()
        is_new = key not in self.objects
        self.objects.setdefault(key, body)
        self.effects.happened()
        return is_new


@dataclass
class MemoryCounter:
    max_tokens: int
    effects: Effects = field(default_factory=Effects)
    tokens: int = 0
    throttled: int = 0
    lowest_rest: int = 0

    def reserve(self, tokens: int) -> bool:
        self.effects.may()
        if self.tokens + tokens > self.max_tokens:
            return False
        self.tokens += tokens
        self.effects.happened()
        return True

    def settle(self, *, reserved: int, used: int, throttled: int = 0) -> None:
        self.effects.may()
        self.tokens += used - reserved
        self.throttled += throttled
        self.effects.happened()

    def read(self) -> Counted:
        return Counted(self.tokens, self.throttled)


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


Reply = Callable[[str, int], Mapping[str, Any]]
"""From a question's text and how often it was asked before to an answer; may raise."""


@dataclass
class Model:
    """Answers as `reply` says, and remembers who was asked when."""

    clock: Clock
    effects: Effects
    reply: Reply
    seconds: float = 1.0
    asked: list[tuple[float, str]] = field(default_factory=list)
    used: int = 0

    def converse(self, *, messages: Sequence[Any], **_: Any) -> Mapping[str, Any]:
        self.effects.may()
        text = messages[-1]["content"][0]["text"]
        before = sum(each == text for _, each in self.asked)
        self.asked.append((self.clock.now, text))
        self.clock.now += self.seconds
        answer = self.reply(text, before)
        self.used += sum(answer["usage"].values())
        self.effects.happened()
        return answer


def reply_of(text: str, *, input_tokens: int = 5, output_tokens: int = 5, stop: str = "end_turn") -> Mapping[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": stop,
        "usage": {"inputTokens": input_tokens, "outputTokens": output_tokens},
    }


def echo(text: str, _before: int) -> Mapping[str, Any]:
    return reply_of(f"answer to {text}")


def questions(number: int) -> list[Question]:
    return [
        Question(
            record=record,
            request={"messages": [{"role": "user", "content": [{"text": f"q{record}"}]}]},
            reference=f"r{record}",
        )
        for record in range(1, number + 1)
    ]


class Bench:
    """One shard, asked by one function after the other."""

    def __init__(
        self,
        number: int,
        *,
        reply: Reply = echo,
        kills: Iterable[int] = (),
        max_tokens: int = 10_000_000,
        pace: float = 2.0,
        seconds_of_a_function: float = 600.0,
        max_output_tokens: int = 10,
    ) -> None:
        self.effects = Effects(frozenset(kills))
        self.clock = Clock()
        self.store = MemoryStore(self.effects)
        self.counter = MemoryCounter(max_tokens, self.effects)
        self.model = Model(self.clock, self.effects, reply)
        self.questions = questions(number)
        self.work = Work(answers_id=ANSWERS_ID, shard=3, model="any", max_output_tokens=max_output_tokens, seconds=pace)
        self.seconds_of_a_function = seconds_of_a_function
        self.kills = 0
        self.functions = 0
        self.waits: list[int] = []
        self.rhythm: Rhythm | None = None

    def function(self) -> Asked | None:
        """Run one function to its end; None when it was killed."""
        self.effects.dead = False
        run = self.begun()
        try:
            while True:
                pause = next(run)
                self.clock.now += pause
        except StopIteration as end:
            ended: Asked = end.value
            return ended
        except Killed:
            self.kills += 1
            return None

    def begun(self) -> Asking:
        """Begin a function."""
        self.functions += 1
        ends = self.clock.now + self.seconds_of_a_function
        world = AskingWorld(
            converse=self.model.converse,
            store=self.store,
            counter=self.counter,
            now=self.clock,
            has_time=lambda: self.clock.now < ends,
        )
        return asking(replace(self.work, rhythm=self.rhythm), self.questions, world)

    def to_the_end(self) -> Asked:
        """Do as the workflow does, until the shard is done or the bound is met."""
        while True:
            ended = self.function()
            if isinstance(ended, HandOn):
                self.waits.append(ended.seconds)
                self.rhythm = ended.rhythm
                self.clock.now += ended.seconds
            elif ended is not None:
                return ended

    def answers(self) -> list[Answer]:
        return [
            each
            for key in sorted(self.store.objects)
            if "/answers/" in key
            for each in answers_of(self.store.objects[key])
        ]
