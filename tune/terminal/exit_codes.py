"""The exit codes that are documented, and how a command refuses.

For signals it is 128 and their number: a command was asked to end.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NoReturn, Self

import typer


class ExitCode(IntEnum):
    """How a command has ended; `means` is the same in words."""

    means: str

    def __new__(cls, value: int, means: str) -> Self:
        """Make a member of its number and its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.means = means
        return member

    DONE = 0, "done, or the answer is yes"
    FAILED = 1, "failed, or the answer is no"
    NOT_POSSIBLE = 2, "not possible: arguments, settings or credentials are wrong, or AWS does not answer"
    GOES_ON = 3, "nothing failed and something is still in progress in AWS: run the same command again later"
    REFUSED = 4, "refused by a gate that the settings ask for"
    INTERRUPTED = 130, "interrupted; 143 and 129 are SIGTERM and SIGHUP"


USAGE_ERROR: Final = ExitCode.NOT_POSSIBLE
INTERRUPTED: Final = ExitCode.INTERRUPTED


def of_parts(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code of a command whose parts ended each by itself: a failure hides behind nothing."""
    found = set(codes)
    worst_first = (ExitCode.FAILED, ExitCode.REFUSED, ExitCode.GOES_ON)
    return next((code for code in worst_first if code in found), ExitCode.DONE)


def refuse(message: str) -> NoReturn:
    """Say what is wrong, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(ExitCode.NOT_POSSIBLE)
