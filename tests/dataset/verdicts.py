"""Every way to check the same bytes, and what all of them must agree on."""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from unittest import mock

from bedrock_lifecycle.dataset.findings import Report
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_lifecycle.dataset.line_checker import check_whole
from bedrock_lifecycle.dataset.records import check
from bedrock_tuning.data_files import fast_path
from bedrock_tuning.data_files.batches import batches
from bedrock_tuning.data_files.local_file import LocalFile
from bedrock_tuning.data_files.part import Part, joined
from bedrock_tuning.data_files.part_check import PartCheck
from bedrock_tuning.data_files.survey import Survey
from tests.dataset.reference import accepts


def judge(data: bytes, limits: Limits, step: int = 1 << 20) -> Report:
    """Check bytes by the rules, at once and in chunks; by the fast path, at once and in parts; by the reference.

    What is told of the records is the same with the fast path and without. Returns the report.
    """
    report = check([data], limits)
    assert check([data[start : start + step] for start in range(0, len(data), step)], limits) == report
    whole = local(data, limits, step)
    assert told(joined(list(parts(data, limits, 2 + step % 3)))) == told(whole), "parts find something else"
    with mock.patch.object(fast_path, "simdjson", None):
        assert told(local(data, limits, step)) == told(whole), "without the fast path something else is told"
    assert _report(whole, data, limits) == report, "the fast path disagrees"
    assert report.accepted == accepts(data, limits), "the reference disagrees"
    assert report.bytes == len(data)
    return report


def local(data: bytes, limits: Limits, step: int = 1 << 20) -> Part:
    """Check bytes as a file of this machine is checked."""
    return PartCheck(limits, Survey(limits.data_format)).run(batches(io.BytesIO(data), limits.max_line_bytes, step))


def parts(data: bytes, limits: Limits, count: int) -> Iterator[Part]:
    """Check bytes as a file of which each part is checked on its own."""
    with tempfile.TemporaryFile() as stream:
        stream.write(data)
        stream.flush()
        file = LocalFile(stream.fileno())
        for start, end in pairwise(len(data) * number // count for number in range(count + 1)):
            check = PartCheck(limits, Survey(limits.data_format), at_start=start == 0)
            yield check.run(file.batches(limits.max_line_bytes, start, end))


def told(part: Part) -> object:
    """Return everything that a part tells, in its order."""
    survey, findings = part.survey, part.findings
    assert survey
    numbers = (survey.records, survey.turns, survey.characters, survey.text_bytes, survey.longest, survey.answer)
    about = (part.lines, part.bytes, part.records, part.characters, part.is_other_kind)
    counts = list(findings.counts.items())
    return about, findings.kept, counts, findings.error_count, numbers, survey.columns(10**6)


def _report(part: Part, data: bytes, limits: Limits) -> Report:
    check_whole(part.findings, limits, size=part.bytes, records=part.records, is_other_kind=part.is_other_kind)
    return Report(
        findings=part.findings.kept,
        counts=part.findings.counts,
        records=part.records,
        bytes=part.bytes,
        sha256=hashlib.sha256(data).hexdigest(),
        characters=part.characters,
    )
