"""The names that end up in Bedrock's names, checked before anything is made, and the owner tag of a stack."""

import re

from aws_cdk import Stack, Token

from bedrock_lifecycle import contract


def check_name(name: str) -> None:
    """Raise ValueError unless `name` is 1 to 24 letters, digits and single hyphens, starting with a letter."""
    _check("name", name, contract.NAME_PATTERN, contract.MAX_NAME_LENGTH, "letters, digits and single hyphens")


def check_environment(environment: str) -> None:
    """Raise ValueError unless `environment` is 1 to 12 lowercase letters, digits and single hyphens."""
    allowed = "lowercase letters, digits and single hyphens"
    _check("environment", environment, contract.ENVIRONMENT_PATTERN, contract.MAX_ENVIRONMENT_LENGTH, allowed)


def check_prefix(what: str, prefix: str) -> None:
    """Raise ValueError unless a prefix is 1 to 20 letters, digits and hyphens, starting with a letter."""
    if not re.fullmatch(contract.NAME_PREFIX_PATTERN, prefix):
        longest = contract.MAX_NAME_PREFIX_LENGTH
        raise ValueError(
            f"`{what}` must be 1 to {longest} letters, digits and hyphens, starting with a letter (got {prefix!r})"
        )


def owner_of(stack: Stack) -> str:
    """Return what the owner tag says of everything that a stack makes."""
    return stack_owner_beside(stack, stack.stack_name)


def stack_owner_beside(stack: Stack, name: str) -> str:
    """Return what the owner tag says of what another stack makes, in the account and Region of this one."""
    return contract.stack_owner(partition=stack.partition, region=stack.region, account=stack.account, stack_name=name)


def _check(what: str, value: str, pattern: str, longest: int, allowed: str) -> None:
    if Token.is_unresolved(value):
        raise ValueError(f"`{what}` must be known at synth, because names in Bedrock are made from it")
    if len(value) > longest or not re.fullmatch(pattern, value):
        raise ValueError(f"`{what}` must be 1 to {longest} {allowed}, starting with a letter (got {value!r})")
