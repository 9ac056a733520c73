"""The report as SARIF 2.1.0 (OASIS), which code scanning of GitHub and others read."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE, Rule
from bedrock_lifecycle.dataset.rules.findings import FileFinding
from tune.dataset.reports.checked import CheckedFile

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_URL: Final = re.compile(r"https://[^\s;,()]+")


def sarif(files: Sequence[CheckedFile]) -> dict[str, Any]:
    """Return a log with one run; it has the first places of each rule, and how often the rule was broken in all."""
    broken = {rule for file in files for rule in file.report.counts}
    rules = [CATALOGUE[rule] for rule in sorted(broken)]
    index = {rule.id: number for number, rule in enumerate(rules)}
    results = [_result(file, each, index[each.rule]) for file in files for each in file.report.findings]
    run = {
        "tool": {"driver": {"name": "tune dataset check", "rules": [_rule(rule) for rule in rules]}},
        "artifacts": [_artifact(file) for file in files],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.reason},
        "help": {"text": f"{rule.reason} Source: {rule.source}."},
        "defaultConfiguration": {"level": rule.level.value},
        "properties": {"source": rule.source},
    }
    page = _URL.search(rule.source)
    return {**described, "helpUri": page.group()} if page else described


def _result(file: CheckedFile, finding: FileFinding, rule_index: int) -> dict[str, Any]:
    where = f"{finding.path}: " if finding.path else ""
    location = {
        "artifactLocation": {"uri": _uri(file.path)},
        # A region needs a line; what is said of the file as a whole stands at its first one.
        "region": {"startLine": max(finding.line, 1)},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.level.value,
        "message": {"text": f"{where}{finding.message}"},
        "locations": [{"physicalLocation": location}],
    }


def _artifact(file: CheckedFile) -> dict[str, Any]:
    report = file.report
    digests = {"hashes": {"sha-256": report.sha256}} if report.sha256 else {}
    properties = {"split": file.split, "records": report.records, "counts": dict(report.counts)}
    return {"location": {"uri": _uri(file.path)}, "length": report.bytes, **digests, "properties": properties}


def _uri(path: Path) -> str:
    """Return a path relative to the working directory, which in a pipeline is the checkout, else absolute."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - without `..`, and without following links
    if absolute.is_relative_to(Path.cwd()):
        return quote(str(absolute.relative_to(Path.cwd())))
    return absolute.as_uri()
