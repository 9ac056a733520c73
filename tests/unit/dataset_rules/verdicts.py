"""Every way to check the same bytes, and what all of them must agree on."""

import io
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.records import check
from bedrock_tuning.data.checker import FileReport, check_file, fast_path
from bedrock_tuning.data.checker.batches import batches
from bedrock_tuning.data.checker.counters import Counters
from bedrock_tuning.data.checker.local_file import LocalFile
from bedrock_tuning.data.checker.parallel import tasks
from bedrock_tuning.data.checker.part import Part, joined
from bedrock_tuning.data.checker.part_checker import PartCheck
from bedrock_tuning.data.checker.quality import WARNINGS
from tests.unit.dataset_rules.reference import accepts, question, said


def judge(data: bytes, limits: Limits, step: int = 1 << 20) -> FileFindings:
    """Check bytes in every way, and have the reference say what it thinks of verdict, records and duplicates.

    Args:
        data: The file.
        limits: The rules.
        step: Of how many bytes its chunks and batches are.
    """
    report = check([data], limits)
    assert check([data[start : start + step] for start in range(0, len(data), step)], limits) == report
    assert report.bytes == len(data)
    assert report.accepted == accepts(data, limits), "the reference disagrees"
    whole = told(local(data, limits, step))
    with mock.patch.object(fast_path, "simdjson", None):
        assert told(local(data, limits, step)) == whole, "without the fast path something else is told"
    with tempfile.NamedTemporaryFile() as stream:
        stream.write(data)
        stream.flush()
        assert told(joined(list(parts(Path(stream.name), limits, 2 + step % 3)))) == whole, "parts find something else"
        _judge_file(check_file(Path(stream.name), limits), report, said(data, limits))
    return report


def _judge_file(found: FileReport, report: FileFindings, contents: list[list[tuple[str, str]]]) -> None:
    """Hold what is told of a file of this machine against what the rules found, and what its records say."""
    of_records = [finding for finding in found.findings if finding.rule not in WARNINGS]
    counts = {rule: count for rule, count in found.counts.items() if rule not in WARNINGS}
    assert (of_records, counts) == (list(report.findings), report.counts), "the fast path disagrees"
    numbers = (report.records, report.bytes, report.sha256, report.characters)
    assert (found.records, found.bytes, found.sha256, found.characters) == numbers, "the fast path disagrees"
    assert found.statistics
    assert found.statistics.records == len(contents), "the reference has another number of good records"
    repeated = _repeated(contents)
    again = found.counts.get("question-repeated", 0)
    assert found.statistics.duplicates == repeated, "the reference has another number of duplicates"
    asked = _repeated(map(question, contents))
    assert again == asked - repeated, "the reference has another number of repeated questions"


def _repeated(contents: Iterable[list[tuple[str, str]]]) -> int:
    """Return how many say the same as one before them."""
    every = [tuple(each) for each in contents]
    return len(every) - len(set(every))


def local(data: bytes, limits: Limits, step: int = 1 << 20) -> Part:
    """Check bytes as a file of this machine is checked."""
    return PartCheck(limits, Counters(limits.data_format)).run(batches(io.BytesIO(data), limits.max_line_bytes, step))


def parts(path: Path, limits: Limits, count: int) -> Iterator[Part]:
    """Check a file of which each part is checked on its own."""
    with LocalFile.open(path) as file:
        for task in tasks(path, file, limits, with_survey=True, count=count):
            yield task.run()


def told(part: Part) -> object:
    """Return everything that a part tells, in its order."""
    survey, findings = part.survey, part.findings
    assert survey
    numbers = (
        survey.records,
        survey.turns,
        survey.characters,
        survey.text_bytes,
        survey.longest,
        survey.answer,
        survey.system_prompts.uses,
    )
    about = (part.lines, part.bytes, part.records, part.characters, part.is_other_kind, part.shapes)
    counts = list(findings.counts.items())
    return about, findings.kept, counts, findings.error_count, numbers, survey.columns(10**6)
