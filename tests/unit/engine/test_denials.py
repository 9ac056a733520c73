"""A missing right is told by who lacks it, what it is, and which policy it is about."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.engine import aws_errors, denials, response
from bedrock_lifecycle.engine.outcome import Failed
from tests.support.calls import client_error
from tests.support.messages import says

ROLE = "arn:aws:sts::111122223333:assumed-role/dev-Foundation-ServingTurnRole-1ABC/dev-Foundation-ServingTurnFunction"
ACTION = "bedrock:CreateProvisionedModelThroughput"
RESOURCE = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
REFUSED = f"User: {ROLE} is not authorized to perform: {ACTION} on resource: {RESOURCE}"
WHO_AND_WHAT = f"role dev-Foundation-ServingTurnRole-1ABC may not {ACTION}: "


@pytest.mark.parametrize(
    ("because", "told"),
    [
        ("with an explicit deny in a service control policy", ("service control", "denies", "organization")),
        (
            "with an explicit deny in a service control policy: arn:aws:organizations::999988887777:policy/o-1/p-2",
            ("service control", "denies", "organization"),
        ),
        (f"because no service control policy allows the {ACTION} action", ("service control", "allow", "organization")),
        ("with an explicit deny in a resource control policy", ("resource control", "denies", "organization")),
        ("with an explicit deny in a permissions boundary", ("permissions boundary", "denies", "add")),
        (f"because no permissions boundary allows the {ACTION} action", ("permissions boundary", "allow", "add")),
        (f"because no identity-based policy allows the {ACTION} action", ("policy of its own", "allow", "Foundation")),
        (f"because no resource-based policy allows the {ACTION} action", ("the resource", "allow", "correct", "key")),
        ("with an explicit deny in a session policy", ("session policy", "denies", "correct")),
        (f"because no VPC endpoint policy allows the {ACTION} action", ("VPC endpoint", "allow", "correct")),
        ("with an explicit deny in a policy of the future", ("policy", "allow")),
        ("", ("policy", "allow")),
    ],
)
def test_a_denial_names_who_what_and_which_policy(because: str, told: tuple[str, ...]) -> None:
    text = str(denials.told(f"{REFUSED} {because}".strip()))
    assert text.startswith(WHO_AND_WHAT)
    assert says(text, *told)


@pytest.mark.parametrize(
    ("because", "is_own"),
    [
        ("", True),
        (f" because no identity-based policy allows the {ACTION} action", True),
        (" with an explicit deny in an identity-based policy", False),
        (f" because no permissions boundary allows the {ACTION} action", False),
        (" with an explicit deny in a service control policy", False),
    ],
)
def test_a_denial_has_its_resource_and_whether_a_policy_of_ones_own_lacks_it(because: str, is_own: bool) -> None:
    read = denials.read(f"{REFUSED}{because}")
    assert read is not None
    assert (read.action, read.resource, read.is_own) == (ACTION, RESOURCE, is_own)
    without = denials.read(f"User: {ROLE} is not authorized to perform: {ACTION}{because}")
    assert without is not None
    assert without.resource == ""


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
