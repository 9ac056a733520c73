"""Hands out the lines of a stream, many at once, in memory that a file without a line break cannot exhaust."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

BATCH_BYTES: Final = 256 * 1024


@dataclass
class Batch:
    """Lines with their line feeds, as they follow each other in the file.

    A line that is too long comes in pieces: the first is at an index in `too_long`, the others at those in `rest`.
    """

    pieces: list[bytes] = field(default_factory=list)
    too_long: set[int] = field(default_factory=set)
    rest: set[int] = field(default_factory=set)
    bytes: int = 0


def batches(stream: BinaryIO, max_line_bytes: int, batch_bytes: int = BATCH_BYTES) -> Iterator[Batch]:
    """Yield every byte of a stream in batches of about `batch_bytes`, and of one line at least."""
    batch = Batch()
    inside = False
    most = max_line_bytes + 1
    for piece in iter(functools.partial(stream.readline, most), b""):
        if inside or len(piece) == most:
            ended = piece.endswith(b"\n")
            if inside:
                batch.rest.add(len(batch.pieces))
            elif not ended:
                batch.too_long.add(len(batch.pieces))
            inside = not ended
        batch.pieces.append(piece)
        batch.bytes += len(piece)
        if batch.bytes >= batch_bytes:
            yield batch
            batch = Batch()
    if batch.pieces:
        yield batch
