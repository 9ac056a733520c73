"""`app.toml`: whose stacks these are, and which pipeline may deploy them."""

from typing import Annotated, Final

from pydantic import BeforeValidator

from bedrock_tuning.common.messages import shown
from settings.checks import text
from settings.fields import Account, AppName, Region
from settings.problems import FieldError, SettingsTable

DEFAULT_APP: Final = "bedrock-tuning"

# IAM API reference, CreateOpenIDConnectProvider.
_MAX_PROVIDER_LENGTH: Final = 255
_MAX_REPOSITORY_LENGTH: Final = 140

Repository = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=r"[A-Za-z0-9-]+/[\w.-]+",
            max_length=_MAX_REPOSITORY_LENGTH,
            allowed='owner and name, such as "acme/models"',
            advice="copy them from the address of the repository",
        )
    ),
]
ProviderArn = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=r"arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[\w./-]+",
            max_length=_MAX_PROVIDER_LENGTH,
            allowed="the ARN of an OIDC provider, such as "
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
            advice="copy it from the IAM console, or leave it out and one is created",
        )
    ),
]


def _environments(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise FieldError(
            f'must be a list of environments, such as ["dev", "prod"] (got {shown(value)}); name one or more'
        )
    if repeated := sorted({each for each in value if value.count(each) > 1}):
        raise FieldError(f"must name each environment once (got {', '.join(repeated)} again); remove it")
    return tuple(value)


class Pipeline(SettingsTable):
    """`[pipeline]`: the GitHub repository whose workflow deploys, and the account in which its roles are.

    repository: owner and name, as GitHub spells them: a token that spells them otherwise is refused.
    account: the account of the roles, 12 digits. It may be that of an environment.
    region: where the stack with the roles is. IAM's roles are the account's in every Region.
    environments: the environments to which it deploys, in the order in which a commit reaches them; one or more.
    provider_arn: GitHub's OIDC provider in that account. Default: none, and the stack creates it. An account can have
        only one.
    """

    repository: Repository
    account: Account
    region: Region
    environments: Annotated[tuple[str, ...], BeforeValidator(_environments)]
    provider_arn: ProviderArn | None = None


class App(SettingsTable):
    """`app.toml`: whose stacks these are.

    app: 1 to 40 letters, digits and hyphens, a letter first; a tag of every stack. Another app's stacks are never
        updated or deleted, whatever their names. Default: bedrock-tuning.
    pipeline: the pipeline that may deploy them. Default: none.
    """

    app: AppName = DEFAULT_APP
    pipeline: Pipeline | None = None
