"""The owner tag of what serves: whose it is, and how it is given back when somebody has taken it away."""

from collections.abc import Iterator, Mapping

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.observed import Served
from bedrock_lifecycle.resources.bedrock import Bedrock
from tune.account import stack_states
from tune.account.aws import Aws
from tune.account.bedrock_resources import SERVING, served
from tune.account.held import things
from tune.account.location import place_of
from tune.terminal.environments import EnvironmentRef


def is_taken_away(tags: Mapping[str, str]) -> bool:
    """Tell whether something that this project made has no owner, and was not let go inside its commitment."""
    return contract.TAG_OWNER not in tags and contract.TAG_LET_GO not in tags


def command(arn: str, owner: str) -> str:
    """Return the command that gives an owner tag back."""
    region = arn.split(":")[3]
    return (
        f"aws bedrock tag-resource --resource-arn {arn} --tags key={contract.TAG_OWNER},value={owner} --region {region}"
    )


def taken_away(aws: Aws, anchor: EnvironmentRef, stack: str) -> Iterator[str]:
    """Yield what a stack holds that has lost its owner tag, without which nothing is deleted, with the command."""
    owner = place_of(anchor).stack_owner(stack)
    for _, found in held(aws, stack):
        if found and is_taken_away(found.tags):
            yield (
                f"{found.name} has lost its owner tag, and without it nothing is deleted; when it is this stack's: "
                f"{command(found.arn, owner)}"
            )


def held(aws: Aws, stack: str) -> Iterator[tuple[str, Served | None]]:
    """Yield what a stack holds that serves, by its name; None for what Bedrock no longer has."""
    bedrock = Bedrock(aws("bedrock"))
    resources = stack_states.resources(aws("cloudformation"), stack)
    for kind, name in things(its.get("PhysicalResourceId") for its in resources):
        if kind in SERVING:
            yield name, served(bedrock, kind, name)
