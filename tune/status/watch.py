"""Looks again and again, until nothing is in progress any more."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tune.account.clients import passes, told
from tune.status.facts import Status
from tune.status.text import progress
from tune.terminal.screen import Screen

LOOK_EVERY_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 300.0
"""How long AWS may give no answer at all."""


def watch(
    status: Status,
    look: Callable[[], Status],
    screen: Screen,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Status:
    """Show what goes on, and each change as a line of its own; return the status in which nothing does.

    Raise what botocore raises when that does not pass, or has not passed for PATIENCE_SECONDS.
    """
    answered = clock()
    while status.is_moving:
        screen.status(progress(status))
        sleep(LOOK_EVERY_SECONDS)
        try:
            after = look()
        except (ClientError, BotoCoreError) as problem:
            if not passes(problem) or clock() - answered >= PATIENCE_SECONDS:
                raise
            # Looking is not the deployment: what goes on does so unseen for a while.
            screen.status(f"AWS does not answer at the moment ({told(problem)}); trying again")
            continue
        answered = clock()
        for line in changes(status, after):
            screen.say(line)
        status = after
    screen.status(None)
    return status


def changes(before: Status, after: Status) -> Iterator[str]:
    """Yield a line for each thing that has another state than before."""
    earlier, later = dict(_states(before)), dict(_states(after))
    for name in dict.fromkeys((*earlier, *later)):
        old, new = earlier.get(name), later.get(name)
        if old != new:
            yield f"{after.now:%H:%M} {name}: {old or 'none'} → {new or 'gone'}"


def _states(status: Status) -> Iterator[tuple[str, str | None]]:
    yield from ((f"stack {its.name}", its.status) for its in status.stacks)
    for training in status.trainings:
        yield f"training {training.name}", training.status
        yield from (
            (f"training {training.name}, {its.name}", its.status)
            for its in training.phases
            if its.status != "NotStarted"
        )
    yield from ((f"evaluation {its.id}", its.state) for its in status.evaluations if its.id)
    yield from ((f"{its.what} {its.name}", its.status) for its in status.serving)
