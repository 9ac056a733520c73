"""How a command ends when it cannot do what it was asked: in words, and with the exit code that is documented."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from stacks import cdk_library
from tune.terminal.exit_codes import INTERRUPTED, USAGE_ERROR, refuse
from tune.terminal.problems import CannotBeDone
from tune.terminal.signals import Stopped

if TYPE_CHECKING:
    from tune.terminal.screen import Screen


@contextmanager
def ending_in_words(
    *, lost: str = "", interrupted: str | Callable[[], str] = "", screen: "Screen | None" = None
) -> Iterator[None]:
    """End a command in words, whatever keeps it from going on; what is a fault of the code keeps its traceback.

    Args:
        lost: What goes on when AWS no longer answers, and how to come back to it.
        interrupted: What an interrupt leaves; a function is asked when there is one.
        screen: Where a line about what goes on is taken away first.
    """
    try:
        yield
    except (KeyboardInterrupt, Stopped) as end:
        _clear(screen)
        left = interrupted if isinstance(interrupted, str) else interrupted()
        typer.echo(f"Interrupted. {left}".strip(), err=True)
        raise typer.Exit(_code(end)) from None
    except CannotBeDone as problem:
        _clear(screen)
        problem.tell()
        raise typer.Exit(problem.code) from None
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise  # it ends in words already, or nobody reads them
    except Exception as error:
        # Imported here: a usage error needs none of it.
        from tune.account.clients import in_words

        if words := in_words(error):
            _clear(screen)
            refuse(_sentences(words, lost))
        words = cdk_library.in_words(error) or _of_system(error)
        if words is None:
            raise
        _clear(screen)
        typer.echo(words, err=True)
        # The error is kept: what it holds fails in its turn when it is cleared up.
        raise typer.Exit(USAGE_ERROR) from error


def _sentences(first: str, then: str) -> str:
    """Return both with one full stop between them: the first may be in a service's words, which end in their own."""
    return f"{first.rstrip('.')}. {then}" if then else first


def _code(end: BaseException) -> int:
    return int(end.code or 0) if isinstance(end, Stopped) else INTERRUPTED


def _of_system(error: Exception) -> str | None:
    """Return what the operating system refused, None for what is no matter of its."""
    from tune.terminal.labels import name_of, reason

    if not isinstance(error, OSError) or not error.strerror:
        return None
    return f"{name_of(Path(str(error.filename or 'the system')))}: {reason(error)}"


def _clear(screen: "Screen | None") -> None:
    if screen:
        screen.status(None)
