"""Odd files, each with everything that must be found in it and nothing else."""

from pathlib import Path
from unittest import mock

import pytest

from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.data.checker import check_file, fast_path
from bedrock_tuning.data.checker.quality import WARNINGS
from tests.unit.dataset_rules.corpus import aws_validator
from tests.unit.dataset_rules.corpus.case import Case, Expected
from tests.unit.dataset_rules.corpus.every_case import CASES
from tests.unit.dataset_rules.verdicts import judge

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def told(report: FileFindings) -> tuple[Expected, ...]:
    """Return what a report tells of the file itself, comparisons among its records left out."""
    findings = [finding for finding in report.findings if finding.rule not in WARNINGS]
    return tuple(Expected(each.line, each.path, each.rule, each.level) for each in findings)


@every_case
def test_everything_is_found_and_nothing_else_whichever_way_a_file_is_checked(case: Case, tmp_path: Path) -> None:
    report = judge(case.data, case.limits, max(len(case.data) // 50, 1))
    assert told(report) == case.expected
    assert report.accepted == all(expected.level == "warning" for expected in case.expected)
    path = tmp_path / "any.jsonl"
    path.write_bytes(case.data)
    with mock.patch.object(fast_path, "simdjson", None):
        without = check_file(path, case.limits)
    assert without == check_file(path, case.limits)


def test_there_are_enough_cases_of_every_format() -> None:
    for data_format, fewest in {
        RecordFormat.MESSAGES: 120,
        RecordFormat.CONVERSE: 40,
        RecordFormat.PROMPT_COMPLETION: 25,
    }.items():
        assert sum(case.data_format is data_format for case in CASES.values()) >= fewest


def test_the_lines_of_which_awss_validator_was_tried_are_all_here() -> None:
    assert len(aws_validator.LINES) == 30
    assert len(aws_validator.CRASHED) == 9
