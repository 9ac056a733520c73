"""Sends the parts of a file that S3 does not have yet, several at once, and reads the file once."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bedrock_tuning.data.checker.local_file import LocalFile
from tune.dataset.files import reading
from tune.dataset.progress import Advance
from tune.dataset.upload.parts import UploadPart, checksum_of, part_bytes

# As many parts as are under way are in memory, and the one that is read.
_AT_ONCE: Final = 4

# Sends a part, given its number, its bytes and their checksum.
SendPart = Callable[[int, bytes, str], UploadPart]


@dataclass(frozen=True)
class Sent:
    """Every part of a file, how many of them were sent just now, and the digest of all that was read."""

    parts: tuple[UploadPart, ...]
    new: int
    sha256: str


def send(path: Path, there: Mapping[int, UploadPart], send_part: SendPart, advance: Advance) -> Sent:
    """Send what is not `there`; parts that are under way are finished even when one of them fails."""

    def part(number: int, data: bytes) -> UploadPart:
        checksum, known = checksum_of(data), there.get(number)
        return known if known and known.holds(data, checksum) else send_part(number, data, checksum)

    digest = hashlib.sha256()
    parts: list[UploadPart] = []
    with reading(path) as file, ThreadPoolExecutor(_AT_ONCE) as pool:
        work = (partial(part, number, data) for number, data in enumerate(_pieces(file, digest.update), start=1))
        for done in _in_order(pool, work):
            parts.append(done)
            advance(done.size)
    new = sum(there.get(each.number) is not each for each in parts)
    return Sent(tuple(parts), new, digest.hexdigest())


def _pieces(file: LocalFile, update: Callable[[bytes], None]) -> Iterator[bytes]:
    size = part_bytes(file.size)
    for offset in range(0, file.size, size):
        # What cannot be read, or is no longer there, is missing from the digest.
        piece = file.read(offset, size)
        update(piece)
        yield piece


def _in_order(pool: ThreadPoolExecutor, work: Iterable[Callable[[], UploadPart]]) -> Iterator[UploadPart]:
    under_way: deque[Future[UploadPart]] = deque()
    for each in work:
        under_way.append(pool.submit(each))
        if len(under_way) == _AT_ONCE:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()
