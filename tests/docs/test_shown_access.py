"""docs/how-to/access.md: what an application in another account needs, in CDK code and when it runs."""

from typing import Any, Final

import aws_cdk
import pytest
from aws_cdk import aws_iam, aws_lambda, aws_ssm

from tests.docs.fences import fence
from tests.synth.templates import resources_of_type, to_json

_ROLE: Final = "arn:aws:iam::111122223333:role/any"
_AT: Final = "/bedrock-tuning/dev/docstrings/access/"


def shown(number: int) -> str:
    return fence("docs/how-to/access.md", "Let another account invoke a model", number).text


def test_what_an_application_needs_is_what_the_page_shows() -> None:
    stack = aws_cdk.Stack(aws_cdk.App(), "Any")
    code = aws_lambda.Code.from_inline("any")
    function = aws_lambda.Function(
        stack, "Function", runtime=aws_lambda.Runtime.PYTHON_3_13, handler="index.handler", code=code
    )
    exec(shown(3), {"aws_ssm": aws_ssm, "aws_iam": aws_iam, "stack": stack, "function": function})
    (policy,) = resources_of_type(to_json(stack), "AWS::IAM::Policy").values()
    said = str(policy["Properties"]["PolicyDocument"]["Statement"])
    assert "sts:AssumeRole" in said
    assert all(f"{_AT[1:]}{name}" in said for name in ("role-arn", "model-id-parameter", "region"))


class Session:
    """boto3 in an application's account, or with the role that lets it read in the model's."""

    def __init__(self, *keys: str) -> None:
        self._is_assumed = keys == ("key", "secret", "token", "us-east-1")
        self.asked: list[dict[str, Any]] = []

    def client(self, _service: str) -> "Session":
        return self

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        found = {"role-arn": _ROLE, "model-id-parameter": "/its/model-id", "region": "us-east-1"}
        value = "its model" if self._is_assumed and Name == "/its/model-id" else found[Name.removeprefix(_AT)]
        return {"Parameter": {"Value": value}}

    def assume_role(self, *, RoleArn: str, RoleSessionName: str) -> dict[str, Any]:  # noqa: N803
        assert (RoleArn, bool(RoleSessionName)) == (_ROLE, True)
        return {"Credentials": {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}}

    def converse(self, **request: Any) -> None:
        self.asked.append(request)


def test_an_application_reads_assumes_and_invokes_as_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Session] = []

    class Boto3(Session):
        @staticmethod
        def Session(*keys: str) -> Session:  # noqa: N802 - boto3's name
            made.append(Session(*keys))
            return made[-1]

    exec(shown(4), {"boto3": Boto3(), "messages": ["any"]})
    assert made[0].asked == [{"modelId": "its model", "messages": ["any"]}]
