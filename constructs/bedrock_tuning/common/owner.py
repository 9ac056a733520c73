"""The owner tag of a stack, as everything carries it that the stack makes."""

from aws_cdk import Stack

from bedrock_lifecycle import contract


def owner_of(stack: Stack) -> str:
    """Return what the owner tag says of what a stack makes."""
    return contract.stack_owner(
        partition=stack.partition, region=stack.region, account=stack.account, stack_name=stack.stack_name
    )
