"""Every way to check the same bytes, and what all of them must agree on."""

import hashlib
import io

from bedrock_lifecycle.dataset.findings import Report
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_lifecycle.dataset.line_checker import check_whole
from bedrock_lifecycle.dataset.records import check
from bedrock_tuning.data_files.batches import batches
from bedrock_tuning.data_files.part_check import PartCheck
from tests.dataset.reference import accepts


def judge(data: bytes, limits: Limits, step: int = 1 << 20) -> Report:
    """Check bytes by the rules, at once and in chunks, by the fast path, and by the reference; return the report."""
    report = check([data], limits)
    assert check([data[start : start + step] for start in range(0, len(data), step)], limits) == report
    assert fast(data, limits, step) == report
    assert report.accepted == accepts(data, limits), "the reference disagrees"
    assert report.bytes == len(data)
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    return report


def fast(data: bytes, limits: Limits, step: int = 1 << 20) -> Report:
    """Check bytes as a file of this machine is checked."""
    digest = hashlib.sha256()
    part = PartCheck(limits, None, digest=digest).run(batches(io.BytesIO(data), limits.max_line_bytes, step))
    findings = part.findings
    check_whole(findings, limits, size=part.bytes, records=part.records, is_other_kind=part.is_other_kind)
    return Report(
        findings=findings.kept,
        counts=findings.counts,
        records=part.records,
        bytes=part.bytes,
        sha256=digest.hexdigest(),
        characters=part.characters,
    )
