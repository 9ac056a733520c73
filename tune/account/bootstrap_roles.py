"""The roles that `cdk bootstrap` makes in an account, which others may assume: the CDK CLI does, and so does this."""

import json

from settings.bootstrap import DEFAULT_QUALIFIER, QUALIFIER_CONTEXT, BootstrapRole
from tune.account.partition import partition_of
from tune.terminal.environments import EnvironmentRef
from tune.terminal.folders import ROOT


def role_arn(ref: EnvironmentRef, role: BootstrapRole) -> str:
    """Return the ARN of a bootstrap role of an environment's account and Region."""
    return f"arn:{partition_of(ref.region)}:iam::{ref.account}:role/{role_name(ref, role)}"


def role_name(ref: EnvironmentRef, role: BootstrapRole) -> str:
    """Return the name of a bootstrap role: that of `[bootstrap]`, or the CDK's for account and Region."""
    its = ref.location.bootstrap
    return its.role_name(role, account=ref.account, region=ref.region, qualifier=qualifier_of(ref))


def qualifier_of(ref: EnvironmentRef) -> str:
    """Return the bootstrap's qualifier: that of `[bootstrap]`, or of cdk.json, or the CDK's."""
    if ref.location.bootstrap.qualifier:
        return ref.location.bootstrap.qualifier
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8")).get("context", {})
    return str(context.get(QUALIFIER_CONTEXT, DEFAULT_QUALIFIER))
