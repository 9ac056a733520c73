"""What Bedrock asks of IAM when it puts a customization job's network interfaces into a VPC.

Source: Bedrock user guide, "Protect your model customization jobs using a VPC".
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

_ON_AN_INTERFACE: Final = (
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
)


class IamRequest(NamedTuple):
    """One request, as IAM evaluates it."""

    action: str
    resource: str
    context: dict[str, Any]


def requests(job_arn: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]) -> Iterator[IamRequest]:
    """Yield what the service role must be allowed for the interfaces of one job."""
    _, partition, _, region, account, _ = job_arn.split(":", 5)
    own = f"arn:{partition}:ec2:{region}:{account}"
    interface = f"{own}:network-interface/eni-0"
    subnets = [f"{own}:subnet/{each}" for each in subnet_ids]
    groups = [f"{own}:security-group/{each}" for each in security_group_ids]
    tags = {"BedrockManaged": "true", "BedrockModelCustomizationJobArn": job_arn}
    held = {f"ec2:ResourceTag/{key}": value for key, value in tags.items()}
    yield IamRequest("ec2:DescribeSubnets", "*", {})
    yield IamRequest("ec2:DescribeSecurityGroups", "*", {})
    requested = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    yield IamRequest("ec2:CreateNetworkInterface", interface, requested)
    for arn in (*subnets, *groups):
        yield IamRequest("ec2:CreateNetworkInterface", arn, {})
    tagging = {"ec2:CreateAction": "CreateNetworkInterface", "aws:TagKeys": list(tags)}
    yield IamRequest("ec2:CreateTags", interface, tagging)
    for arn in subnets:
        for action in _ON_AN_INTERFACE:
            yield IamRequest(action, interface, {**held, "ec2:Subnet": arn})
