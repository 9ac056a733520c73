"""The claims of the demo: each is checked by asking AWS, and a check that could not have failed is none."""

from typing import Any

from botocore.exceptions import ClientError

from tune.account import inventory
from tune.account.aws import Aws
from tune.account.items import InventoryItem
from tune.terminal.environments import DeployTarget


class DemoFailed(Exception):
    """A step of the demo did not come out as it must."""


def expect(condition: bool, otherwise: str) -> None:
    """Raise DemoFailed unless the condition holds."""
    if not condition:
        raise DemoFailed(otherwise)


def all_throughputs(aws: Aws) -> int:
    """Return how many Provisioned Throughputs the account has, whoever made them."""
    pages = aws("bedrock").get_paginator("list_provisioned_model_throughputs").paginate()
    return sum(len(page["provisionedModelSummaries"]) for page in pages)


def kept(aws: Aws, target: DeployTarget, store: inventory.FoundationStore) -> list[InventoryItem]:
    """Return what is kept on purpose, having asked AWS for each whether it is there."""
    items = inventory.kept(aws, target, store)
    expect(bool(store.buckets and store.keys), "Foundation had no bucket or no key to keep")
    for model in target.settings:
        expect(any(item.name == model.training_name for item in items), f"the model {model.training_name} is gone")
    for bucket in store.buckets:
        expect(_answers(aws("s3").head_bucket, Bucket=bucket), f"the bucket {bucket} is gone")
    for key in store.keys:
        expect(_answers(aws("kms").describe_key, KeyId=key), f"the key {key} is gone")
    return items


def _answers(call: Any, **arguments: str) -> bool:
    try:
        call(**arguments)
    except ClientError:
        return False
    return True
