"""Checks files one after the other, and keeps them open to compare their records."""

import dataclasses
import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.findings import Findings
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.line_checker import check_whole
from bedrock_tuning.data.checker import parallel
from bedrock_tuning.data.checker.comparison import RecordComparison
from bedrock_tuning.data.checker.counters import Counters
from bedrock_tuning.data.checker.limits import LARGEST_OBJECT_BYTES
from bedrock_tuning.data.checker.local_file import LocalFile, UncheckedError
from bedrock_tuning.data.checker.parallel import Progress
from bedrock_tuning.data.checker.part import Part
from bedrock_tuning.data.checker.part_checker import PartCheck
from bedrock_tuning.data.checker.processes import processes_for
from bedrock_tuning.data.checker.quality import judge
from bedrock_tuning.data.checker.report import FileReport, FileStatistics
from bedrock_tuning.data.checker.worker import Task


@dataclass
class Checked:
    """What one file turned out to be; more can still be found when it is held against the others.

    `file` is None when it could not be checked.
    """

    file: LocalFile | None = None
    findings: Findings = field(default_factory=Findings)
    records: int = 0
    bytes: int = 0
    sha256: str = ""
    characters: int = 0
    statistics: FileStatistics | None = None

    def report(self) -> FileReport:
        return FileReport(
            findings=self.findings.kept,
            counts=self.findings.counts,
            records=self.records,
            bytes=self.bytes,
            sha256=self.sha256,
            characters=self.characters,
            statistics=self.statistics,
        )


class Checking(ExitStack):
    """One run over one or several files; closes them in the end."""

    def __init__(self, *, structural_only: bool, digest: bool, processes: int) -> None:
        super().__init__()
        self._structural_only: Final = structural_only
        self._digest: Final = digest and not structural_only
        self._processes: Final = processes
        self._comparison: Final = RecordComparison()

    def check(self, path: Path, split: Split, limits: Limits, progress: Progress | None) -> Checked:
        """Check a file by its own rules, and its records against those of the files before it."""
        try:
            file = self.enter_context(LocalFile.open(path))
            return self._check(path, file, split, limits, _adding_up(progress))
        except UncheckedError as error:
            checked = Checked()
            checked.findings.add(0, "", error.rule, str(error))
            return checked

    def _check(self, path: Path, file: LocalFile, split: Split, limits: Limits, progress: Progress | None) -> Checked:
        limits = structural(limits) if self._structural_only else limits
        part, sha256 = self._read(path, file, limits, progress)
        findings, survey = part.findings, part.survey
        check_whole(
            findings,
            limits,
            size=part.bytes,
            records=part.records,
            is_other_kind=part.is_other_kind,
            shapes=part.shapes,
        )
        return Checked(
            file=file,
            records=part.records,
            bytes=part.bytes,
            sha256=sha256,
            characters=part.characters,
            statistics=judge(survey, split, file, self._comparison, findings) if survey else None,
            findings=findings,
        )

    def _read(self, path: Path, file: LocalFile, limits: Limits, progress: Progress | None) -> tuple[Part, str]:
        digest = hashlib.sha256() if self._digest else None
        survey = None if self._structural_only else Counters(limits.data_format)
        count = processes_for(file.size, self._processes)
        tasks = parallel.tasks(path, file, limits, with_survey=survey is not None, count=count)
        part = _run(tasks, progress, file.digested(digest) if digest else ()) if count > 1 else None
        if part is None:
            part = PartCheck(limits, survey, digest=digest).run(file.batches(limits.max_line_bytes), progress)
        return part, digest.hexdigest() if digest else ""


def _run(tasks: list[Task], progress: Progress | None, meanwhile: Iterable[object]) -> Part | None:
    """Run the tasks; return None, and have nothing done, when there can be no processes for them."""
    try:
        return parallel.run(tasks, progress, meanwhile)
    except parallel.CannotStartError:
        return None


def _adding_up(progress: Progress | None) -> Progress | None:
    """Return what takes bytes piece by piece and tells their sum."""
    if progress is None:
        return None
    read = 0

    def add(more: int) -> None:
        nonlocal read
        read += more
        progress(read)

    return add


def structural(limits: Limits) -> Limits:
    """Return the limits of a structural check: no reserved words, no length."""
    return dataclasses.replace(
        limits,
        max_tokens_per_record=LARGEST_OBJECT_BYTES,
        max_input_tokens=None,
        max_output_tokens=None,
        reserved_words=(),
        suspected_words=(),
    )
