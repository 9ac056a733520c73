"""The full report on a dataset file as JSON in the data store: places, rules and counts, never content."""

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.dataset.objects import S3
from bedrock_lifecycle.dataset.request import DatasetRequest
from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE
from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.engine import aws_errors

_VERSION: Final = 1


def write_report(s3: S3, report: FileFindings, wanted: DatasetRequest, version_id: str | None = None) -> str:
    """Write a report and return where it is; a report that cannot be written is told, and fails nothing.

    `version_id` is the version of the object that was accepted.
    """
    where = wanted.report
    if where is None:
        return ""
    body = json.dumps({**as_document(report, wanted), "versionId": version_id}, indent=1).encode()
    try:
        s3.put_object(Bucket=where.bucket, Key=where.key, Body=body, ContentType="application/json")
    except ClientError as error:
        return f"the full report could not be written to {where} ({aws_errors.code(error)})"
    except BotoCoreError as error:
        return f"the full report could not be written to {where} ({type(error).__name__})"
    return f"full report: {where}"


def read_report(s3: S3, wanted: DatasetRequest) -> Mapping[str, Any]:
    """Return what was written when the data was accepted; nothing when it was not, or cannot be read."""
    where = wanted.report
    if where is None:
        return {}
    try:
        found = json.loads(s3.get_object(Bucket=where.bucket, Key=where.key)["Body"].read())
    except (BotoCoreError, ClientError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("accepted") else {}


def as_document(report: FileFindings, wanted: DatasetRequest) -> dict[str, Any]:
    """Return a report as plain JSON values; of each rule it holds the first findings, and the count of all."""
    return {
        "version": _VERSION,
        "file": wanted.destination.file,
        "uri": str(wanted.destination),
        "sha256": wanted.sha256,
        "accepted": report.accepted,
        "bytes": report.bytes,
        "records": report.records,
        "characters": report.characters,
        "errors": report.error_count,
        "warnings": report.warning_count,
        "counts": {
            rule: {"level": CATALOGUE[rule].level.value, "count": count}
            for rule, count in sorted(report.counts.items())
        },
        "findings": [
            {
                "line": finding.line,
                "path": finding.path,
                "rule": finding.rule,
                "level": finding.level.value,
                "message": finding.message,
            }
            for finding in report.findings
        ],
        "limits": wanted.limits.to_properties(),
    }
