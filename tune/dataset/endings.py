"""How the dataset commands end: 0 done, 1 the data is refused, 2 it could not be done, 130 interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from tune.dataset.files import Unusable, name_of, reason
from tune.dataset.reports import text
from tune.dataset.reports.checked import DataRefused
from tune.ending import INTERRUPTED, refuse

DATA_REFUSED: Final = 1


@contextmanager
def endings(interrupted: str) -> Iterator[None]:
    """End a command in words whatever happens; `interrupted` says what an interrupt leaves."""
    try:
        yield
    except DataRefused as refused:
        text.show(refused.files, Console(stderr=True))
        if refused.why:
            typer.echo(refused.why, err=True)
        raise typer.Exit(DATA_REFUSED) from None
    except Unusable as problem:
        refuse(str(problem))
    except BrokenPipeError:
        raise  # nobody reads on, which is no failure of the command
    except OSError as error:
        refuse(f"{name_of(Path(str(error.filename or 'the system')))}: {reason(error)}")
    except KeyboardInterrupt:
        typer.echo(f"Interrupted. {interrupted}", err=True)
        raise typer.Exit(INTERRUPTED) from None
