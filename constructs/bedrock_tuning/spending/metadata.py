"""Writes into a template, for whoever reviews plain CloudFormation, what a resource spends."""

from collections.abc import Sequence
from typing import Final, cast

from aws_cdk import CfnResource, CustomResource

from bedrock_tuning.spending.words import QUANTITIES, RECORDS_PER_EPOCH, TOKENS_PER_EPOCH, DataFile, Spending, tokens_of

SPENDING: Final = "Spending"


def tell_spending(resource: CustomResource, spending: Spending) -> None:
    """Write the words into a resource's metadata."""
    made = cast("CfnResource", resource.node.default_child)
    made.add_metadata(SPENDING, dict(spending))


def tell_quantities(resource: CustomResource, data: Sequence[DataFile]) -> None:
    """Write how much a training run trains on into its resource's metadata, as far as it is known at synth."""
    records = next((each.records for each in data if each.split == "train"), None)
    known = {TOKENS_PER_EPOCH: tokens_of(data), RECORDS_PER_EPOCH: records}
    quantities = {name: number for name, number in known.items() if number is not None}
    if quantities:
        cast("CfnResource", resource.node.default_child).add_metadata(QUANTITIES, quantities)
