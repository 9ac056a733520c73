"""Clients without an environment: in the account of the credentials that there are."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tune.account.aws import Aws
from tune.account.clients import SessionClients, WrongCredentials, told
from tune.account.location import Location


def ambient() -> tuple[Aws, Location]:
    """Return clients in the account and Region of the credentials; raise WrongCredentials when there are none."""
    session = boto3.Session()
    if not session.region_name:
        raise WrongCredentials("no AWS Region is set: name an environment, or set AWS_DEFAULT_REGION")
    return in_region(session.region_name)


def in_region(region: str) -> tuple[Aws, Location]:
    """Return clients in a Region of the account of the credentials; raise as `ambient`."""
    aws = SessionClients(boto3.Session(region_name=region))
    try:
        account = aws.account()
    except (ClientError, BotoCoreError) as error:
        raise WrongCredentials(told(error)) from None
    return aws, Location(account, region)
