"""Which partition of AWS a Region is in."""

from functools import cache

from botocore.endpoint_provider import RuleSetStandardLibrary
from botocore.loaders import Loader


@cache
def partition_of(region: str) -> str:
    """Return `aws`, `aws-us-gov` or another partition, as botocore's own rules for endpoints tell it."""
    partitions = Loader().load_data("partitions")
    return str(RuleSetStandardLibrary(partitions).aws_partition(region)["name"])
