"""What comes out of checking data files."""

from collections.abc import Mapping
from dataclasses import dataclass

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.findings import Report
from bedrock_tuning.data.checker.statistics import FileStatistics


@dataclass(frozen=True)
class FileReport(Report):
    """A report on one file of this machine, with what only shows beside the other files.

    `sha256` is empty and `statistics` is None after a structural check, and for a file that could not be read.
    """

    statistics: FileStatistics | None = None


@dataclass(frozen=True)
class FilesReport:
    """The reports on the files of one training."""

    files: Mapping[Split, FileReport]

    @property
    def accepted(self) -> bool:
        return all(report.accepted for report in self.files.values())

    @property
    def error_count(self) -> int:
        return sum(report.error_count for report in self.files.values())

    @property
    def warning_count(self) -> int:
        return sum(report.warning_count for report in self.files.values())
