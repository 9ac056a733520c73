"""What `environment.toml` says: where an environment is, and what holds for every model in it."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator

from settings.allow import Allow
from settings.app import DEFAULT_APP
from settings.bootstrap import Bootstrap
from settings.fields import Account, EmailAddresses, EnvironmentName, Region, StackPrefix, TopicArn
from settings.knows_base_models import KnowsBaseModels
from settings.organization import Organization
from settings.problems import FieldError, SettingsTable
from settings.stack_names import DEFAULT_PREFIX, StackKind, stack_name
from settings.tags import Tags


class Notifications(SettingsTable):
    """`[notifications]`: who is told that a training has ended. It has one of the two keys.

    email: 1 to 10 addresses, each of which confirms what Amazon SNS sends it.
    topic_arn: an SNS topic of yours in the same Region that lets EventBridge publish.
    """

    email: EmailAddresses | None = Field(default=None, examples=['email = ["you@example.com"]'])
    topic_arn: TopicArn | None = Field(default=None, validate_default=True)

    @field_validator("topic_arn", mode="after")
    @classmethod
    def _is_the_only_one(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "email" not in info.data:  # refused above
            return value
        if (value is None) == (info.data["email"] is None):
            received = "neither" if value is None else "both"
            raise FieldError(
                f"the table must have either email or topic_arn (got {received}); write one, or remove the table"
            )
        return value


class Environment(KnowsBaseModels):
    """One environment: what `environment.toml` in its folder says. It is one account, one Region, one Foundation.

    name: the folder's name; 1 to 12 lower-case letters, digits and single hyphens.
    app: what `app.toml` says.
    givers: the Foundation stacks of the environments in promote_from of `[allow]`, by their names.
    account: AWS account id, 12 digits.
    region: AWS Region; one where each base model can be tuned, and served as asked for.
    stack_prefix: what the names of its stacks begin with, 1 to 40 letters, digits and hyphens, a letter first. Default:
        bedrock-tuning-. Names in Bedrock and of SSM parameters do not have it.
    allow: what the environment may do; default: train, and serve on demand.
    organization: what the organization prescribes; default nothing.
    bootstrap: how the CDK was bootstrapped in the account; default as `cdk bootstrap` does it by itself.
    notifications: default none, nobody is told when a training ends.
    tags: your own tags for everything that can be tagged, at most 40; keys 1 to 128 and values 0 to 256
        characters of Bedrock's tag alphabet; `aws:` and `bedrock-tuning:` are taken. Default: none.
    """

    not_keys: ClassVar[Mapping[str, str]] = {"name": "folder name", "app": "app", "givers": "givers"}

    name: EnvironmentName
    app: str = DEFAULT_APP
    givers: Mapping[str, str] = Field(default_factory=dict)
    account: Account = Field(examples=['account = "111122223333"'])
    region: Region = Field(examples=['region = "us-east-1"'])
    stack_prefix: StackPrefix = DEFAULT_PREFIX
    allow: Allow = Field(default_factory=Allow)
    organization: Organization = Field(default_factory=Organization)
    bootstrap: Bootstrap = Field(default_factory=Bootstrap)
    notifications: Notifications | None = None
    tags: Tags = Field(default_factory=dict)

    def stack_name(self, kind: StackKind, model: str = "") -> str:
        """Return a stack's name in CloudFormation."""
        return stack_name(self.stack_prefix, self.name, kind, model)
