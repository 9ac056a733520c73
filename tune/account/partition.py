"""Which partition of AWS a Region is in."""

from functools import cache

import boto3


@cache
def partition_of(region: str) -> str:
    """Return `aws`, `aws-us-gov` or another partition; once, since a session reads every endpoint of AWS for it."""
    return str(boto3.Session().get_partition_for_region(region))
