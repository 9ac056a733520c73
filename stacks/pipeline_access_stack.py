"""What lets a pipeline act: GitHub's OIDC provider, and a role for each environment."""

from collections.abc import Sequence

from aws_cdk import Aws, DefaultStackSynthesizer, LegacyStackSynthesizer, Stack
from aws_cdk import Environment as CdkEnvironment
from constructs import Construct

from bedrock_tuning import PipelineAccess
from settings import EnvironmentLocation, Pipeline
from settings.bootstrap import ASSUMABLE, QUALIFIER_CONTEXT, BootstrapRole


class PipelineAccessStack(Stack):
    """The roles of a pipeline, in the account from which it deploys.

    It has no files, and is deployed with the credentials of whoever deploys it, so that its account needs no bootstrap.
    """

    def __init__(self, scope: Construct, settings: Pipeline, environments: Sequence[EnvironmentLocation]) -> None:
        super().__init__(
            scope,
            "PipelineAccess",
            env=CdkEnvironment(account=settings.account, region=settings.region),
            synthesizer=LegacyStackSynthesizer(),
            description=f"Lets GitHub Actions of {settings.repository} deploy through the roles of the CDK's bootstrap",
            termination_protection=True,
        )
        self.access = PipelineAccess(
            self,
            "Access",
            repository=settings.repository,
            assumable={its.name: [self._arn(its, role) for role in ASSUMABLE] for its in environments},
            provider_arn=settings.provider_arn,
        )

    def _arn(self, its: EnvironmentLocation, role: BootstrapRole) -> str:
        qualifier = self.node.try_get_context(QUALIFIER_CONTEXT) or DefaultStackSynthesizer.DEFAULT_QUALIFIER
        name = its.bootstrap.role_name(role, account=its.account, region=its.region, qualifier=qualifier)
        return f"arn:{Aws.PARTITION}:iam::{its.account}:role/{name}"
