"""Which account and Region is looked at."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract
from tune.account.clients import Aws, SessionClients, WrongCredentials, told
from tune.account.partition import partition_of
from tune.terminal.environments import EnvironmentRef


@dataclass(frozen=True)
class Location:
    """An account and one of its Regions."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    def stack_owner(self, stack: str) -> str:
        """Return what the owner tag says of what a stack made, whether or not the stack exists."""
        return contract.stack_owner(
            partition=self.partition, region=self.region, account=self.account, stack_name=stack
        )


def place_of(anchor: EnvironmentRef) -> Location:
    return Location(anchor.account, anchor.region)


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
