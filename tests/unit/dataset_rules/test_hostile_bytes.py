"""Whatever the bytes are: an answer, the same for every chunking, and nothing of the content in it."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.records import RecordChecker, check
from tests.unit.dataset_rules.samples import any_converse_record, any_limits, any_record, lines, report_on, turn

CANARY = "kanarienvogel"

texts = st.one_of(st.just("any"), st.just("\nHuman: any"), st.just(" "), st.text(max_size=20))
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["role", "content", "text", "system", "messages", "x"]), inner, max_size=4),
    ),
    max_leaves=12,
)
messages = st.lists(
    st.one_of(st.builds(turn, st.one_of(st.sampled_from(["user", "assistant"]), values), values), values), max_size=4
)
records = st.one_of(
    st.builds(any_record, system=values, messages=messages),
    st.builds(any_converse_record, system=values, messages=messages, schemaVersion=values),
    values,
)
pieces = st.one_of(
    records.map(lambda record: json.dumps(record).encode()),
    st.binary(max_size=30),
    st.sampled_from([b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b" ", b"{", b"[" * 50, b'{"a":1,"a":2}']),
)
files = st.lists(pieces, max_size=8).map(b"\n".join)
formats = st.sampled_from(RecordFormat)


def small_limits(data_format: RecordFormat) -> Any:
    return any_limits(data_format, min_records=2, max_records=4, max_tokens_per_record=10, max_file_bytes=200)


@given(files, formats)
def test_never_fails(data: bytes, data_format: RecordFormat) -> None:
    report = report_on(data, small_limits(data_format))
    assert report.bytes == len(data)
    assert sum(report.counts.values()) == len(report.findings)


@given(files, formats, st.lists(st.integers(0, 300), max_size=8))
@example(b"\n\n", RecordFormat.MESSAGES, [1])
@example(b"\xef\xbb\xbf{}\n", RecordFormat.MESSAGES, [1, 2])
@example(b"version https://git-lfs.github.com/spec/v1\nany\n", RecordFormat.MESSAGES, [7, 40])
def test_chunks_make_no_difference(data: bytes, data_format: RecordFormat, cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(data)]
    chunks = [data[start:end] for start, end in pairwise(bounds)]
    limits = small_limits(data_format)
    joined = b"".join(chunks)
    assert check(chunks, limits) == report_on(joined, limits)
    assert check([joined[index : index + 1] for index in range(len(joined))], limits) == report_on(joined, limits)


@pytest.mark.parametrize("beyond", [0, 1, 100_000])
@pytest.mark.parametrize("step", [1 << 12, 65_537])
def test_chunks_make_no_difference_to_a_long_line(beyond: int, step: int) -> None:
    limits = any_limits(max_tokens_per_record=1)
    data = b"x" * (limits.max_line_bytes + beyond) + b"\n" + lines(any_record(system=...))
    chunks = [data[start : start + step] for start in range(0, len(data), step)]
    assert check(chunks, limits) == report_on(data, limits)


def with_canary(value: Any) -> Any:
    """Return the value with the canary in every text and every key that the rules do not know."""
    if isinstance(value, str):
        return value if value in ("user", "assistant") else value + CANARY
    if isinstance(value, list):
        return [with_canary(item) for item in value]
    if isinstance(value, dict):
        return {CANARY if key == "x" else key: with_canary(item) for key, item in value.items()}
    return value


@given(st.lists(records, max_size=5), formats, st.integers(0, 400))
def test_content_never_shows(found: list[Any], data_format: RecordFormat, cut: int) -> None:
    data = lines(*map(with_canary, found))
    report = report_on(data + b"\n" + data[cut:], small_limits(data_format))
    assert CANARY not in repr(report)


@pytest.mark.parametrize(
    "data",
    [
        f'{{"{CANARY}": 1, "{CANARY}": 2}}',
        f'{{"system": \\{CANARY}}}',
        f'{{"system": "\\u{CANARY}"}}',
        f'{{"system": "{CANARY}',
        f"{CANARY}: any",
        f'{{"messages": [{{"role": "{CANARY}", "{CANARY}": "{CANARY}"}}]}}',
        f'{{"schemaVersion": ["{CANARY}"]}}',
        f'{{"system": "{CANARY}\\nHuman: {CANARY} \\ud800"}}',
        f'{{"system": "{CANARY * 1000}"}}',
    ],
    ids=range(9),
)
@pytest.mark.parametrize("data_format", RecordFormat)
def test_no_finding_quotes_the_record(data: str, data_format: RecordFormat) -> None:
    for text in (data.encode(), data.encode() + b"\xff"):
        report = report_on(text, any_limits(data_format))
        assert report.findings
        assert CANARY not in repr(report)


@given(files)
def test_told_early_means_refused_in_the_end(data: bytes) -> None:
    checker = RecordChecker(any_limits(max_file_bytes=100))
    checker.feed(data)
    early = checker.refused
    assert not (early and checker.finish().accepted)
