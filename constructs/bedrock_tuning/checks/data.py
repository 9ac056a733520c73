"""Checks data files of this machine at synth: what would fail the deployment is said before there is one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aws_cdk import Annotations
from constructs import Construct

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.catalogue import Level
from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data.checker.report_cache import CHECK_DATA, verdicts
from bedrock_tuning.data.dataset import Dataset
from bedrock_tuning.data.sources import FileSource

WARNING_ID: Final = "bedrock-tuning:data"

_LINES_TOLD: Final = 5


def check_data(
    scope: Construct,
    datasets: Sequence[Dataset],
    base_model: BaseModelProfile,
    customization_type: str,
    command: str | None,
) -> Mapping[Split, FileFindings]:
    """Check those of the datasets that are files of this machine, annotate them with what was found, and return that.

    Errors end the synthesis; warnings can be acknowledged by their rule. Both tell of each rule the first place and
    the number of places. Files that are known to be unchanged are not read again. `command` tells every finding.
    """
    if str(scope.node.try_get_context(CHECK_DATA)).lower() == "false":
        return {}
    local = {each.split: each for each in datasets if isinstance(each.source, FileSource)}
    files = {each.split: each.source for each in local.values() if isinstance(each.source, FileSource)}
    reports = verdicts(files, base_model, customization_type) if files else {}
    for split, report in reports.items():
        annotations = Annotations.of(local[split])
        for level, rule, message in _grouped(files[split].file_name, report):
            if level is Level.ERROR:
                annotations.add_error(message)
            else:
                annotations.add_warning_v2(f"{WARNING_ID}-{rule}", message)
    if not all(report.accepted for report in reports.values()):
        more = f"; to see every finding: {command}" if command else ""
        Annotations.of(scope).add_error(f"the data has errors: fix them, then deploy{more}")
    return reports


def _grouped(file: str, report: FileFindings) -> Iterator[tuple[Level, str, str]]:
    """Yield what was found by each rule: level, rule and one line of text."""
    for rule in dict.fromkeys(finding.rule for finding in report.findings):
        places = [finding for finding in report.findings if finding.rule == rule]
        yield places[0].level, rule, _told(file, places, report.counts[rule])


def _told(file: str, places: Sequence[FileFinding], count: int) -> str:
    first, *others = places
    if count == 1:
        return f"{first.describe(file)} ({first.rule})"
    lines = list(dict.fromkeys(str(each.line) for each in others if each.line != first.line))
    more = ", ".join(lines[:_LINES_TOLD]) + (" and more" if len(lines) > _LINES_TOLD else "")
    also = f"; also in line {more}" if lines else ""
    return f"{first.describe(file)} ({first.rule}, {count} times{also})"
