"""The service role: whether Bedrock may assume it, and what its own policies let it do."""

from collections.abc import Iterable

from bedrock_lifecycle.preflight import trust
from bedrock_lifecycle.preflight.facts import Fact, NotChecked, Permission, TargetLocation
from bedrock_lifecycle.preflight.report import Passed, Problem, Verdict


def assumable(role_arn: str, policy: Fact[object], place: TargetLocation) -> Verdict:
    """Judge whether Bedrock may assume the role for customization jobs of a place."""
    if isinstance(policy, NotChecked):
        return policy
    if policy.value is None:
        return Problem(f"role {role_arn} does not exist: use a role that Amazon Bedrock may assume")
    return trust.judge(policy.value, role_arn, place)


def permitted(role_arn: str, purpose: str, missing: Fact[tuple[Permission, ...]]) -> Verdict:
    """Judge whether the role's own policies suffice for a purpose.

    A grant in the policy of a bucket or key alone is not seen, so it is not enough here.
    """
    if isinstance(missing, NotChecked):
        return missing
    if not missing.value:
        return Passed(f"{role_arn} may {purpose}")
    return Problem(
        f"role {role_arn} cannot {purpose}: its policies do not allow {_listed(missing.value)}; allow this in "
        "a policy of the role"
    )


def _listed(missing: Iterable[Permission]) -> str:
    """Return permissions by what they are about, each thing named once."""
    actions: dict[str, list[str]] = {}
    for each in missing:
        through = f" through {each.via}" if each.via else ""
        actions.setdefault(f"{through} on {each.resource}", []).append(each.action)
    return "; ".join(f"{', '.join(named)}{where}" for where, named in actions.items())
