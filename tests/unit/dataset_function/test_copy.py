"""The copy into the data store, with boto3's own transfer manager."""

import pytest
from boto3.s3.transfer import TransferConfig

from bedrock_lifecycle.dataset import upload as upload_module
from bedrock_lifecycle.dataset.errors import (
    DatasetRefused,
    DigestMismatch,
)
from tests.support.messages import saying, says
from tests.unit.dataset_function.copying import (
    LIMITS,
    PART_BYTES,
    REFUSED_AT_THE_END,
    SMALL,
    SOURCE,
    Copy,
    destination_of,
    of_size,
    sha256,
    stored,
)
from tests.unit.dataset_rules.samples import any_limits, report_on


def test_copies_a_small_file_in_one_put(copy: Copy) -> None:
    assert copy(SMALL) == report_on(SMALL, LIMITS)
    assert copy.service.calls == ["HeadObject", "GetObject", "PutObject"]
    assert stored(copy.s3, destination_of(SMALL)) == SMALL


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 9])
def test_copies_a_file_of_any_size_as_it_is(copy: Copy, size: int) -> None:
    data = of_size(size)
    assert copy(data) == report_on(data, LIMITS)
    assert stored(copy.s3, destination_of(data)) == data
    assert ("CompleteMultipartUpload" in copy.service.calls) == (size >= PART_BYTES)


@pytest.mark.parametrize("data", [b"{}\n", b"", SMALL + b"{", b"{\n" + SMALL], ids=["record", "empty", "last", "first"])
def test_writes_nothing_of_a_small_file_that_is_refused(copy: Copy, data: bytes) -> None:
    with pytest.raises(DatasetRefused):
        copy(data, any_limits(min_records=1))
    assert copy.service.calls == ["HeadObject", "GetObject"]
    assert copy.left_nothing(data)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every part sent before the next is read; how far threads get before a failure is a matter of chance."""
    monkeypatch.setattr(
        upload_module, "TRANSFER", TransferConfig(use_threads=False, preferred_transfer_client="classic")
    )


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize(("size", "parts"), [(PART_BYTES, 1), (PART_BYTES + 1, 1), (3 * PART_BYTES, 3)])
def test_aborts_the_upload_of_a_file_that_is_refused_at_its_end(copy: Copy, size: int, parts: int) -> None:
    data = of_size(size)
    with pytest.raises(DatasetRefused, match=saying("train.jsonl", "0 to 10", "(record-count)")):
        copy(data, REFUSED_AT_THE_END)
    sent = ["CreateMultipartUpload", *["UploadPart"] * parts, "AbortMultipartUpload"]
    assert copy.service.calls == ["HeadObject", "GetObject", *sent]
    assert copy.left_nothing(data)


@pytest.mark.usefixtures("one_by_one")
def test_aborts_the_upload_of_a_file_with_another_digest(copy: Copy) -> None:
    data = of_size(PART_BYTES + 1)
    with pytest.raises(DigestMismatch):
        copy(data, expected=sha256(b""))
    assert copy.service.calls[-1] == "AbortMultipartUpload"
    assert copy.left_nothing(data)


@pytest.mark.usefixtures("one_by_one")
def test_sends_no_part_after_the_first_finding(copy: Copy) -> None:
    data = of_size(PART_BYTES) + b"{\n" + of_size(3 * PART_BYTES) + b"{\n"
    with pytest.raises(DatasetRefused) as refused:
        copy(data)
    assert refused.value.report.error_count == 2
    assert copy.service.calls.count("UploadPart") == 1
    assert copy.left_nothing(data)


def test_leaves_nothing_when_parts_are_sent_at_once(copy: Copy) -> None:
    data = of_size(6 * PART_BYTES)
    with pytest.raises(DatasetRefused):
        copy(data, REFUSED_AT_THE_END)
    assert "CompleteMultipartUpload" not in copy.service.calls
    assert copy.left_nothing(data)


def test_starts_no_upload_when_the_first_part_has_a_finding(copy: Copy) -> None:
    data = b"{\n" + of_size(2 * PART_BYTES)
    with pytest.raises(DatasetRefused):
        copy(data)
    assert copy.service.calls == ["HeadObject", "GetObject"]


def test_writes_nothing_of_a_small_file_with_another_digest(copy: Copy) -> None:
    with pytest.raises(DigestMismatch) as mismatch:
        copy(SMALL, expected="0" * 64)
    assert says(mismatch.value, SOURCE, "0" * 64, sha256(SMALL), "digest")
    assert copy.left_nothing(SMALL)


def test_tells_a_changed_file_before_its_findings(copy: Copy) -> None:
    with pytest.raises(DigestMismatch):
        copy(b"{\n", expected="0" * 64)


def test_reads_nothing_of_a_file_that_is_too_large(copy: Copy) -> None:
    with pytest.raises(DatasetRefused, match=saying("train.jsonl", len(SMALL), 9, "(file-size)")):
        copy(SMALL, any_limits(max_file_bytes=9), expected="0" * 64)
    assert copy.left_nothing(SMALL)


def test_tells_the_first_findings_and_the_number_of_the_rest(copy: Copy) -> None:
    with pytest.raises(DatasetRefused) as refused:
        copy(SMALL + b"{}\n" * 5)
    told = str(refused.value)
    assert all(says(told, "train.jsonl", f"line {line}", "messages", "(missing-key)") for line in (4, 5, 6))
    assert not says(told, "line 7")
    assert told.endswith("and 2 more")
    assert refused.value.report.error_count == len(refused.value.report.errors) == 5
