"""`[[access]]`: who in another account may invoke a model, and what the role for that is called."""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from bedrock_tuning.common.messages import shown
from settings.checks import text, texts
from settings.fields import Account
from settings.problems import FieldError, SettingsTable

# A trust policy has at most 2,048 characters unless AWS raises it (IAM user guide, "IAM and AWS STS quotas").
MAX_PRINCIPALS: Final = 10
_PRINCIPAL: Final = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):(role|user)/[\w+=,.@/-]+", re.ASCII)
_MAX_ROLE_NAME_LENGTH: Final = 64  # IAM, CreateRole
_DIGEST_LENGTH: Final = 8


_principals: Final = texts(
    _PRINCIPAL.fullmatch,
    what="ARNs of IAM roles or users, without wildcards",
    maximum=MAX_PRINCIPALS,
    remedy="write one such as arn:aws:iam::222222222222:role/name",
)


Principals = Annotated[tuple[str, ...], BeforeValidator(_principals)]
OrganizationId = Annotated[
    str,
    BeforeValidator(
        text(
            # AWS Organizations, API reference, Organization.
            pattern=r"o-[a-z0-9]{10,32}",
            max_length=34,
            allowed="the ID of an organization, such as o-abcdefghij",
            advice="run aws organizations describe-organization to find it",
        )
    ),
]


class Access(SettingsTable):
    """`[[access]]`: an account other than the environment's, from which the model may be invoked.

    account: its AWS account ID; each account has one such table in a file.
    principals: 1 to 10 ARNs of roles and users in that account, exact; they need not exist yet.
    organization_id: the organization that they must be in besides. Default: it is not asked.
    """

    account: Account = Field(examples=['account = "222222222222"'])
    principals: Principals = Field(examples=['principals = ["arn:aws:iam::222222222222:role/name"]'])
    organization_id: OrganizationId | None = None

    @field_validator("principals")
    @classmethod
    def _are_of_the_account(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        account = info.data.get("account")
        for each in value:
            if account and (found := _PRINCIPAL.fullmatch(each)) and found["account"] != account:
                why = f"must be roles and users of account {account} (got {shown(each)})"
                raise FieldError(f"{why}; correct this ARN, or write another [[access]] for its account")
        return value


def _accesses(value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise FieldError(f"must be a list of tables (got {shown(value)}); write [[access]] before each")
    return value


def _of_different_accounts(value: tuple[Access, ...]) -> tuple[Access, ...]:
    accounts = [each.account for each in value]
    for account in accounts:
        if accounts.count(account) > 1:
            why = f"must name each account once (got {shown(account)} {accounts.count(account)} times)"
            raise FieldError(f"{why}; write its principals in one [[access]]")
    return value


def access_id(account: str) -> str:
    """Return the construct id of an account's access in the Serving stack, by which `[organization.roles]` names it."""
    return f"Access{account}"


def role_name(*, prefix: str, environment: str, model: str, region: str, account: str, path: str) -> str:
    """Return the name of the role with which an account invokes a model: known before the role exists.

    Another Region is another role, since roles have none; another path too, since CloudFormation makes a role anew for
    it and could not give both the same name.
    """
    identity = f"{environment}|{model}|{region}|{account}|{path}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_DIGEST_LENGTH]
    readable = f"{prefix}{environment}-{model}"[: _MAX_ROLE_NAME_LENGTH - _DIGEST_LENGTH - 1]
    return f"{readable}-{digest}"


Accesses = Annotated[tuple[Access, ...], BeforeValidator(_accesses), AfterValidator(_of_different_accounts)]
