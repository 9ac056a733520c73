"""Checks the data files of this machine before they are deployed: each by the rules, and all of them together."""

from bedrock_lifecycle.contract import Split
from bedrock_tuning.data.checker.check import check_file, check_files
from bedrock_tuning.data.checker.limits import limits_of, record_sum_of
from bedrock_tuning.data.checker.processes import most_processes
from bedrock_tuning.data.checker.report import (
    FileReport,
    FilesReport,
    FileStatistics,
    HistogramBucket,
    TokenRange,
    TrainingEstimate,
    training_estimate,
)

__all__ = [
    "FileReport",
    "FileStatistics",
    "FilesReport",
    "HistogramBucket",
    "Split",
    "TokenRange",
    "TrainingEstimate",
    "check_file",
    "check_files",
    "limits_of",
    "most_processes",
    "record_sum_of",
    "training_estimate",
]
