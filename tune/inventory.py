"""What an environment has in AWS: what bills by the hour, what still trains, and what is kept on purpose."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from tune import stack_states
from tune.aws import Aws
from tune.environments import Target

_PAGE: Final = 100
_DELETED: Final = "DELETE_COMPLETE"


@dataclass(frozen=True)
class Item:
    """One thing in AWS, what it costs by its nature, and the command that removes it."""

    what: str
    name: str
    cost: str
    command: str

    def __str__(self) -> str:
        return f"{self.what} {self.name}: {self.cost}"


@dataclass(frozen=True)
class Store:
    """What Foundation leaves behind when it is deleted."""

    buckets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def is_ours(tags: Iterable[Mapping[str, str]], environment: str) -> bool:
    """Tell whether something in Bedrock was made by this project for an environment."""
    known = {tag["key"]: tag["value"] for tag in tags}
    # A detached throughput has lost its owner tag and kept the resource's: it bills all the same.
    made_here = contract.TAG_OWNER in known or contract.TAG_RESOURCE in known
    return made_here and known.get(contract.TAG_ENVIRONMENT) == environment


def billing(aws: Aws, target: Target) -> list[Item]:
    """Return the Provisioned Throughputs of the environment."""
    bedrock = aws("bedrock")
    found = _pages(bedrock, "list_provisioned_model_throughputs", "provisionedModelSummaries")
    return [
        throughput_item(each, target.settings.region)
        for each in found
        if _is_ours(bedrock, each["provisionedModelArn"], target)
    ]


def running(aws: Aws, target: Target) -> list[Item]:
    """Return the trainings of the environment that go on, with or without their stack."""
    bedrock = aws("bedrock")
    found = _pages(
        bedrock, "list_model_customization_jobs", "modelCustomizationJobSummaries", statusEquals="InProgress"
    )
    return [job_item(each, target.settings.region) for each in found if _is_ours(bedrock, each["jobArn"], target)]


def kept(aws: Aws, target: Target, store: Store) -> list[Item]:
    """Return what stays when the stacks are gone: models, and of Foundation the buckets and the key."""
    bedrock = aws("bedrock")
    found = _pages(bedrock, "list_custom_models", "modelSummaries", isOwned=True)
    region = target.settings.region
    models = [model_item(each, region) for each in found if _is_ours(bedrock, each["modelArn"], target)]
    return [*models, *store_items(store, region)]


def store_of(aws: Aws, target: Target) -> Store:
    """Return Foundation's buckets and key; nothing when the stack does not exist."""
    pages = aws("cloudformation").get_paginator("list_stack_resources")
    found: list[Mapping[str, Any]] = []
    try:
        for page in pages.paginate(StackName=target.stack("Foundation")):
            found += page["StackResourceSummaries"]
    except ClientError as error:
        if not stack_states.is_missing(error):
            raise
    # The bucket that receives the access logs comes last: as long as the other one stands, it is written to.
    found.sort(key=lambda each: "AccessLogs" in each["LogicalResourceId"])
    return Store(_of_type(found, "AWS::S3::Bucket"), _of_type(found, "AWS::KMS::Key"))


def throughput_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["provisionedModelName"]
    ends = summary.get("commitmentExpirationTime")
    until = f", committed until {ends:%Y-%m-%d %H:%M} UTC and renewed then" if ends else ""
    units = summary["modelUnits"]
    return Item(
        "Provisioned Throughput",
        name,
        f"{units} model unit{'s' * (units > 1)}, billed by the hour until it is deleted{until}",
        f"aws bedrock delete-provisioned-model-throughput --provisioned-model-id {name} --region {region}",
    )


def job_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["jobName"]
    return Item(
        "Training",
        name,
        "goes on, billed for the tokens that it trains; its model will be kept",
        f"aws bedrock stop-model-customization-job --job-identifier {name} --region {region}",
    )


def model_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["modelName"]
    return Item(
        "Custom model",
        name,
        "stored, billed by the month",
        f"aws bedrock delete-custom-model --model-identifier {name} --region {region}",
    )


def store_items(store: Store, region: str) -> Iterator[Item]:
    """Yield the buckets and the key. The buckets are versioned, so they are emptied of every version."""
    for bucket in store.buckets:
        emptied = f"b = boto3.resource('s3', region_name='{region}').Bucket('{bucket}')"
        command = f'python -c "import boto3; {emptied}; b.object_versions.delete(); b.delete()"'
        yield Item("Bucket", bucket, "billed for what is stored in it", command)
    for key in store.keys:
        yield Item(
            "Key",
            key,
            "billed by the month; without it the custom models and the bucket's objects are unreadable for ever",
            f"aws kms schedule-key-deletion --key-id {key} --pending-window-in-days 30 --region {region}",
        )


def foundation_item(target: Target) -> Item:
    return Item(
        "Stack",
        target.stack("Foundation"),
        "bucket, key and functions; billed for what is stored, and for the key by the month",
        f"python -m tune destroy {target.name}{target.option} --all",
    )


def _of_type(resources: Iterable[Mapping[str, Any]], kind: str) -> tuple[str, ...]:
    return tuple(
        str(each["PhysicalResourceId"])
        for each in resources
        if each["ResourceType"] == kind and each.get("PhysicalResourceId") and each["ResourceStatus"] != _DELETED
    )


def _is_ours(bedrock: Any, arn: str, target: Target) -> bool:
    try:
        return is_ours(bedrock.list_tags_for_resource(resourceARN=arn)["tags"], target.name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return False
        raise


def _pages(bedrock: Any, operation: str, member: str, **filters: Any) -> Iterator[Mapping[str, Any]]:
    for page in bedrock.get_paginator(operation).paginate(maxResults=_PAGE, **filters):
        yield from page[member]
