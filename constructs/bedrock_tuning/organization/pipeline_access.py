"""Who may deploy from GitHub Actions, without a stored key."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from bedrock_tuning.common.acknowledge import acknowledge_inline_policy

# GitHub documentation, "Configuring OpenID Connect in Amazon Web Services".
_ISSUER: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"


class PipelineAccess(Construct):
    """Lets the workflow of one GitHub repository assume roles, one set of them for each GitHub environment.

    A job gets a role only with a token that GitHub signed for this repository and for a job of that environment. The
    role can assume the roles that are named for it, and do nothing else. So a job for one environment cannot deploy
    to another.

    Args:
        repository: Owner and name, such as acme/models, spelled as GitHub spells them.
        assumable: The ARNs of the roles that may be assumed, by GitHub environment.
        provider_arn: GitHub's OIDC provider in this account. Default: none, and it is created; an account can have
            only one.

    Attributes:
        roles: The role of each GitHub environment. Its ARN is an output.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        repository: str,
        assumable: Mapping[str, Sequence[str]],
        provider_arn: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        provider = provider_arn or self._provider()
        self.roles: Mapping[str, iam.IRole] = {
            environment: self._role(environment, f"repo:{repository}:environment:{environment}", arns, provider)
            for environment, arns in assumable.items()
        }

    def _provider(self) -> str:
        made = iam.OidcProviderNative(self, "GitHub", url=f"https://{_ISSUER}", client_ids=[_AUDIENCE])
        return made.oidc_provider_arn

    def _role(self, environment: str, subject: str, arns: Sequence[str], provider: str) -> iam.IRole:
        its = Construct(self, environment)
        role = iam.Role(
            its,
            "Role",
            description=f"Assumed by GitHub Actions to deploy {environment}",
            assumed_by=iam.WebIdentityPrincipal(
                provider, {"StringEquals": {f"{_ISSUER}:aud": _AUDIENCE, f"{_ISSUER}:sub": subject}}
            ),
        )
        role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=list(arns)))
        acknowledge_inline_policy(its)
        CfnOutput(its, "Arn", value=role.role_arn, description=f"The role of the GitHub environment {environment}")
        return role
