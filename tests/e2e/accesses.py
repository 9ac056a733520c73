"""What the deployed functions did in a sandbox, where IAM is enforced, held against what is listed for them."""

import re
from collections.abc import Iterator
from typing import Final

from bedrock_lifecycle import contract
from sandbox.server import Sandbox
from tests.synth.privileges.uses import uses

# A logical id ends with a hash of its path.
_HASH: Final = re.compile(r"[0-9A-F]{8}$")


# What the full matrix does not make: each is held by the test that makes it.
MADE_ELSEWHERE: Final = frozenset(
    {
        "Foundation-ServingTurnRole bedrock:CreateCustomModelDeployment",
        "Foundation-ServingTurnRole bedrock:DeleteCustomModelDeployment",
        "Foundation-ServingTurnRole bedrock:GetCustomModelDeployment",
        "Foundation-ServingTurnRole bedrock:GetModelCustomizationJob",
        "Foundation-ServingTurnRole bedrock:UpdateCustomModelDeployment",
        "Foundation-TrainingTurnRole bedrock:ListCustomModelDeployments",
        "Training-DatasetReaderRole s3:AbortMultipartUpload",
    }
)


def unlisted(sandbox: Sandbox, environment: str) -> list[str]:
    """Return what roles of an environment were allowed to do, and did, that no use in `uses.toml` names."""
    listed = {(_logical(use.principal), use.action) for use in uses() if "/" in use.principal}
    return _named(_made(sandbox, environment) - listed)


def unmade(sandbox: Sandbox, environment: str) -> list[str]:
    """Return what `uses.toml` says that functions do in the sandbox, and none of an environment has done."""
    said = {
        (_logical(use.principal), use.action) for use in uses() if "/" in use.principal and use.evidence == "sandbox"
    }
    return _named(said - _made(sandbox, environment))


def made(sandbox: Sandbox, environment: str) -> set[str]:
    """Return what roles of an environment were allowed to do, and did, as role and action."""
    return set(_named(_made(sandbox, environment)))


def _made(sandbox: Sandbox, environment: str) -> set[tuple[str, str]]:
    roles = dict(_roles(sandbox, environment))
    accesses = sandbox.control("accesses")["accesses"]
    made = {(roles[each["role"]], each["action"]) for each in accesses if each["role"] in roles}
    assert made, "no role of the environment did anything"
    return made


def _roles(sandbox: Sandbox, environment: str) -> Iterator[tuple[str, str]]:
    """Yield the roles that an environment's stacks have made by their physical names, with stack and logical id.

    CloudFormation cuts what it makes names of, so that a name does not tell them.
    """
    cloudformation = sandbox.client("cloudformation")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())}
        if tags.get(contract.TAG_ENVIRONMENT) == environment:
            kind = stack["StackName"].rpartition("-")[2]
            for each in cloudformation.describe_stack_resources(StackName=stack["StackName"])["StackResources"]:
                if each["ResourceType"] == "AWS::IAM::Role":
                    yield each["PhysicalResourceId"], f"{kind}-{_HASH.sub('', each['LogicalResourceId'])}"


def _named(accesses: set[tuple[str, str]]) -> list[str]:
    return sorted(f"{role} {action}" for role, action in accesses)


def _logical(path: str) -> str:
    """Return stack and logical id, without its hash, as CDK makes it of a construct path: no part twice in a row."""
    stack, *parts = path.split("/")
    made = ""
    for part in parts:
        made += "" if made.endswith(part) else part
    return f"{stack}-{made}"
