"""Checks data files of this machine."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bedrock_lifecycle.dataset.findings import Finding
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_lifecycle.dataset.records import RecordChecker
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data_files.limits import LARGEST_OBJECT_BYTES, Split, limits_of
from bedrock_tuning.data_files.local_file import ChangedError, LocalFile, UnreadableError
from bedrock_tuning.data_files.report import FileReport, FilesReport

SPLITS: Final[tuple[Split, ...]] = ("train", "validation", "test")


def check_file(
    path: Path,
    limits: Limits,
    *,
    structural_only: bool = False,
    progress: Callable[[int], None] | None = None,
) -> FileReport:
    """Check one file.

    Args:
        path: The file. What cannot be read (missing, a directory, a pipe, changed meanwhile) is a finding.
        limits: What the file must keep, see `limits_of`.
        structural_only: Check encoding, JSON, shape, roles and their order alone, without digest and statistics.
        progress: Is told now and then how many bytes have been read.
    """
    checker = RecordChecker(structural(limits) if structural_only else limits)
    read = 0
    try:
        with LocalFile.open(path) as file:
            for block in file.blocks():
                checker.feed(block)
                read += len(block)
                if progress:
                    progress(read)
    except UnreadableError as error:
        return _unchecked("file-unreadable", str(error))
    except ChangedError as error:
        return _unchecked("file-changed", str(error))
    report = checker.finish()
    values = {field.name: getattr(report, field.name) for field in dataclasses.fields(report)}
    return FileReport(**values | ({"sha256": ""} if structural_only else {}))


def check_files(
    files: Mapping[Split, Path],
    base_model: BaseModelProfile,
    *,
    structural_only: bool = False,
    progress: Callable[[Split, int], None] | None = None,
) -> FilesReport:
    """Check the files of one training, each by its own rules and then all of them together.

    Args:
        files: The files by what they are for.
        base_model: Whose rules they keep.
        structural_only: As in `check_file`; nothing is compared then.
        progress: Is told now and then how many bytes have been read of which file.
    """
    reports: dict[Split, FileReport] = {}
    for split in (split for split in SPLITS if split in files):

        def told(read: int, split: Split = split) -> None:
            if progress:
                progress(split, read)

        limits = limits_of(base_model, split)
        reports[split] = check_file(files[split], limits, structural_only=structural_only, progress=told)
    return FilesReport(reports)


def structural(limits: Limits) -> Limits:
    """Return the limits of a structural check: no reserved words, no length."""
    return dataclasses.replace(
        limits,
        max_tokens_per_record=LARGEST_OBJECT_BYTES,
        max_input_tokens=None,
        max_output_tokens=None,
        reserved_words=(),
    )


def _unchecked(rule: str, message: str) -> FileReport:
    return FileReport((Finding(0, "", rule, message),), {rule: 1}, records=0, bytes=0, sha256="", characters=0)
