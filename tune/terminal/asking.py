"""Questions to a person."""

from collections.abc import Callable
from typing import TypeVar

import typer

A = TypeVar("A")


def answer(ask: Callable[[], A]) -> A | None:
    """Return what was answered; None when nobody is there to answer. Ctrl-C is an interrupt, and no answer."""
    try:
        return ask()
    except typer.Abort as abort:
        # Both are told as the same; what it was stands behind it.
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return None
