"""Writes into a template, for whoever reviews plain CloudFormation, what a resource spends."""

from typing import Final, cast

from aws_cdk import CfnResource, CustomResource

from bedrock_tuning.spending.words import Spending

SPENDING: Final = "Spending"


def tell_spending(resource: CustomResource, spending: Spending) -> None:
    """Write the words into a resource's metadata."""
    made = cast("CfnResource", resource.node.default_child)
    made.add_metadata(SPENDING, dict(spending))
