"""Lambda entry: checks a dataset file and has it in the data store, then answers CloudFormation itself."""

from functools import cache
from typing import Any

from bedrock_lifecycle.dataset.resource import DatasetResource
from bedrock_lifecycle.functions import clients


@cache
def _resource() -> DatasetResource:
    return DatasetResource(clients.client("s3"), clients.stacks().status)


def on_event(event: dict[str, Any], context: Any) -> None:
    _resource().serve(event, lambda: context.get_remaining_time_in_millis() / 1000)
