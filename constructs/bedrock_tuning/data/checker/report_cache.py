"""What checking data files found, remembered by what was checked and by which rules."""

import functools
import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset import rules
from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings
from bedrock_tuning.base_models import BaseModelProfile, DataLimits
from bedrock_tuning.common.cache import Cache
from bedrock_tuning.data import checker
from bedrock_tuning.data.sources import FileSource

# The context value that leaves the check at synth out where nothing is deployed: `-c bedrock-tuning:check-data=false`
# lets a stack be destroyed whose data is no longer right. The check at deployment takes no notice of it.
CHECK_DATA: Final = "bedrock-tuning:check-data"

_KIND: Final = "verdicts"


def verdicts(
    files: Mapping[Split, FileSource],
    base_model: BaseModelProfile,
    customization_type: str,
    cache: Cache | None = None,
) -> dict[Split, FileFindings]:
    """Check the files of one training run, each by itself and all together; what was checked before is not read again.

    The same bytes, limits and rules give the same reports, so nothing else is part of the name that they are kept
    under. A report holds places, rules and counts, and no content.
    """
    cache = cache or Cache.of_user()
    key = _key(files, base_model.customization(customization_type).data)
    known = _restored(cache.get(_KIND, key), files)
    if known is not None:
        return known
    paths: dict[Split, Path] = {split: source.path for split, source in files.items()}
    reports = dict[Split, FileFindings](checker.check_files(paths, base_model, customization_type).files)
    # A file that changed since its digest was taken is judged as it is now, and that is nobody else's verdict.
    if all(reports[split].sha256 == source.sha256 for split, source in files.items()):
        cache.put(_KIND, key, {split: _document(report) for split, report in reports.items()})
    return reports


def _key(files: Mapping[Split, FileSource], limits: DataLimits) -> str:
    return json.dumps(
        {
            "rules": rules_version(),
            "limits": limits.model_dump(mode="json"),
            "files": {split: source.sha256 for split, source in files.items()},
        },
        sort_keys=True,
    )


@functools.cache
def rules_version() -> str:
    """Return the digest of the code that judges: the rules' own source, and the Python that runs it."""
    digest = hashlib.sha256(platform.python_version().encode())
    for package in (rules, checker):
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"\0{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _document(report: FileFindings) -> dict[str, Any]:
    return {
        "findings": [[each.line, each.path, each.rule, each.message] for each in report.findings],
        "counts": dict(report.counts),
        "records": report.records,
        "bytes": report.bytes,
        "sha256": report.sha256,
        "characters": report.characters,
    }


def _restored(document: Any, files: Mapping[Split, FileSource]) -> dict[Split, FileFindings] | None:
    """Return what was kept; None when it is not what is kept now."""
    try:
        return {split: _report(document[split]) for split in files}
    except (TypeError, KeyError, ValueError):
        return None


def _report(document: Mapping[str, Any]) -> FileFindings:
    findings = tuple(FileFinding(int(line), path, rule, message) for line, path, rule, message in document["findings"])
    return FileFindings(**{**document, "findings": findings})
