"""Checks data files for the commands that need them checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data_files import check_files
from bedrock_tuning.data_files.limits import Split
from tune.dataset.files import Unusable
from tune.dataset.progress import progress_of
from tune.dataset.reports.checked import Checked

# What tells that nothing was checked is no finding about the data.
_UNCHECKED: Final = ("file-unreadable", "file-changed")


def checked(paths: Mapping[Split, Path], base_model: BaseModelProfile) -> dict[Split, Checked]:
    """Check files, with a progress bar; raise Unusable when one of them cannot be read."""
    with progress_of(paths) as reached:
        report = check_files(paths, base_model, progress=reached)
    files = {split: Checked(paths[split], each, split) for split, each in report.files.items()}
    found = [(file, finding) for file in files.values() for finding in file.report.findings]
    if unchecked := [f"{file.name} {finding.message}" for file, finding in found if finding.rule in _UNCHECKED]:
        raise Unusable("\n".join(unchecked))
    return files
