"""Checks data files of this machine, each by its rules and all of them together."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_tuning.base_models import BaseModelProfile, Bounds
from bedrock_tuning.base_models.data_limits import DataLimits
from bedrock_tuning.data.checker.limits import limits_of, record_sum_of
from bedrock_tuning.data.checker.parallel import Progress
from bedrock_tuning.data.checker.report import FileReport, FilesReport
from bedrock_tuning.data.checker.run import Checked, Checking

SPLITS: Final[tuple[Split, ...]] = ("train", "validation", "test")
# After these nothing more is said of how many records there are.
_UNCOUNTED: Final = frozenset({"record-count", "other-shape"})


def check_file(
    path: Path,
    limits: Limits,
    *,
    structural_only: bool = False,
    digest: bool = True,
    processes: int = 1,
    progress: Progress | None = None,
) -> FileReport:
    """Check one file.

    Args:
        path: The file. What cannot be read (missing, a directory, a pipe, changed meanwhile) is a finding.
        limits: What the file must keep, see `limits_of`.
        structural_only: Check encoding, JSON, shape, roles and their order alone, without digest and statistics.
        digest: Take the file's SHA-256 on the way.
        processes: In how many processes a large file is read at most, 1 or more, see `most_processes`. On Linux each
            takes 30 to 55 MB more; elsewhere, and when this process has threads, it is started anew, needs the caller's
            `if __name__ == "__main__":`, and is worth it for gigabytes. Leave it at 1 in a CDK app.
        progress: Is told after every few MiB how many bytes have been checked.
    """
    with Checking(structural_only=structural_only, digest=digest, processes=processes) as checking:
        return checking.check(path, "train", limits, progress).report()


def check_files(
    files: Mapping[Split, Path],
    base_model: BaseModelProfile,
    customization_type: str,
    *,
    structural_only: bool = False,
    digest: bool = True,
    processes: int = 1,
    progress: Callable[[Split, int], None] | None = None,
) -> FilesReport:
    """Check the files of one training run, each by its own rules and then all of them together.

    Args:
        files: The files by what they are for.
        base_model: Whose rules they keep.
        customization_type: What the training is to be.
        structural_only: As in `check_file`; records are not compared then.
        digest: As in `check_file`.
        processes: As in `check_file`.
        progress: Is told after every few MiB how many bytes of which file have been checked.
    """
    checked: dict[Split, Checked] = {}
    with Checking(structural_only=structural_only, digest=digest, processes=processes) as checking:
        for split in (split for split in SPLITS if split in files):

            def told(read: int, split: Split = split) -> None:
                if progress:
                    progress(split, read)

            checked[split] = checking.check(files[split], split, limits_of(base_model, split, customization_type), told)
        _tell_same_files(checked)
    unused, sum_of = base_model.unused_validation(customization_type), record_sum_of(base_model, customization_type)
    if "validation" in checked and unused:
        checked["validation"].findings.add(0, "", "validation-not-used", unused)
    used = [split for split in SPLITS[:2] if split == "train" or not unused]
    _tell_record_sum({split: checked[split] for split in used if split in checked}, sum_of)
    _tell_stricter_counts(checked, base_model.customization(customization_type).data)
    return FilesReport({split: each.report() for split, each in checked.items()})


def _tell_stricter_counts(checked: Mapping[Split, Checked], data: DataLimits) -> None:
    """Warn where the published bounds of a number of records disagree, and only the laxer one is kept."""
    stricter, kept = data.records.stricter, data.records
    if stricter is None:
        return
    bounds: dict[Split, tuple[Bounds, Bounds]] = {
        "train": (stricter.train, kept.train),
        "validation": (stricter.validation, kept.validation),
    }
    for split, (asked, lax) in bounds.items():
        file = checked.get(split)
        if file is None or not file.file or asked.allow(file.records) or _UNCOUNTED & file.findings.counts.keys():
            continue
        told = f"{' and '.join(stricter.source)} asks for {asked}, {' and '.join(data.source)} for {lax}"
        which = "which of them Bedrock enforces is not established"
        file.findings.add(0, "", "record-count-stricter", f"has {file.records} records: {told}; {which}")


def _tell_same_files(checked: Mapping[Split, Checked]) -> None:
    train = checked.get("train")
    for split, other in checked.items():
        if split != "train" and train and _is_same(train, other):
            other.findings.add(0, "", "same-file", "is identical to the training file: use other records")


def _is_same(one: Checked, other: Checked) -> bool:
    return bool(one.file and other.file and one.bytes == other.bytes and one.file.sha256() == other.file.sha256())


def _tell_record_sum(checked: Mapping[Split, Checked], bounds: Bounds) -> None:
    parts = [checked[split].records for split in ("train", "validation") if split in checked]
    if "train" not in checked or not all(each.file for each in checked.values()):
        return
    least, most = bounds.min or 0, bounds.max
    if sum(parts) < least or (most is not None and sum(parts) > most):
        allowed = f"{least} to {most}" if most is not None else f"at least {least}"
        told = f"has {sum(parts)} records with the validation file: the two together must have {allowed}"
        checked["train"].findings.add(0, "", "record-sum", told)
