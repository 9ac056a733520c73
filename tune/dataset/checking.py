"""Checks data files for the commands that need them checked."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from bedrock_lifecycle.contract import Split
from bedrock_tuning.data.checker import FileReport, check_files, most_processes
from tune.dataset.files import Unusable
from tune.dataset.progress import progress_of
from tune.dataset.reports.checked import CheckedFile, Measured
from tune.dataset.subject import Rules
from tune.dataset.what_helps import with_what_helps
from tune.terminal.labels import name_of

# What tells that nothing was checked is no finding about the data.
_UNCHECKED: Final = ("file-unreadable", "file-changed")


def checked(paths: Mapping[Split, Path], rules: Rules, *, digest: bool = True) -> dict[Split, CheckedFile]:
    """Check files, with a progress bar; raise Unusable when one of them cannot be read.

    Args:
        paths: The files by what they are for.
        rules: Whose rules they keep.
        digest: Whether the reports tell the SHA-256 of each file; taking it costs about as much as all the rules.
    """
    reports = _reports(paths, rules, digest=digest)
    return {split: _checked_file(paths[split], report, split, rules) for split, report in reports.items()}


def measured(paths: Mapping[Split, Path], rules: Rules, *, digest: bool = True) -> list[Measured]:
    """Check files and count what is in them; as `checked`."""
    reports = _reports(paths, rules, digest=digest)
    return [
        Measured(_checked_file(paths[split], report, split, rules), report.statistics)
        for split, report in reports.items()
        if report.statistics
    ]


def of_other_shapes(files: Iterable[CheckedFile]) -> Iterator[Path]:
    """Yield the files that were refused because they are in another shape than the base model takes."""
    return (file.path for file in files if "other-shape" in file.report.counts)


def _reports(paths: Mapping[Split, Path], rules: Rules, *, digest: bool) -> Mapping[Split, FileReport]:
    with progress_of(paths) as reached:
        reports = check_files(
            paths,
            rules.base_model,
            rules.customization_type,
            digest=digest,
            processes=most_processes(),
            progress=reached,
        ).files
    found = [(split, finding) for split, report in reports.items() for finding in report.findings]
    unchecked = [f"{name_of(paths[split])} {finding.message}" for split, finding in found if finding.rule in _UNCHECKED]
    if unchecked:
        raise Unusable("\n".join(unchecked))
    return reports


def _checked_file(path: Path, report: FileReport, split: Split, rules: Rules) -> CheckedFile:
    return CheckedFile(path, with_what_helps(report, path, rules.record_format), split)
