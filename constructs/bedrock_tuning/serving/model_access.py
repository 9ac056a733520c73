"""A role with which principals of another account invoke a model."""

import re
from collections.abc import Sequence
from typing import Final

from aws_cdk import Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from bedrock_tuning.common.acknowledge import acknowledge_inline_policy
from bedrock_tuning.organization.resource_naming import keep_name
from bedrock_tuning.serving.served_model import ServedModel

_PRINCIPAL: Final = r"arn:aws[a-z-]*:iam::{account}:(role|user)/[\w+=,.@/-]+"


class ModelAccess(Construct):
    """Lets principals of another account invoke a model, by a role that they assume.

    The role may do what `ServedModel.grant_invoke` allows, and nothing else. Its policy refers to what serves, so it
    follows another throughput or deployment without a change in the other account.

    The role trusts the account, and lets in only the principals that are named: IAM refuses a trust policy that names
    a role or user that does not exist yet. Each of them needs `sts:AssumeRole` on this role in its own account.

    Args:
        served_model: What serves the model.
        account: The other account's ID, 12 digits.
        principals: ARNs of roles and users in that account, without wildcards.
        role_name: The role's name, 1 to 64 characters, unique in the model's account. No default, because the other
            account must know it.
        organization_id: The organization in AWS Organizations that the principals must be in too. Default: not checked.

    Attributes:
        role: The role.

    Raises:
        ValueError: Without principals, or for one that is not of the account or has a wildcard.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        served_model: ServedModel,
        account: str,
        principals: Sequence[str],
        role_name: str,
        organization_id: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(account, principals)
        keep_name(self)
        organization = {"StringEquals": {"aws:PrincipalOrgID": organization_id}} if organization_id else {}
        self.role: iam.Role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            description=f"Principals of account {account} invoke a fine-tuned model",
            assumed_by=iam.AccountPrincipal(account).with_conditions(
                {"ArnEquals": {"aws:PrincipalArn": list(principals)}, **organization}
            ),
        )
        acknowledge_inline_policy(self)
        served_model.grant_invoke(self.role)


def _check(account: str, principals: Sequence[str]) -> None:
    if Token.is_unresolved(account) or not re.fullmatch("[0-9]{12}", account, re.ASCII):
        raise ValueError(f"`account` must be 12 digits that are known at synth (got {account!r})")
    pattern = _PRINCIPAL.format(account=account)
    wrong = [each for each in principals if not re.fullmatch(pattern, each, re.ASCII)]
    if wrong or not principals:
        allowed = f"ARNs of roles or users in account {account}, without wildcards"
        raise ValueError(f"`principals` must be one or more {allowed} (got {', '.join(wrong) or 'none'})")
