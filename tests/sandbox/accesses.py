"""What the deployed functions did in a sandbox, where IAM is enforced, held against what is listed for them."""

import re
from typing import Final

from sandbox.server import Sandbox
from tests.infra.privileges.uses import uses

# A role's physical name: the stack's, the logical id with its hash, and CloudFormation's own ending.
_ROLE: Final = re.compile(r"(?P<environment>[a-z0-9-]+?)-(?P<stack>[A-Z][a-z]+)-(?P<id>\w+?)[0-9A-F]{8}-[0-9A-F]+")


def unlisted(sandbox: Sandbox, environment: str) -> list[str]:
    """Return what roles of an environment were allowed to do, and did, that no use in `uses.toml` names."""
    listed = {(_logical(use.principal), use.action) for use in uses() if "/" in use.principal}
    made = sandbox.control("accesses")["accesses"]
    found = ((_ROLE.fullmatch(each["role"]), each["action"]) for each in made)
    ours = {
        (f"{role['stack']}-{role['id']}", action)
        for role, action in found
        if role is not None and role["environment"] == environment
    }
    assert ours, "no role of the environment did anything"
    return sorted(f"{role} {action}" for role, action in ours - listed)


def _logical(path: str) -> str:
    """Return stack and logical id, without its hash, as CDK makes it of a construct path: no part twice in a row."""
    stack, *parts = path.split("/")
    made = ""
    for part in parts:
        made += "" if made.endswith(part) else part
    return f"{stack}-{made}"
