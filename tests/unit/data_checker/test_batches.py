"""Lines many at once: every byte comes, in order, and what is too long comes in pieces."""

import io

from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.lines import LineSplitter
from bedrock_tuning.data.checker.batches import batches

data = st.lists(st.sampled_from([b"\n", b"a", b"bc", b"\r\n", b"x" * 9, b"y" * 10, b"z" * 11, b"w" * 40])).map(b"".join)


@given(data, st.integers(1, 60))
def test_every_byte_comes_once_and_in_order(whole: bytes, batch_bytes: int) -> None:
    found = list(batches(io.BytesIO(whole), 10, batch_bytes))
    assert b"".join(piece for batch in found for piece in batch.pieces) == whole
    assert [batch.bytes for batch in found] == [sum(map(len, batch.pieces)) for batch in found]
    assert all(len(piece) <= 11 for batch in found for piece in batch.pieces)


@given(data, st.integers(1, 60))
def test_lines_are_those_that_the_splitter_finds(whole: bytes, batch_bytes: int) -> None:
    splitter = LineSplitter(10)
    expected = [(line.data, line.too_long) for line in [*splitter.feed(whole), *splitter.finish()]]
    found = [
        (piece.removesuffix(b"\n")[:10], index in batch.too_long)
        for batch in batches(io.BytesIO(whole), 10, batch_bytes)
        for index, piece in enumerate(batch.pieces)
        if index not in batch.rest
    ]
    assert found == expected


def test_a_batch_is_about_as_large_as_asked_for() -> None:
    found = list(batches(io.BytesIO(b"12345\n" * 100), 10, batch_bytes=60))
    assert [len(batch.pieces) for batch in found] == [10] * 10
