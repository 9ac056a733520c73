"""Hands out the lines of a stream, many at once, in memory that a file without a line break cannot exhaust."""

import functools
import sys
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


def batches(
    stream: BinaryIO, max_line_bytes: int, batch_bytes: int = BATCH_BYTES, until: int = sys.maxsize
) -> Iterator[Batch]:
    """Yield the lines that start within the next `until` bytes, in batches of about `batch_bytes` or of one line."""
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
        if batch.bytes >= until and not inside:
            break
        if batch.bytes >= batch_bytes:
            yield batch
            until -= batch.bytes
            batch = Batch()
    if batch.pieces:
        yield batch


def skip_line(stream: BinaryIO) -> int:
    """Read on to the end of a line; return how many bytes that were."""
    skipped = 0
    for piece in iter(functools.partial(stream.readline, BATCH_BYTES), b""):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped
