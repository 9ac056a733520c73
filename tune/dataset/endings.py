"""How the dataset commands end: 0 done, 1 the data is refused, 2 it could not be done, 130 interrupted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import typer
from rich.console import Console

from tune.dataset.reports import text
from tune.dataset.reports.checked import DataRefused
from tune.terminal.exit_codes import ending_in_words

DATA_REFUSED: Final = 1


@contextmanager
def endings(interrupted: str | Callable[[], str], lost: str = "") -> Iterator[None]:
    """End a command in words whatever happens; the words are as for `ending_in_words`."""
    with ending_in_words(interrupted=interrupted, lost=lost):
        try:
            yield
        except DataRefused as refused:
            text.show(refused.files, Console(stderr=True))
            raise typer.Exit(DATA_REFUSED) from None
