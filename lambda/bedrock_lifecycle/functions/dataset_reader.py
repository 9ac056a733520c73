"""Lambda entry: checks a dataset file and has it in the data store, then answers CloudFormation itself."""

import os
from functools import cache
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.dataset.errors import Helps
from bedrock_lifecycle.dataset.resource import DatasetResource
from bedrock_lifecycle.functions import clients


@cache
def _resource() -> DatasetResource:
    told = os.environ.get
    helps = Helps(push=told(contract.PUSH_VARIABLE, ""), source_key=told(contract.SOURCE_KEY_VARIABLE, ""))
    return DatasetResource(clients.client("s3"), clients.stacks().status, helps=helps)


def on_event(event: dict[str, Any], context: Any) -> None:
    _resource().serve(event, lambda: context.get_remaining_time_in_millis() / 1000)
