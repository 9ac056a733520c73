"""A Lambda function of the lifecycle, the same in everything but its handler and its permissions."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, cast

from aws_cdk import Duration, IgnoreMode, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from bedrock_tuning.common.acknowledge import acknowledge, acknowledge_inline_policy, acknowledge_wildcard
from bedrock_tuning.common.types import GivenKey
from bedrock_tuning.organization.function_settings import FunctionSettings
from bedrock_tuning.organization.vpc_access import function_statement
from bedrock_tuning.organization.vpc_config import VpcConfig

RUN_TIME_CODE: Final = Path(str(files("bedrock_lifecycle"))).resolve()
# Installed, the package has all others of the environment beside it. Compiled files differ between machines and runs,
# and would change the asset's hash.
_NOT_SHIPPED: Final = [
    "*",
    f"!{RUN_TIME_CODE.name}",
    f"!{RUN_TIME_CODE.name}/**",
    "__pycache__",
    "*.pyc",
    "*.md",
    "py.typed",
]


class LifecycleFunction(Construct):
    """A Python function with a role and a log group of its own.

    Args:
        handler: Import path of the entry point.
        description: What the function does, one sentence; shown in the console.
        timeout: How long one run may take; at most 15 minutes.
        key: Encrypts the logs, so its policy must let CloudWatch Logs use it.
        environment: Environment variables; never a secret.
        code: The code. Default: the package `bedrock_lifecycle`, so a module has one name everywhere.
        memory_size: Memory, which also sets the share of a CPU. Default: 256 MiB.
        settings: What the organization prescribes for functions. Default: nothing.
        layers: Layers of the function. Default: none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        description: str,
        timeout: Duration,
        key: GivenKey,
        environment: Mapping[str, str] | None = None,
        code: lambda_.Code | None = None,
        memory_size: Size | None = None,
        settings: FunctionSettings | None = None,
        layers: Sequence[lambda_.ILayerVersion] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        settings = settings or FunctionSettings()
        log_group = logs.LogGroup(
            self, "Logs", retention=settings.log_retention, encryption_key=key, removal_policy=RemovalPolicy.DESTROY
        )
        self.role: iam.Role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Runs: {description}",
        )
        log_group.grant_write(self.role)
        self.function: lambda_.Function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=code
            or lambda_.Code.from_asset(str(RUN_TIME_CODE.parent), exclude=_NOT_SHIPPED, ignore_mode=IgnoreMode.GIT),
            handler=handler,
            description=description,
            timeout=timeout,
            memory_size=int((memory_size or Size.mebibytes(256)).to_mebibytes()),
            environment=dict(environment or {}),
            role=self.role,
            log_group=log_group,
            layers=list(layers) or None,
        )
        if settings.vpc_config:
            self._join(settings.vpc_config)
        self._acknowledge(has_environment=bool(environment), in_vpc=settings.vpc_config is not None)

    def _join(self, vpc_config: VpcConfig) -> None:
        # With the L2's `vpc`, the role gets a managed policy, and the network must be known as a construct.
        function = cast("lambda_.CfnFunction", self.function.node.default_child)
        function.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=list(vpc_config.subnet_ids), security_group_ids=list(vpc_config.security_group_ids)
        )
        self.role.add_to_policy(function_statement())
        acknowledge_wildcard(self.role, "*", "Lambda asks for these permissions on every network interface")

    def _acknowledge(self, *, has_environment: bool, in_vpc: bool) -> None:
        acknowledge_inline_policy(self.role)
        acknowledge(
            self.function,
            "LambdaConcurrency",
            "reserved concurrency reduces the account's, which may be small; leases prevent concurrent runs",
        )
        if not in_vpc:
            acknowledge(
                self.function,
                "LambdaInsideVPC",
                "it calls only public AWS APIs, which a VPC without endpoints for them does not reach",
            )
        if has_environment:
            acknowledge(
                self.function,
                "EnvironmentEncryption",
                "the environment has names of resources, which the template shows too, and never a secret",
            )

    def allow(
        self, *actions: str, on: list[str], conditions: Mapping[str, Mapping[str, str | list[str]]] | None = None
    ) -> None:
        """Allow the function's role these actions on these resources."""
        self.role.add_to_policy(
            iam.PolicyStatement(actions=list(actions), resources=on, conditions=dict(conditions or {}))
        )
