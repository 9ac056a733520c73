"""Which trust policies let Bedrock in: judged only where that is certain."""

from typing import Any

import pytest

from bedrock_lifecycle.preflight import trust
from bedrock_lifecycle.preflight.facts import NotChecked
from bedrock_lifecycle.preflight.report import Passed, Problem, Verdict
from tests.support.messages import says
from tests.unit.preflight.trusting import ACCOUNT, JOBS, PLACE, ROLE, policy, statement, with_condition


def judged(document: object) -> Verdict:
    return trust.judge(document, ROLE, PLACE)


def source_arn(operator: str, *patterns: str) -> dict[str, Any]:
    return with_condition(**{operator: {"aws:SourceArn": list(patterns)}})


@pytest.mark.parametrize(
    "document",
    [
        policy(statement()),
        {"Statement": statement()},
        policy(statement(Condition=None)),
        policy(statement(Condition=ACCOUNT)),
        policy(statement(Principal={"Service": ["lambda.amazonaws.com", "bedrock.amazonaws.com"]})),
        policy(statement(Action=["sts:TagSession", "sts:AssumeRole"])),
        policy(statement(Action="sts:*")),
        policy(statement(Action="*")),
        policy(statement(Principal={"AWS": "arn:aws:iam::111122223333:root"}), statement()),
        policy(statement(Principal={"Service": "ec2.amazonaws.com"}, Effect="Deny"), statement()),
        with_condition(StringLike={"AWS:SOURCEACCOUNT": "1111*"}),
        with_condition(StringEquals={"aws:SourceAccount": ["444455556666", "111122223333"]}),
        with_condition(StringEqualsIfExists={"aws:SourceAccount": "111122223333"}),
        source_arn("ArnLike", JOBS),
        source_arn("ArnLikeIfExists", JOBS),
        source_arn("StringLike", JOBS),
        source_arn("StringLike", "arn:aws:bedrock:*"),
        source_arn("ArnEquals", "arn:aws:bedrock:us-west-2:111122223333:*"),
        source_arn("ArnEquals", "arn:*:bedrock:*:111122223333:model-customization-job/*"),
        source_arn("ArnEquals", "arn:aws:bedrock:us-west-2:111122223333:evaluation-job/*", JOBS),
    ],
)
def test_lets_bedrock_in(document: object) -> None:
    assert isinstance(judged(document), Passed)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        policy(),
        policy(statement(Principal={"Service": "lambda.amazonaws.com"})),
        policy(statement(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
        policy(statement(Action="sts:AssumeRoleWithWebIdentity")),
        policy(statement(Effect="Deny"), statement()),
        policy(statement(), statement(Effect="Deny", Condition=None)),
        with_condition(StringEquals={"aws:SourceAccount": "444455556666"}),
        with_condition(StringLike={"aws:SourceAccount": "4444*"}),
        with_condition(StringEquals={"aws:SourceAccount": "1111*"}),
        source_arn("ArnEquals", "arn:aws:bedrock:us-west-2:111122223333:evaluation-job/*"),
        source_arn("ArnLike", "arn:aws:bedrock:us-east-1:111122223333:model-customization-job/*"),
        source_arn("ArnLike", "arn:aws:bedrock:us-west-2:444455556666:model-customization-job/*"),
        source_arn("StringLike", "arn:aws:sagemaker:*"),
        source_arn("StringEquals", "arn:aws:bedrock:us-west-2:111122223333:evaluation-job/one"),
        source_arn("StringEquals", JOBS),
        with_condition(StringEquals={"aws:SourceAccount": "444455556666", "aws:PrincipalOrgID": "o-1"}),
    ],
)
def test_does_not_let_bedrock_in(document: object) -> None:
    verdict = judged(document)
    assert isinstance(verdict, Problem)
    assert says(verdict.text, ROLE, "bedrock.amazonaws.com", "sts:AssumeRole", "111122223333", JOBS, "trust policy")


@pytest.mark.parametrize(
    "document",
    [
        with_condition(StringEquals={"aws:PrincipalOrgID": "o-1"}),
        with_condition(StringNotEquals={"aws:SourceAccount": "444455556666"}),
        with_condition(**{"ForAnyValue:StringEquals": {"aws:SourceAccount": "111122223333"}}),
        policy(statement(Principal="*")),
        policy(statement(Principal={"AWS": "*"})),
        policy(statement(Principal=None, NotPrincipal={"Service": "lambda.amazonaws.com"})),
        policy(statement(Action=None, NotAction="sts:TagSession")),
        # Of one job, or of the jobs of one base model: which ARN a job gets is Bedrock's to say.
        source_arn("StringEquals", "arn:aws:bedrock:us-west-2:111122223333:model-customization-job/any/abcdefghijkl"),
        source_arn("ArnLike", "arn:aws:bedrock:us-west-2:111122223333:model-customization-job/amazon.*"),
        source_arn("StringLike", "arn:aws:bedrock:us-west-2:111122223333:model-customization-job/amazon.*"),
        source_arn("ArnLike", "bedrock"),
        policy(statement(), statement(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})),
    ],
)
def test_what_only_bedrock_can_judge_is_left_to_it(document: object) -> None:
    found = judged(document)
    assert isinstance(found, NotChecked)
    assert says(found.why, ROLE)


def test_a_condition_of_one_statement_does_not_weaken_another() -> None:
    unknown = statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    assert isinstance(judged(policy(unknown, statement())), Passed)
    assert isinstance(judged(policy(unknown, statement(Condition={"ArnEquals": {"aws:SourceArn": "a:b"}}))), NotChecked)
