"""A review as SARIF 2.1.0, which code hosts show beside the files of a change."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from settings.folder import environment_file, model_file
from settings.stack_names import ACCESS_STAGE
from tune.review.compare import Review
from tune.review.findings import CLASSES, MEANINGS, FindingClass, ReviewFinding, kept
from tune.spending.prices import Prices

# https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
MOST_RESULTS: Final = 25_000
_LEVELS: Final[Mapping[FindingClass, str]] = {
    "buys": "error",
    "trains": "warning",
    "evaluates": "warning",
    "deletes": "error",
    "stays": "error",
    "moves": "warning",
    "shares": "error",
    "widens": "warning",
    "loosens": "warning",
    "refused": "error",
    "unknown": "warning",
    "changes": "note",
}


def sarif(review: Review, base: str, head: str, folder: Path, prices: Prices | None = None) -> dict[str, Any]:
    """Return the log: a rule for each class, a result for each finding.

    folder: that of the environments, as the repository has it. A result is located in the settings file of its model
    or environment, which need not exist any more.
    """
    found = kept(review.findings, MOST_RESULTS)
    run = {
        "tool": {"driver": {"name": "tune review", "rules": [_rule(each) for each in CLASSES]}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(_left_out(review, found))}],
        "originalUriBaseIds": {"REPOSITORY": {"description": {"text": "The root of the repository"}}},
        "results": list(_results(found, folder, prices)),
        "properties": {"base": base, "head": head},
    }
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _rule(finding_class: FindingClass) -> dict[str, Any]:
    meaning = f"{MEANINGS[finding_class][0].upper()}{MEANINGS[finding_class][1:]}."
    return {
        "id": finding_class,
        "shortDescription": {"text": meaning},
        "help": {
            "text": f"{meaning} See docs/how-to/review.md.",
            "markdown": f"{meaning} See `docs/how-to/review.md`.",
        },
        "defaultConfiguration": {"level": _LEVELS[finding_class]},
    }


def _left_out(review: Review, found: list[ReviewFinding]) -> Iterator[dict[str, Any]]:
    if number := len(review.findings) - len(found):
        text = (
            f"{number} findings left out: a run has at most {MOST_RESULTS} results; the JSON document has all of them"
        )
        yield {"level": "warning", "message": {"text": text}}


def _results(findings: list[ReviewFinding], folder: Path, prices: Prices | None) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, ...]] = Counter()
    for its in findings:
        # Without what changes from run to run, such as numbers: the same finding is the same alert.
        identity = (its.finding_class, its.environment, its.stack, its.path, its.source)
        seen[identity] += 1
        digest = hashlib.sha256("\0".join((*identity, str(seen[identity]))).encode()).hexdigest()
        yield {
            "ruleId": its.finding_class,
            "ruleIndex": CLASSES.index(its.finding_class),
            "level": _LEVELS[its.finding_class],
            "message": {"text": _message(its, prices)},
            "locations": [_location(its, folder)],
            "partialFingerprints": {"primaryLocationLineHash": f"{digest[:16]}:1"},
            "properties": {"certainty": its.certainty},
        }


def _message(its: ReviewFinding, prices: Prices | None) -> str:
    change = " → ".join(filter(None, (its.was, its.now)))
    costs = [prices.told(each) if prices else str(each) for each in its.costs]
    origin = [prices.origin] if prices and costs else []
    return "; ".join([f"{its.place}, {its.verb}: {its.says}", *filter(None, [change]), *costs, *origin])


def _location(its: ReviewFinding, folder: Path) -> dict[str, Any]:
    model = its.stack.rpartition("-")[0].removeprefix(f"{ACCESS_STAGE}/")
    file = model_file(folder, its.environment, model) if model else environment_file(folder, its.environment)
    name = "/".join(filter(None, (its.environment, its.stack, its.path)))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file.as_posix()), "uriBaseId": "REPOSITORY"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}],
    }
