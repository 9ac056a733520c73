"""What an organization prescribes for every function of the lifecycle."""

from dataclasses import dataclass

from aws_cdk import aws_logs as logs

from bedrock_tuning.organization.vpc_config import VpcConfig


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """Settings of all functions.

    Args:
        log_retention: How long logs are kept. Default: one month.
        vpc_config: The network that the functions run in. It must reach every AWS service that they use, through
            endpoints or a NAT gateway; docs/how-to/organization.md lists them. Default: none; they use AWS's public
            endpoints.
    """

    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    vpc_config: VpcConfig | None = None
