"""Clients of AWS for one environment."""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tune.environments import Anchor

# A client by the service's name; a stand-in may take the place of boto3.
Aws = Callable[[str], Any]


class WrongCredentials(Exception):
    """There are no usable credentials, or they are those of another account."""


def clients(anchor: Anchor) -> Aws:
    """Return clients in the environment's account and Region; raise WrongCredentials."""

    def client(service: str) -> Any:
        return boto3.client(service, region_name=anchor.settings.region)

    check_account(client, anchor)
    return client


def check_account(aws: Aws, anchor: Anchor) -> None:
    """Raise WrongCredentials unless the credentials are those of the environment's account."""
    try:
        account = aws("sts").get_caller_identity()["Account"]
    except (ClientError, BotoCoreError) as error:
        raise WrongCredentials(f"the AWS credentials cannot be used: {error}") from None
    if account != anchor.settings.account:
        raise WrongCredentials(
            f"the AWS credentials are those of account {account}, and environment {anchor.name} is in account "
            f"{anchor.settings.account}: change the credentials, or account in {anchor.name}.toml"
        )
