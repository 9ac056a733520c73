"""What the deployed functions did in a sandbox, where IAM is enforced, held against what is listed for them."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from sandbox.server import Sandbox
from tests.synth.privileges.uses import Use, uses

# A role's physical name: the stack's, the logical id with its hash, of which the end may be cut, and CloudFormation's
# own ending, before which no hyphen stands then.
_ROLE: Final = re.compile(
    r"bedrock-tuning-(?P<environment>[a-z0-9-]+?)-([\w-]+?-)?(?P<stack>Foundation|Training|Evaluation|Serving)-"
    r"(?P<id>\w+?)-?[0-9A-F]{13}"
)


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


def unmade(sandbox: Sandbox, environment: str, *, evaluates: bool = False) -> list[str]:
    """Return what `uses.toml` says that functions do in the sandbox, and none of an environment has done.

    evaluates: whether it is asked about what only an evaluation needs; otherwise about everything else.
    """
    said = {
        (_logical(use.principal), use.action)
        for use in uses()
        if "/" in use.principal and use.evidence == "sandbox" and _is_of_evaluations(use) is evaluates
    }
    return _named(said - _made(sandbox, environment))


def _is_of_evaluations(use: Use) -> bool:
    return use.allow == "evaluate_with" or "Evaluation/" in use.principal or "EvaluationWorkflow/" in use.principal


def made(sandbox: Sandbox, environment: str) -> set[str]:
    """Return what roles of an environment were allowed to do, and did, as role and action."""
    return set(_named(_made(sandbox, environment)))


def _made(sandbox: Sandbox, environment: str) -> set[tuple[str, str]]:
    listed = {(_logical(use.principal), use.action) for use in uses() if "/" in use.principal}
    accesses = sandbox.control("accesses")["accesses"]
    found = ((_ROLE.fullmatch(each["role"]), each["action"]) for each in accesses)
    made = {
        (name, action)
        for role, action in found
        if role is not None and role["environment"] == environment
        for name in _whole(f"{role['stack']}-{role['id']}", action, listed)
    }
    assert made, "no role of the environment did anything"
    return made


def _whole(cut: str, action: str, listed: AbstractSet[tuple[str, str]]) -> Iterable[str]:
    """Return the names that were cut, or have a hash after them; one that is not known as it is.

    Where several were cut alike, those that an access is listed for are taken to have made it.
    """
    known = {name for name, _ in listed if cut.startswith(name) or name.startswith(cut)}
    return {name for name in known if (name, action) in listed} or sorted(known)[:1] or {cut}


def _named(accesses: set[tuple[str, str]]) -> list[str]:
    return sorted(f"{role} {action}" for role, action in accesses)


def _logical(path: str) -> str:
    """Return stack and logical id, without its hash, as CDK makes it of a construct path: no part twice in a row."""
    stack, *parts = path.split("/")
    made = ""
    for part in parts:
        made += "" if made.endswith(part) else part
    return f"{stack}-{made}"
