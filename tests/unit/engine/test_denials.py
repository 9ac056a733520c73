"""A missing right is told by who lacks it, what it is, and which policy it is about."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.engine import aws_errors, denials, response
from bedrock_lifecycle.engine.outcome import Failed
from tests.support.calls import client_error

ROLE = "arn:aws:sts::111122223333:assumed-role/dev-Foundation-ServingTurnRole-1ABC/dev-Foundation-ServingTurnFunction"
ACTION = "bedrock:CreateProvisionedModelThroughput"
RESOURCE = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
REFUSED = f"User: {ROLE} is not authorized to perform: {ACTION} on resource: {RESOURCE}"
ORGANIZATION = "who manages the organization must except it"
WHO_AND_WHAT = f"role dev-Foundation-ServingTurnRole-1ABC may not {ACTION}: "


@pytest.mark.parametrize(
    ("because", "told"),
    [
        (
            "with an explicit deny in a service control policy",
            f"a service control policy of the organization denies it; {ORGANIZATION}",
        ),
        (
            "with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/o-1/p-2",
            f"a service control policy of the organization denies it; {ORGANIZATION}",
        ),
        (
            f"because no service control policy allows the {ACTION} action",
            f"a service control policy of the organization would have to allow it; {ORGANIZATION}",
        ),
        (
            "with an explicit deny in a resource control policy",
            f"a resource control policy of the organization denies it; {ORGANIZATION}",
        ),
        (
            "with an explicit deny in a permissions boundary",
            "the permissions boundary denies it; who manages the boundary must add it",
        ),
        (
            f"because no permissions boundary allows the {ACTION} action",
            "the permissions boundary would have to allow it; who manages the boundary must add it",
        ),
        (
            f"because no identity-based policy allows the {ACTION} action",
            "a policy of its own would have to allow it; deploy Foundation again, or correct the role that was given",
        ),
        (
            f"because no resource-based policy allows the {ACTION} action",
            "the policy of the resource would have to allow it; correct the policy of that key, bucket or role",
        ),
        (
            "with an explicit deny in a session policy",
            "a session policy denies it; correct the policy that the session was opened with",
        ),
        (
            f"because no VPC endpoint policy allows the {ACTION} action",
            "the policy of a VPC endpoint would have to allow it; correct that endpoint's policy",
        ),
        ("with an explicit deny in a policy of the future", "a policy has to allow it, and none may deny it"),
        ("", "a policy has to allow it, and none may deny it"),
    ],
)
def test_a_denial_names_who_what_and_which_policy(because: str, told: str) -> None:
    assert denials.told(f"{REFUSED} {because}".strip()) == WHO_AND_WHAT + told


def test_a_user_is_named_by_arn() -> None:
    message = "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: s3:GetObject"
    assert str(denials.told(message)).startswith("arn:aws:iam::111122223333:user/eve may not s3:GetObject: ")


@pytest.mark.parametrize("message", ["Access Denied", "no", "", "You don't have access to the model", "User: x"])
def test_a_denial_of_another_form_is_left_to_the_service_s_words(message: str) -> None:
    assert denials.told(message) is None
    assert aws_errors.sentence(client_error("AccessDenied", message, 403, "Any")) == f"AccessDenied: {message}"


def test_the_service_s_words_follow_with_every_arn() -> None:
    message = f"{REFUSED} with an explicit deny in a service control policy"
    outcome = aws_errors.interpret(
        client_error("AccessDeniedException", message, 403, "Any"), waited=timedelta(minutes=3)
    )
    assert isinstance(outcome, Failed)
    assert outcome.reason.startswith(WHO_AND_WHAT)
    assert outcome.reason.endswith(f"(AccessDeniedException: {message})")


@given(st.text(max_size=6000))
def test_a_denial_of_any_length_is_answered_within_the_limit_with_its_words_first(rest: str) -> None:
    sentence = aws_errors.sentence(client_error("AccessDeniedException", f"{REFUSED} {rest}", 403, "Any"))
    event = {"StackId": "s", "RequestId": "r", "LogicalResourceId": "l"}
    body = response.compose(event=event, status="FAILED", physical_id="p", reason=sentence)
    assert len(body) <= response.MAX_BODY_BYTES
    assert json.loads(body)["Reason"].startswith(WHO_AND_WHAT)
