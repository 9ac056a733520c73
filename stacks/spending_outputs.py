"""Outputs and descriptions of stacks that say what is spent: what a review sees also of a stack that is new."""

from aws_cdk import CfnOutput, Stack

from bedrock_tuning.spending.words import MEANINGS, Spending, sentence


def output_spending(stack: Stack, about: str, spending: Spending, *in_description: str) -> None:
    """Give a stack an output for each of the words, and a description of some of them."""
    for name, words in spending.items():
        CfnOutput(stack, name, value=words, description=MEANINGS[name])
    stack.template_options.description = sentence(about, spending, *in_description)
