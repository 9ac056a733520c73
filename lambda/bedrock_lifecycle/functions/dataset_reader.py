"""Lambda entry: checks a dataset file and copies it into the data store, then answers CloudFormation itself."""

from functools import cache
from typing import Any

from bedrock_lifecycle.dataset.resource import DatasetResource
from bedrock_lifecycle.functions import clients


@cache
def _resource() -> DatasetResource:
    return DatasetResource(clients.client("s3"))


def on_event(event: dict[str, Any], _context: object) -> None:
    _resource().serve(event)
