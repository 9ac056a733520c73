"""Which models a command is about: those that have a file, and those that have a stack and no file any more."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from tests.unit.tune.aws_stand_in import ref
from tune.account.location import place_of
from tune.account.ownership import is_made_for
from tune.account.stacks import with_stacks


class CloudFormation:
    """Lists stacks with their tags, or refuses to."""

    def __init__(self, *stacks: dict[str, Any], refused: str = "") -> None:
        self._stacks = stacks
        self._refused = refused

    def get_paginator(self, operation: str) -> "CloudFormation":
        assert operation == "describe_stacks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        if self._refused:
            raise ClientError({"Error": {"Code": self._refused, "Message": "no"}}, "DescribeStacks")
        return [{"Stacks": self._stacks}]


def stack(name: str, environment: str, model: str, app: str = "bedrock-tuning") -> dict[str, Any]:
    tags = {contract.TAG_APP: app, contract.TAG_ENVIRONMENT: environment, contract.TAG_MODEL: model}
    return {
        "StackName": name,
        "StackStatus": "CREATE_COMPLETE",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


STANDING = (
    stack("x-dev-gone-Serving", "dev", "gone"),
    stack("x-dev-theirs-Serving", "dev", "theirs", app="another"),
    stack("x-prod-other-Serving", "prod", "other"),
)


def test_a_model_without_a_file_is_known_by_its_stack() -> None:
    assert with_stacks(ref("dev", "a", "b"), CloudFormation(*STANDING)).models == ("a", "b", "gone")


def test_who_else_bears_the_name_of_a_stack_is_known_and_proves_nothing() -> None:
    name = "bedrock-tuning-dev-a-Serving"
    for app, theirs in (("another", {name}), ("bedrock-tuning", frozenset())):
        anchor = with_stacks(ref("dev", "a"), CloudFormation(stack(name, "dev", "a", app=app)))
        assert anchor.theirs == theirs
        # As an older template tagged what it made.
        tags = {contract.TAG_OWNER: place_of(anchor).stack_owner(name), contract.TAG_ENVIRONMENT: "dev"}
        assert is_made_for(anchor, tags) is not bool(theirs)


def test_who_may_not_look_at_all_stacks_knows_those_with_a_file() -> None:
    denied = CloudFormation(*STANDING, refused="AccessDenied")
    assert with_stacks(ref("dev", "a"), denied).models == ("a",)
    with pytest.raises(ClientError):
        with_stacks(ref("dev", "a"), CloudFormation(refused="Throttling"))
