"""A question that must not be waited for: somebody has asked to end."""

import threading
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")


def within(seconds: float, ask: Callable[[], A]) -> A | None:
    """Return the answer when it comes in time; None when it does not, or when there is none."""
    answers: list[A] = []

    def asking() -> None:
        try:
            answers.append(ask())
        except Exception:  # noqa: BLE001 - whatever it is, there is no answer
            return

    thread = threading.Thread(target=asking, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None
