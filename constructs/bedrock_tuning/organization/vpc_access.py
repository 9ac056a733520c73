"""What a role needs so that Bedrock or Lambda, acting with it, can put network interfaces into a VPC."""

from collections.abc import Iterator
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.organization.vpc_config import VpcConfig

_MANAGED: Final = "BedrockManaged"
_OF_JOB: Final = "BedrockModelCustomizationJobArn"


def job_statements(stack: Stack, vpc_config: VpcConfig) -> Iterator[iam.PolicyStatement]:
    """Yield what the service role needs: interfaces for customization jobs alone, in these subnets alone.

    Source: Bedrock user guide, "Protect your model customization jobs using a VPC".
    """
    jobs = BedrockArns(stack).customization_jobs
    arns = _Ec2Arns(stack)
    subnets = [arns.of("subnet", each) for each in vpc_config.subnet_ids]
    groups = [arns.of("security-group", each) for each in vpc_config.security_group_ids]
    yield iam.PolicyStatement(
        sid="SeeTheNetwork",
        actions=[
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeVpcs",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
        ],
        resources=["*"],
    )
    yield iam.PolicyStatement(
        sid="MakeInterfacesOfJobs",
        actions=["ec2:CreateNetworkInterface"],
        resources=[arns.interfaces],
        conditions={
            "StringEquals": {f"aws:RequestTag/{_MANAGED}": "true"},
            "ArnEquals": {f"aws:RequestTag/{_OF_JOB}": jobs},
        },
    )
    yield iam.PolicyStatement(
        sid="MakeThemInTheseSubnets", actions=["ec2:CreateNetworkInterface"], resources=[*subnets, *groups]
    )
    yield iam.PolicyStatement(
        sid="UseAndRemoveThem",
        actions=[
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ],
        resources=[arns.interfaces],
        conditions={
            "ArnEquals": {"ec2:Subnet": subnets, f"ec2:ResourceTag/{_OF_JOB}": jobs},
            "StringEquals": {f"ec2:ResourceTag/{_MANAGED}": "true"},
        },
    )
    yield iam.PolicyStatement(
        sid="TagThem",
        actions=["ec2:CreateTags"],
        resources=[arns.interfaces],
        conditions={
            "StringEquals": {"ec2:CreateAction": "CreateNetworkInterface"},
            "ForAllValues:StringEquals": {"aws:TagKeys": [_MANAGED, _OF_JOB]},
        },
    )


def function_statement() -> iam.PolicyStatement:
    """Return what a function's role needs: what the managed policy AWSLambdaVPCAccessExecutionRole has for networks."""
    return iam.PolicyStatement(
        sid="RunInTheNetwork",
        actions=[
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ],
        resources=["*"],
    )


def interfaces(stack: Stack) -> str:
    """Return the ARNs of the network interfaces of the account and Region."""
    return _Ec2Arns(stack).interfaces


class _Ec2Arns:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.interfaces = self.of("network-interface", "*")

    def of(self, kind: str, name: str) -> str:
        stack = self._stack
        return f"arn:{stack.partition}:ec2:{stack.region}:{stack.account}:{kind}/{name}"
