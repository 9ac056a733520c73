"""Data files on this machine, for commands that end with one line when a file cannot be read."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from bedrock_lifecycle.dataset.rules.lines import Line
from bedrock_tuning.data.checker.local_file import LocalFile, UncheckedError
from tune.terminal.labels import name_of
from tune.terminal.problems import CannotBeDone


class Unusable(CannotBeDone):
    """A file or an argument that a command cannot work with; the message is one line."""


@contextmanager
def reading(path: Path) -> Iterator[LocalFile]:
    """Open a data file for the block; raise Unusable when it cannot be read to its end, or changes meanwhile."""
    try:
        with LocalFile.open(path) as file:
            yield file
    except UncheckedError as problem:
        raise Unusable(f"{name_of(path)} {problem}") from None


def lines_of(path: Path, max_bytes: int, advance: Callable[[int], None] = lambda _: None) -> Generator[Line]:
    """Yield the lines of a data file, cut after `max_bytes`; `advance` is told of the bytes that are done."""
    number = 0
    with reading(path) as file:
        for batch in file.batches(max_bytes):
            for index, piece in enumerate(batch.pieces):
                if index not in batch.rest:
                    number += 1
                    yield Line(number, piece.removesuffix(b"\n")[:max_bytes], index in batch.too_long)
            advance(batch.bytes)
