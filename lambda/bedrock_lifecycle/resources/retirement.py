"""Retires old custom models, on request, after a newer one serves."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.resources.bedrock import Bedrock, Model


@dataclass(frozen=True)
class Kept:
    """A custom model of this name and environment. `serves` tells whether any throughput has it."""

    arn: str
    created: datetime
    ours: bool
    serves: bool


def to_retire(models: Sequence[Kept], *, keep_models: int, serving_arn: str) -> list[str]:
    """Return the ARNs of the models beyond the newest `keep_models`: never one that serves, never another's."""
    ours = sorted((model for model in models if model.ours), key=lambda model: model.created, reverse=True)
    return [model.arn for model in ours[keep_models:] if not model.serves and model.arn != serving_arn]


class Retirement:
    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def retire(self, properties: Properties, *, serving: Model | None) -> None:
        """Delete models beyond `KeepModels`; without that property every model is kept.

        What goes wrong here fails nothing: the deployment is complete without it, and the next one tries again.
        """
        if "KeepModels" not in properties or serving is None:
            return
        keep = properties.integer("KeepModels")
        with contextlib.suppress(ClientError, BotoCoreError):
            for arn in to_retire(self._models(properties), keep_models=keep, serving_arn=serving.arn):
                self._bedrock.client.delete_custom_model(modelIdentifier=arn)

    def _models(self, properties: Properties) -> list[Kept]:
        prefix = f"{properties.text('Name')}-{properties.text('Environment')}-"
        pages = self._bedrock.client.get_paginator("list_custom_models").paginate(nameContains=prefix)
        found = [summary for page in pages for summary in page["modelSummaries"]]
        serving = self._serving()
        return [
            Kept(
                arn=summary["modelArn"],
                created=summary["creationTime"],
                ours=self._is_ours(summary["modelName"], summary["modelArn"], prefix, properties),
                serves=summary["modelArn"] in serving,
            )
            for summary in found
        ]

    def _is_ours(self, name: str, arn: str, prefix: str, properties: Properties) -> bool:
        tags = self._bedrock.tags(arn)
        owner = properties.optional_text("ModelOwner")
        return name.startswith(prefix) and owner is not None and tags.get(contract.TAG_OWNER) == owner

    def _serving(self) -> set[str]:
        """Return the models that any throughput of the account serves or is moving to."""
        pages = self._bedrock.client.get_paginator("list_provisioned_model_throughputs").paginate()
        found = [summary for page in pages for summary in page["provisionedModelSummaries"]]
        return {arn for summary in found for arn in (summary["modelArn"], summary["desiredModelArn"])}
