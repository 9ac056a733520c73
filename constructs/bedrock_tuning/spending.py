"""Says in a template, in words, what a resource spends, for whoever reviews plain CloudFormation."""

from typing import Final, cast

from aws_cdk import CfnResource, CustomResource

SPENDING: Final = "Spending"


def tell_spending(resource: CustomResource, *, does: str, bills: str) -> None:
    """Write into a resource's metadata what it trains or buys, and how that bills."""
    made = cast("CfnResource", resource.node.default_child)
    made.add_metadata(SPENDING, {"Does": does, "Bills": bills})
