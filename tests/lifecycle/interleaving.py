"""Two executors whose calls are interleaved in every way, up to a number of preemptions.

An executor runs functions one after the other. Before every call the explorer decides which executor goes on. Most
faults of concurrent programs show with very few preemptions, so a small bound finds them and stays exhaustive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.calls import Fault
from tests.support.lifecycle import Lifecycle
from tests.support.runs import Run

NextRun = Callable[[], Run | None]


@dataclass
class Executor:
    """Runs functions, each made when the one before has ended; a function that is not there yet is passed over."""

    runs: list[NextRun]
    current: Run | None = None

    @property
    def ready(self) -> bool:
        return self.current is not None or bool(self.runs)

    def move(self, lifecycle: Lifecycle) -> None:
        """Go on until the next call, or to the end of a run."""
        if self.current is None:
            self.current = self.runs.pop(0)()
        if self.current is None:
            return
        self.current.began = self.current.began or lifecycle.now
        lifecycle.calls.run = self.current
        self.current.move()
        lifecycle.calls.run = None
        if self.current.ended:
            self.current = None


@dataclass
class Schedule:
    """Which executor goes on at each choice; after the choices given, the same one goes on for as long as it can."""

    choices: tuple[int, ...]
    taken: list[int] = field(default_factory=list)
    preemptable: list[int] = field(default_factory=list)

    def next(self, executors: list[Executor]) -> int:
        position = len(self.taken)
        ready = [index for index, executor in enumerate(executors) if executor.ready]
        wanted = self.choices[position] if position < len(self.choices) else self.taken[-1] if self.taken else 0
        chosen = wanted if wanted in ready else ready[0]
        if len(ready) > 1:
            self.preemptable.append(position)
        self.taken.append(chosen)
        return chosen


def play(lifecycle: Lifecycle, executors: list[Executor], schedule: Schedule) -> None:
    """Run both executors to their ends in the schedule's order."""
    lifecycle.calls.chaos = lambda _call: Fault.HELD_UP
    lifecycle.calls.hold_up = lambda run, _span: run.hold()
    while any(executor.ready for executor in executors):
        executors[schedule.next(executors)].move(lifecycle)
    lifecycle.calls.chaos = lambda _call: None


def schedules(run: Callable[[Schedule], None], *, preemptions: int) -> Iterator[Schedule]:
    """Yield every schedule with at most so many preemptions, after `run` has played it."""
    pending: list[tuple[tuple[int, ...], int]] = [((0,), 0), ((1,), 0)]
    while pending:
        choices, used = pending.pop()
        schedule = Schedule(choices)
        run(schedule)
        yield schedule
        if used == preemptions:
            continue
        for position in schedule.preemptable:
            if position >= len(choices):
                other = 1 - schedule.taken[position]
                pending.append(((*schedule.taken[:position], other), used + 1))
