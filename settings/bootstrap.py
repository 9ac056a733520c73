"""`[bootstrap]`: how the CDK was bootstrapped in the account."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator

from settings.checks import text
from settings.organization import KeyArn
from settings.problems import SettingsTable

BootstrapRole = Literal["deploy", "lookup", "file-publishing"]
"""A role of the bootstrap that others may assume."""
ASSUMABLE: Final[tuple[BootstrapRole, ...]] = ("deploy", "file-publishing", "lookup")
"""All of them, as whoever deploys through the bootstrap must be able to assume them."""
# With which cdk.json names the qualifier of every environment that names none (aws-cdk-lib).
QUALIFIER_CONTEXT: Final = "@aws-cdk/core:bootstrapQualifier"
# What `cdk bootstrap` uses when it is told nothing (aws-cdk, bootstrap-template.yaml).
DEFAULT_QUALIFIER: Final = "hnb659fds"
_MAX_QUALIFIER_LENGTH: Final = 10
# IAM API reference, CreateRole: RoleName.
_MAX_ROLE_LENGTH: Final = 64

Qualifier = Annotated[
    str,
    BeforeValidator(
        text(
            pattern="[A-Za-z0-9]+",
            max_length=_MAX_QUALIFIER_LENGTH,
            allowed=f"1 to {_MAX_QUALIFIER_LENGTH} letters and digits",
            advice="copy what cdk bootstrap was given as --qualifier",
        )
    ),
]
RoleName = Annotated[
    str,
    BeforeValidator(
        text(
            pattern=r"[\w+=,.@-]+",
            max_length=_MAX_ROLE_LENGTH,
            allowed=f"a role's name, 1 to {_MAX_ROLE_LENGTH} letters, digits and _+=,.@-",
            advice="give the name only, without path and ARN",
        )
    ),
]


class Bootstrap(SettingsTable):
    """`[bootstrap]`: what `cdk bootstrap` was told, where that is not its default.

    key_arn: the key of yours that encrypts the bootstrap bucket (`--bootstrap-kms-key-id`), from which files that are
        named by path are read. Default: none, the bucket of the default bootstrap asks for no permission of a key.
    qualifier: `--qualifier`, 1 to 10 letters and digits. Default: that of cdk.json, or hnb659fds.
    deploy_role, lookup_role, file_publishing_role, execution_role: names of roles that a template of your own gives
        the bootstrap stack. Default: the CDK's names, which follow from qualifier, account and Region.
    """

    key_arn: KeyArn | None = None
    qualifier: Qualifier | None = None
    deploy_role: RoleName | None = None
    lookup_role: RoleName | None = None
    file_publishing_role: RoleName | None = None
    execution_role: RoleName | None = None

    def role_name(self, role: BootstrapRole, *, account: str, region: str, qualifier: str) -> str:
        """Return the name of a role: the one that is given, or the CDK's.

        qualifier: the one that holds where this table names none.
        """
        given: Mapping[BootstrapRole, str | None] = {
            "deploy": self.deploy_role,
            "lookup": self.lookup_role,
            "file-publishing": self.file_publishing_role,
        }
        return given[role] or f"cdk-{self.qualifier or qualifier}-{role}-role-{account}-{region}"
