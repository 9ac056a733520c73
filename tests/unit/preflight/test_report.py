"""One message for all problems: each is named, and the whole fits into CloudFormation's answer."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.engine import response
from bedrock_lifecycle.preflight.desired import DesiredTraining
from bedrock_lifecycle.preflight.facts import NotChecked
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.preflight.report import (
    Check,
    CheckResult,
    NotNeeded,
    Passed,
    PreflightReport,
    Problem,
    Verdict,
    run,
)
from tests.support.events import any_event
from tests.support.messages import says
from tests.unit.preflight.facts import NOW
from tests.unit.preflight.trusting import PLACE


def report(*verdicts: Verdict) -> PreflightReport:
    return PreflightReport(
        tuple(CheckResult(f"id-{number}", f"check {number}", each) for number, each in enumerate(verdicts))
    )


def test_every_check_judges_the_same_facts_in_the_order_of_the_table() -> None:
    def check(name: str) -> Check[str]:
        return Check(name, name, "", (), lambda fact: Passed(f"{name} saw {fact}"))

    checks = [check("b"), check("a")]
    assert [each.verdict for each in run(checks, "it").findings] == [Passed("b saw it"), Passed("a saw it")]


def test_one_problem_is_told_as_it_is() -> None:
    assert report(Passed("fine"), Problem("the role is gone"), NotNeeded("no key")).refusal() == "the role is gone"


def test_several_problems_are_counted_and_numbered() -> None:
    told = report(Problem("the role is gone"), Passed("fine"), Problem("the key is off")).refusal()
    assert says(told, "2 problems", "(1) the role is gone", "(2) the key is off")


def test_no_problem_is_told_as_nothing() -> None:
    assert report(Passed("fine"), NotChecked("denied")).refusal() == ""
    assert report().remark() == ""


def test_what_was_not_checked_is_told_with_the_reason() -> None:
    told = report(NotChecked("GetRole: AccessDenied"), NotNeeded("no key"), NotChecked("no code"))
    assert told.problems == ()
    assert says(told.remark(), "check 0", "GetRole: AccessDenied", "check 2", "no code")


@pytest.mark.parametrize("letter", ["x", '"', "ü", "🔥", "\\"])
def test_very_many_long_problems_are_all_named_in_one_answer(letter: str) -> None:
    problems = [Problem(f"problem-{number} {letter * 2000}") for number in range(20)]
    told = report(*problems, Problem("short one, and what to do about it")).refusal()
    assert says(told, "21 problems", "(1) problem-0", "(21) short one, and what to do about it")
    body = response.compose(event=any_event(), status="FAILED", physical_id="any", reason=told)
    assert len(body) <= response.MAX_BODY_BYTES
    answered = json.loads(body)["Reason"]
    for number in range(20):
        assert f"({number + 1}) problem-{number} {letter}" in answered


def test_a_problem_keeps_the_room_that_others_do_not_need() -> None:
    long = "x" * 2000
    assert report(Problem(long), Problem("short")).refusal() == f"2 problems: (1) {long}; (2) short"
    alone = report(Problem("x" * 9000)).refusal()
    assert alone.endswith("x…")
    assert len(alone.encode()) > 2700


def test_a_network_of_the_job_is_named_as_not_looked_at() -> None:
    def denied(service: str) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, service)

    def findings(**network: list[str]) -> list[CheckResult]:
        told = ("BaseModel", "OutputUri", "RoleArn", "Name", "Environment", "CustomizationType", "TrainingDataUri")
        properties = ModelCustomizationProperties(Properties({**dict.fromkeys(told, "any"), **network}))
        asked = DesiredTraining.read(properties, "faq-prod-123-1")
        looked = Preflight(denied).training(asked, PLACE, NOW)
        return [each for each in looked.findings if each.id == "network"]

    [found] = findings(SubnetIds=["subnet-00000001"], SecurityGroupIds=["sg-00000001"])
    assert isinstance(found.verdict, NotChecked)
    assert says(found.verdict.why, "subnet-00000001", "sg-00000001")
    assert findings() == []
