"""What is checked of a file whatever its records say."""

import gzip
import hashlib

import pytest

from bedrock_lifecycle.dataset.rules.findings import PLACES_PER_RULE, FileFinding
from bedrock_lifecycle.dataset.rules.lines import LineSplitter
from bedrock_lifecycle.dataset.rules.records import RecordChecker, check
from tests.support.messages import says
from tests.unit.dataset_rules.samples import any_limits, any_record, found, lines, report_on

GOOD = lines(any_record())


def test_accepts_a_good_file_and_tells_what_it_is() -> None:
    report = report_on(GOOD * 3)
    assert report.accepted
    assert (report.findings, report.counts, report.records) == ((), {}, 3)
    assert (report.bytes, report.sha256) == (len(GOOD * 3), hashlib.sha256(GOOD * 3).hexdigest())


def test_takes_a_file_from_chunks() -> None:
    assert check([GOOD[:9], b"", GOOD[9:]], any_limits()) == report_on(GOOD)


@pytest.mark.parametrize("data", [GOOD.rstrip(b"\n"), GOOD.replace(b"\n", b"\r\n"), b" \t" + GOOD], ids=repr)
def test_accepts_a_missing_last_newline_and_white_space_around_a_record(data: bytes) -> None:
    assert report_on(data).accepted


def test_an_empty_file_has_no_records() -> None:
    assert found(b"", any_limits(min_records=1)) == [(0, "", "record-count")]
    assert found(b"", any_limits(min_records=0)) == []


@pytest.mark.parametrize(("records", "accepted"), [(1, False), (2, True), (4, True), (5, False)])
def test_the_number_of_records_has_bounds(records: int, accepted: bool) -> None:
    report = report_on(GOOD * records, any_limits(min_records=2, max_records=4))
    assert report.accepted is accepted
    if not accepted:
        (finding,) = report.findings
        assert (finding.line, finding.path, finding.rule) == (0, "", "record-count")
        assert says(finding.message, records, 2, 4)


def test_lines_that_are_no_good_records_count_as_records() -> None:
    assert report_on(b"{}\nnonsense\n\n" + GOOD).records == 3


def test_the_size_has_a_bound() -> None:
    assert report_on(GOOD, any_limits(max_file_bytes=len(GOOD))).accepted
    assert found(GOOD, any_limits(max_file_bytes=len(GOOD) - 1)) == [(0, "", "file-size")]


@pytest.mark.parametrize("blank", [b"\n", b" \t\n", b"\r\n"])
def test_refuses_a_blank_line_wherever_it_is(blank: bytes) -> None:
    assert found(blank + GOOD + blank + GOOD + blank) == [(line, "", "blank-line") for line in (1, 3, 5)]


def test_refuses_a_byte_order_mark_and_checks_on() -> None:
    assert found(b"\xef\xbb\xbf" + GOOD + b"{\n") == [(1, "", "byte-order-mark"), (2, "", "json")]


def test_takes_a_byte_order_mark_only_at_the_start_for_one() -> None:
    assert found(GOOD + b"\xef\xbb\xbf" + GOOD) == [(2, "", "json")]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (GOOD.decode().encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), "UTF-16"),
        (GOOD.decode().encode("utf-32"), "UTF-32"),
        (gzip.compress(GOOD), "gzip"),
        (b"PK\x03\x04any\nany\n", "zip"),
    ],
    ids=["lfs", "utf-16-le", "utf-16-be", "utf-32", "gzip", "zip"],
)
def test_says_once_that_a_file_is_something_else(data: bytes, kind: str) -> None:
    report = report_on(data, any_limits(min_records=1))
    assert [(finding.line, finding.rule) for finding in report.findings] == [(0, "file-kind")]
    assert kind in report.findings[0].message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_refuses_utf_16_without_a_mark(encoding: str) -> None:
    assert {rule for _, _, rule in found(GOOD.decode().encode(encoding))} == {"json"}


@pytest.mark.parametrize("data", [b"\xff", b"\xc3(", "é".encode("latin-1"), b"\xed\xa0\x80"], ids=repr)
def test_refuses_what_is_not_utf_8(data: bytes) -> None:
    assert found(b'{"system": "' + data + b'"}\n' + GOOD) == [(1, "", "utf-8")]


def test_a_line_has_a_bound() -> None:
    bound = any_limits().max_line_bytes
    padded = GOOD.rstrip(b"\n").ljust(bound)
    assert found(padded + b"\n" + GOOD) == []
    assert found(padded + b" \n" + GOOD) == [(1, "", "line-length")]
    assert found(padded + b" ") == [(1, "", "line-length")]


def test_a_line_without_end_takes_bounded_memory() -> None:
    splitter = LineSplitter(max_bytes=100)
    for _ in range(1000):
        assert list(splitter.feed(b"x" * 1000)) == []
        assert len(splitter._pending) == 101
    (line,) = splitter.finish()
    assert line.too_long
    assert line.data == b"x" * 100


def test_keeps_the_first_findings_of_each_rule_and_counts_all() -> None:
    report = report_on(b"{\n" * (PLACES_PER_RULE + 5) + b"\n")
    kept = [(line, "json") for line in range(1, PLACES_PER_RULE + 1)]
    assert [(finding.line, finding.rule) for finding in report.findings] == [*kept, (PLACES_PER_RULE + 6, "blank-line")]
    assert report.counts == {"json": PLACES_PER_RULE + 5, "blank-line": 1}
    assert report.error_count == PLACES_PER_RULE + 6
    assert not report.accepted


def test_tells_early_that_a_file_is_refused() -> None:
    checker = RecordChecker(any_limits(max_file_bytes=len(GOOD) + 1))
    checker.feed(GOOD)
    assert not checker.refused
    checker.feed(b"{")
    assert not checker.refused
    checker.feed(b" ")
    assert checker.refused
    checker = RecordChecker(any_limits())
    checker.feed(b"{\n")
    assert checker.refused


def test_describes_a_finding_in_one_line() -> None:
    assert FileFinding(7, "messages[1].role", "any", "must be so").describe("train.jsonl") == (
        "train.jsonl line 7, messages[1].role: must be so"
    )
    assert FileFinding(7, "", "any", "must be so").describe("train.jsonl") == "train.jsonl line 7: must be so"
    assert FileFinding(0, "", "any", "must be so").describe("train.jsonl") == "train.jsonl: must be so"
