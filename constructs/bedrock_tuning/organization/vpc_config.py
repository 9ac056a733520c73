"""The network of a customization job, or of the functions: subnets and security groups of yours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Token

from bedrock_lifecycle import contract


@dataclass(frozen=True, kw_only=True)
class VpcConfig:
    """Existing subnets and security groups of one VPC.

    From a VPC of the CDK: `vpc.select_subnets(…).subnet_ids`.

    Args:
        subnet_ids: 1 to 16, one in each Availability Zone that may be used.
        security_group_ids: 1 to 5.

    Raises:
        ValueError: If there are too few or too many IDs, or one is malformed.
    """

    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]

    def __post_init__(self) -> None:
        _check("subnet_ids", self.subnet_ids, contract.MAX_SUBNETS, contract.SUBNET_ID_PATTERN)
        _check(
            "security_group_ids",
            self.security_group_ids,
            contract.MAX_SECURITY_GROUPS,
            contract.SECURITY_GROUP_ID_PATTERN,
        )


def _check(what: str, ids: Sequence[str], most: int, pattern: str) -> None:
    if Token.is_unresolved(list(ids)):
        return
    if not 1 <= len(ids) <= most:
        raise ValueError(f"`{what}` must have 1 to {most} entries (got {len(ids)})")
    for each in ids:
        if not Token.is_unresolved(each) and not re.fullmatch(pattern, each):
            example = f"{pattern.partition('[')[0]}0123456789abcdef0"
            raise ValueError(f"`{what}` must have IDs such as {example} (got {each!r})")
