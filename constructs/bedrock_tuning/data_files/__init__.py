"""Checks the data files of this machine before they are deployed: each by the rules, and all of them together."""

from bedrock_tuning.data_files.check import check_file, check_files
from bedrock_tuning.data_files.limits import Split, limits_of, record_sum_of
from bedrock_tuning.data_files.processes import most_processes
from bedrock_tuning.data_files.report import FileReport, FilesReport
from bedrock_tuning.data_files.statistics import (
    Bucket,
    FileStatistics,
    TokenRange,
    TrainingEstimate,
    training_estimate,
)

__all__ = [
    "Bucket",
    "FileReport",
    "FileStatistics",
    "FilesReport",
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
