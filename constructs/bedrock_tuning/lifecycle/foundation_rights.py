"""Rights by the tag of a Foundation: on what is ours, and on the keys of those that give models."""

from collections.abc import Mapping, Sequence

from aws_cdk import Stack

from bedrock_lifecycle import contract
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction


class FoundationRights:
    """What a function may do to what its Foundation makes in Bedrock.

    Args:
        function: The function.
        owner: The owner tag of the Foundation.
    """

    def __init__(self, function: LifecycleFunction, owner: str) -> None:
        self._function = function
        self._owner = owner

    @property
    def ours(self) -> Mapping[str, Mapping[str, str]]:
        """The condition that something carries the tag of this Foundation."""
        return {"StringEquals": {f"aws:ResourceTag/{contract.TAG_FOUNDATION}": self._owner}}

    def allow_making(self, *actions: str, on: Sequence[str]) -> None:
        """Allow creates that give what they make the tag of this Foundation."""
        self._function.allow(*actions, on=list(on), conditions={"StringEquals": self._asks_for_tag})

    def allow_changing(self, *actions: str, on: str) -> None:
        """Allow these actions, and to take tags away, on what carries the tag of this Foundation; and to tag it.

        What carries no such tag may be given it: what is being created, and what has lost it.
        """
        changes = (*actions, "bedrock:TagResource", "bedrock:UntagResource")
        self._function.allow(*changes, on=[on], conditions=self.ours)
        self._function.allow(
            "bedrock:TagResource",
            on=[on],
            conditions={
                "Null": {f"aws:ResourceTag/{contract.TAG_FOUNDATION}": "true"},
                "StringEquals": self._asks_for_tag,
            },
        )

    def allow_leaving(self, tag: str, *, on: str) -> None:
        """Allow to set this one tag on what carries the tag of this Foundation."""
        self._function.allow("bedrock:TagResource", on=[on], conditions={**self.ours, **only_tag(tag)})

    @property
    def _asks_for_tag(self) -> Mapping[str, str]:
        return {f"aws:RequestTag/{contract.TAG_FOUNDATION}": self._owner}


def only_tag(key: str) -> Mapping[str, Mapping[str, str | list[str]]]:
    """Return the condition that a request is about the tag of this key alone."""
    # A request without keys would match the first line.
    return {"ForAllValues:StringEquals": {"aws:TagKeys": [key]}, "Null": {"aws:TagKeys": "false"}}


def allow_keys_of_givers(function: LifecycleFunction, givers: Sequence[str], *actions: str) -> str:
    """Allow the use of the keys of other Foundations through Bedrock, by their owner tags; return the ARN's pattern."""
    stack = Stack.of(function)
    keys = f"arn:{stack.partition}:kms:{stack.region}:{stack.account}:key/*"
    function.allow(
        *actions,
        on=[keys],
        conditions={
            "StringEquals": {
                **tag_of_givers(givers),
                "kms:ViaService": f"bedrock.{stack.region}.amazonaws.com",
            }
        },
    )
    acknowledge_wildcard(function, keys, "the keys of the giving Foundations, by their tag")
    return keys


def tag_of_givers(givers: Sequence[str]) -> dict[str, str | list[str]]:
    """Return the condition on the tag that a Foundation's keys carry (AWS KMS developer guide, "ABAC for AWS KMS")."""
    return {f"aws:ResourceTag/{contract.TAG_OWNER}": list(givers)}
