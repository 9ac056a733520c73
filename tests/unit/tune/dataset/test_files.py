"""Lines of a file, and what makes two records the same."""

from pathlib import Path

import pytest

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tests.support.messages import saying
from tests.unit.tune.dataset.data import conversation, converted, pair
from tune.dataset.files import Unusable, lines_of
from tune.dataset.records import records, wide_limits
from tune.dataset.shares import identity


def test_lines_are_those_between_line_feeds_and_cut_where_they_are_too_long(tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(b"one\r\n\n" + b"x" * 1000 + b"\nten bytes!\n12 bytes \xff\xff\xff\nlast")
    found = list(lines_of(path, 10))
    assert [(line.number, line.data, line.too_long) for line in found] == [
        (1, b"one\r", False),
        (2, b"", False),
        (3, b"x" * 10, True),
        (4, b"ten bytes!", False),
        (5, b"12 bytes \xff", True),
        (6, b"last", False),
    ]


def test_every_byte_is_told_to_be_done(tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(b"a line\n" * 200_000)
    reached: list[int] = []
    assert sum(1 for _ in lines_of(path, 100, reached.append)) == 200_000
    assert sum(reached) == path.stat().st_size
    assert len(reached) > 1


@pytest.mark.parametrize("more", [b"{}\n", b""])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(b"a line\n" * 200_000)
    lines = lines_of(path, 100)
    next(lines)
    path.write_bytes(path.read_bytes()[: None if more else 7] + more)
    with pytest.raises(Unusable, match=saying("any.jsonl", "changed")):
        list(lines)


def test_a_question_is_the_same_in_every_format(tmp_path: Path) -> None:
    formats = (RecordFormat.MESSAGES, RecordFormat.CONVERSE)
    digests = {identity(pair(7))}
    for record_format in formats:
        path = tmp_path / "any.jsonl"
        path.write_bytes(converted(pair(7), record_format, None))
        digests |= {identity(record.value) for record in records(path, wide_limits(record_format), lambda _: None)}
    assert len(digests) == 1


def test_what_a_question_is_known_by_is_never_changed() -> None:
    # Append only: with another digest, records that were trained on would turn up in somebody's validation data.
    assert identity({"prompt": "a", "completion": "b"}) == "4554b5c25f77f70e3a37670110f3d35a"
    assert identity(conversation(1, system=[{"text": "ü"}])) == "13ad4cde6c6440edb4261da0d221f1f9"
