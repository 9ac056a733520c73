"""What AWS refuses to a command, in one line: who, what, on what, by which policy, and what to do."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.messages import says
from tests.unit.tune.recorded import denied
from tune.account.clients import told
from tune.account.sessions import ACTION, CALLER, action_of

KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b"


def test_a_right_of_its_own_that_is_missing_is_told_with_where_the_policy_comes_from() -> None:
    text = told(denied("kms:DescribeKey", KEY))
    assert says(text, "role ci", f"kms:DescribeKey on {KEY}", "python -m tune policy", "--command")
    assert "\n" not in text


def test_the_lookup_role_is_told_what_it_lacks() -> None:
    error = denied("bedrock:ListTagsForResource", "*")
    message = error.response["Error"]["Message"].replace("/ci/", "/cdk-hnb659fds-lookup-role-111122223333-us-east-1/")
    error.response["Error"]["Message"] = message
    assert says(told(error), "lookup-role", "--lookup-role")


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("service control", "service control policy of the organization"),
        ("resource-based", "policy of the resource"),
        ("VPC endpoint", "VPC endpoint"),
    ],
)
def test_a_policy_that_somebody_else_keeps_is_named(policy: str, words: str) -> None:
    text = told(denied("kms:DescribeKey", KEY, policy))
    assert says(text, "role ci", f"kms:DescribeKey on {KEY}", words)
    assert "tune policy" not in text


def head(**noted: str) -> ClientError:
    response: Any = {"Error": {"Code": "403", "Message": "Forbidden"}, **noted}
    return ClientError(response, "HeadObject")


def test_where_the_service_says_nothing_it_is_told_who_called_and_which_action_that_needs() -> None:
    text = told(head(**{CALLER: "role ci", ACTION: action_of("s3", "HeadObject")}))
    assert says(text, "role ci may not s3:GetObject", "tune policy")


def test_where_nothing_is_known_the_services_own_words_are_kept() -> None:
    assert says(told(head()), "403", "Forbidden", "tune policy")


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "DeleteBucket", "s3:DeleteBucket"),
        ("servicequotas", "GetServiceQuota", "servicequotas:GetServiceQuota"),
    ],
)
def test_the_action_of_a_call(service: str, operation: str, action: str) -> None:
    assert action_of(service, operation) == action
