"""A review as SARIF: a rule for each class, a result for each finding, within what a host takes."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.unit.tune.review.test_documents import MANY, finding, of
from tune.review import sarif as written
from tune.review.compare import Review
from tune.review.findings import CLASSES, MEANINGS, ReviewFinding
from tune.review.sarif import sarif

FOLDER = Path("environments")


def run_of(review: Review) -> dict[str, Any]:
    log = json.loads(json.dumps(sarif(review, "main", "head", FOLDER)))
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


PARTS = {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "properties"}


def fingerprints(run: dict[str, Any]) -> dict[str, str]:
    return {its["message"]["text"]: its["partialFingerprints"]["primaryLocationLineHash"] for its in run["results"]}


def test_every_class_is_a_rule_and_every_result_points_to_its_own() -> None:
    run = run_of(of(*MANY))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CLASSES)
    assert [rule["help"]["text"].lower().startswith(MEANINGS[rule["id"]].lower()) for rule in rules] == [True] * 12
    assert len(run["results"]) == len(MANY)
    assert set(run) == {"tool", "invocations", "originalUriBaseIds", "results", "properties"}
    for result in run["results"]:
        assert set(result) == PARTS
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == rules[result["ruleIndex"]]["defaultConfiguration"]["level"]
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert (levels["buys"], levels["trains"], levels["changes"]) == ("error", "warning", "note")


@pytest.mark.parametrize(
    ("environment", "stack", "uri"),
    [
        ("dev", "docstrings-Serving", "environments/dev/docstrings.toml"),
        ("dev", "a-b-Training", "environments/dev/a-b.toml"),
        ("dev", "Foundation", "environments/dev/environment.toml"),
        ("dev", "", "environments/dev/environment.toml"),
        ("a b", "Foundation", "environments/a%20b/environment.toml"),
    ],
)
def test_a_result_is_in_the_settings_file_that_decides_it(environment: str, stack: str, uri: str) -> None:
    found = ReviewFinding(finding_class="buys", says="it buys", environment=environment, stack=stack, path="It/Self")
    ((location),) = run_of(of(found))["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri
    assert location["physicalLocation"]["region"] == {"startLine": 1}
    name = "/".join(filter(None, (environment, stack, "It/Self")))
    assert [its["fullyQualifiedName"] for its in location["logicalLocations"]] == [name]


def test_a_fingerprint_stays_over_runs_and_is_nobody_elses() -> None:
    shuffled = list(MANY)
    random.Random(4).shuffle(shuffled)
    found = fingerprints(run_of(of(*MANY)))
    assert fingerprints(run_of(of(*shuffled))) == found
    assert len(set(found.values())) == len(MANY)


def test_another_number_is_the_same_alert() -> None:
    one, other = (run_of(of(finding("buys", f"{units} units", path="It", source="row a"))) for units in (1, 2))
    assert [*fingerprints(one).values()] == [*fingerprints(other).values()]
    assert fingerprints(one) != fingerprints(other)
    elsewhere = run_of(of(finding("buys", "1 units", path="Other", source="row a")))
    assert [*fingerprints(elsewhere).values()] != [*fingerprints(one).values()]


def test_what_is_too_much_for_a_host_is_left_out_and_said_and_never_what_cannot_be_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(written, "MOST_RESULTS", 3)
    unknown = finding("unknown", "unclear", certainty="unknown")
    run = run_of(of(*(finding("buys", f"purchase {number}") for number in range(4)), unknown))
    assert [its["ruleId"] for its in run["results"]] == ["buys", "buys", "unknown"]
    (left_out,) = run["invocations"][0]["toolExecutionNotifications"]
    assert left_out["message"]["text"].startswith("2 ")
    assert run_of(of(unknown))["invocations"][0]["toolExecutionNotifications"] == []
