"""What the stacks of one app in one account and Region are made of, as the ARNs that a policy can name beforehand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from settings import Organization

# CloudFormation shortens the stack's name in names that it makes up. How much it leaves is not established.
_SURE_LENGTH: Final = 20


@dataclass(frozen=True, kw_only=True)
class PolicyScope:
    """Whose stacks a policy is for.

    app: whose keys may be changed.
    stack_prefix: what the names of the stacks start with.
    organization: the environment's table; its names, path, boundary, roles and keys narrow the policy.
    qualifier: that of the bootstrap.
    bootstrap_key_arn: the key of yours that encrypts the bootstrap bucket. Default: none.
    """

    partition: str
    account: str
    region: str
    app: str
    stack_prefix: str
    organization: Organization
    qualifier: str
    bootstrap_key_arn: str | None = None

    @property
    def name(self) -> str:
        """What the names of everything start with that takes one, but buckets and parameters."""
        return self.organization.name_prefix or self.stack

    @property
    def stack(self) -> str:
        """What names start with that CloudFormation makes up."""
        return self.stack_prefix[:_SURE_LENGTH]

    @property
    def role_arns(self) -> tuple[str, ...]:
        """The roles that the stacks make, the service role under its path before included."""
        keep = self.organization.keep
        kept = {keep.service_role} if keep and keep.service_role else set()
        paths = {self.organization.role_path or "/", *kept}
        return tuple(self.role_arn(f"{path}{self.name}*") for path in sorted(paths))

    @property
    def passed_role_arns(self) -> tuple[str, ...]:
        """The roles that functions and workflow get."""
        existing = self.organization.roles
        return (
            self.role_arns if existing is None else tuple(self.role_arn(f"/{it}") for it in sorted(existing.values()))
        )

    @property
    def operations_key_arns(self) -> tuple[str, ...]:
        """The keys of ledger and workflow: the one that is given, and any that is made."""
        given, keep = self.organization.operations_key_arn, self.organization.keep
        made = () if given and not (keep and keep.operations_key) else (self.arn("kms", "key/*"),)
        return (*((given,) if given else ()), *made)

    @property
    def version_arn(self) -> str:
        """The parameter with the version of the bootstrap."""
        return self.arn("ssm", f"parameter/cdk-bootstrap/{self.qualifier}/version")

    @property
    def arns(self) -> Mapping[str, tuple[str, ...]]:
        """What the stacks make, by service; what of a service has another name, after a blank."""
        prefix = self.organization.name_prefix or ""
        # The stack's name, without what is neither a letter nor a digit.
        workflow = f"{prefix}{re.sub('[^A-Za-z0-9]', '', self.stack)}"
        assets = f"cdk-{self.qualifier}-assets-{self.account}-{self.region}"
        # That CloudFormation puts the stack's name into a layer's is not established.
        layer = prefix or "*BedrockApi"
        log_groups = (f"{'/aws/lambda/' if prefix else ''}{self.name}", f"/aws/vendedlogs/states/{workflow}")
        return {
            "dynamodb": (self.arn("dynamodb", f"table/{self.name}*"),),
            "events": (self.arn("events", f"rule/{self.name}*"),),
            "kms alias": (self.arn("kms", f"alias/{prefix or self.stack_prefix}*"),),
            "lambda": (self.arn("lambda", f"function:{self.name}*"),),
            "lambda layer": (self.arn("lambda", f"layer:{layer}*"),),
            "logs": tuple(self.arn("logs", f"log-group:{each}*") for each in log_groups),
            "s3": (f"arn:{self.partition}:s3:::{self.stack.lower()}*",),
            "s3 code": (f"arn:{self.partition}:s3:::{assets}/*",),
            "sns": (self.arn("sns", f"{self.name}*"),),
            "ssm": (self.arn("ssm", "parameter/bedrock-tuning/*"),),
            "states": (self.arn("states", f"stateMachine:{workflow}*"),),
        }

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in the account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role_arn(self, path_and_name: str) -> str:
        """Return the ARN of a role of the account; the path starts with a slash."""
        return f"arn:{self.partition}:iam::{self.account}:role{path_and_name}"
