"""Checks files one after the other, and keeps them open to compare their records."""

import dataclasses
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bedrock_lifecycle.dataset.findings import Findings
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_tuning.data_files.comparison import Comparison
from bedrock_tuning.data_files.file_check import FileCheck
from bedrock_tuning.data_files.limits import LARGEST_OBJECT_BYTES, Split
from bedrock_tuning.data_files.local_file import LocalFile, UncheckedError
from bedrock_tuning.data_files.report import FileReport
from bedrock_tuning.data_files.statistics import FileStatistics
from bedrock_tuning.data_files.survey import Survey

Progress = Callable[[int], None]


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

    def __init__(self, *, structural_only: bool, digest: bool) -> None:
        super().__init__()
        self._structural_only: Final = structural_only
        self._digest: Final = digest and not structural_only
        self._comparison: Final = Comparison()

    def check(self, path: Path, split: Split, limits: Limits, progress: Progress | None) -> Checked:
        """Check a file by its own rules, and its records against those of the files before it."""
        try:
            file = self.enter_context(LocalFile.open(path))
            return self._check(file, split, limits, progress)
        except UncheckedError as error:
            checked = Checked()
            checked.findings.add(0, "", error.rule, str(error))
            return checked

    def _check(self, file: LocalFile, split: Split, limits: Limits, progress: Progress | None) -> Checked:
        survey = None
        if not self._structural_only:
            self._comparison.start(split, file)
            survey = Survey(limits.data_format, split, self._comparison)
        limits = structural(limits) if self._structural_only else limits
        check = FileCheck(limits, survey, digest=self._digest)
        check.run(file.batches(limits.max_line_bytes), progress)
        statistics = survey.finish() if survey else None
        if survey:
            check.checker.findings.update(survey.findings)
        return Checked(
            file=file,
            findings=check.checker.findings,
            records=check.checker.records,
            bytes=check.bytes,
            sha256=check.sha256,
            characters=check.checker.characters,
            statistics=statistics,
        )


def structural(limits: Limits) -> Limits:
    """Return the limits of a structural check: no reserved words, no length."""
    return dataclasses.replace(
        limits,
        max_tokens_per_record=LARGEST_OBJECT_BYTES,
        max_input_tokens=None,
        max_output_tokens=None,
        reserved_words=(),
    )
