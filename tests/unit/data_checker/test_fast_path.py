"""What the fast path certifies breaks no rule, says what the rules read, and nothing that is odd gets through."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.records import check
from bedrock_tuning.data.checker import fast_path
from bedrock_tuning.data.checker.content import content_of, frame_bytes
from bedrock_tuning.data.checker.fast_path import certifier
from tests.unit.dataset_rules.corpus.case import asked, blocks, said
from tests.unit.dataset_rules.corpus.every_case import CASES
from tests.unit.dataset_rules.records import GOOD, written
from tests.unit.dataset_rules.samples import any_limits

pytestmark = pytest.mark.skipif(not fast_path.IS_FAST, reason="there is no pysimdjson for this Python")

MUCH = {"max_tokens_per_record": 10**6, "max_file_bytes": 10**9}
LIMITS = {data_format: any_limits(data_format, reserved_words=(), **MUCH) for data_format in RecordFormat}
EXAMPLES = {
    RecordFormat.MESSAGES: said("q", "a", system="any"),
    RecordFormat.CONVERSE: blocks("q", "a", system=[{"text": "any"}]),
    RecordFormat.PROMPT_COMPLETION: asked(),
}


def lines_of_the_corpus() -> Iterator[tuple[RecordFormat, bytes]]:
    for case in CASES.values():
        for line in case.data.splitlines(keepends=True)[:40]:
            yield case.data_format, line


def is_good(line: bytes, data_format: RecordFormat) -> bool:
    """Tell whether no rule has anything to say of a line, however long it is."""
    return not check([line], LIMITS[data_format]).findings


@pytest.mark.parametrize("data_format", RecordFormat)
def test_certifies_no_line_of_the_corpus_that_breaks_a_rule(data_format: RecordFormat) -> None:
    certify = certifier(data_format)
    certified = 0
    for _, line in lines_of_the_corpus():
        content = certify(line)
        if content is not None:
            assert is_good(line, data_format)
            assert content == content_of(json.loads(line))
            certified += 1
    assert certified > 5


def test_certifies_nearly_every_good_line_of_the_corpus() -> None:
    good = [(data_format, line) for data_format, line in lines_of_the_corpus() if is_good(line, data_format)]
    left = [line for data_format, line in good if certifier(data_format)(line) is None]
    assert len(good) > 100
    # One starts with white space.
    assert len(left) <= 1


@pytest.mark.parametrize("data_format", RecordFormat)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_certifies_what_is_good_and_says_what_it_says(data_format: RecordFormat, data: st.DataObject) -> None:
    record = data.draw(GOOD[data_format])
    line = data.draw(written(record)).encode()
    content = certifier(data_format)(line)
    assert content == content_of(record)
    assert len(line) >= frame_bytes(data_format, content.parts) + sum(map(len, content.texts))


@pytest.mark.parametrize("data_format", RecordFormat)
def test_the_frame_is_what_json_takes_of_a_line(data_format: RecordFormat) -> None:
    record = json.loads(EXAMPLES[data_format].replace("bedrock-conversation-2024", ""))
    content = content_of(record)
    shortest = json.dumps(record, separators=(",", ":"))
    assert len(shortest) == frame_bytes(data_format, content.parts) + sum(map(len, content.texts))


@pytest.mark.parametrize("data_format", RecordFormat)
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_other_byte_is_certified_only_when_no_rule_minds(data_format: RecordFormat, data: st.DataObject) -> None:
    line = bytearray(EXAMPLES[data_format].encode())
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255).filter(lambda byte: byte != 10))
    content = certifier(data_format)(bytes(line))
    if content is not None:
        assert is_good(bytes(line), data_format)
        assert content == content_of(json.loads(line))


@pytest.mark.parametrize("data_format", RecordFormat)
def test_goes_on_after_every_odd_line(data_format: RecordFormat) -> None:
    certify = certifier(data_format)
    good = EXAMPLES[data_format].encode()
    for _, line in lines_of_the_corpus():
        certify(line)
        assert certify(good) is not None


def test_leaves_long_lines_to_the_rules() -> None:
    certify = certifier(RecordFormat.MESSAGES)
    assert certify(said("q" * 4_000_000, "a").encode()) is not None
    assert certify(said("q" * 5_000_000, "a").encode()) is None
