"""Retires old custom models, on request, after a newer one serves."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.observed import Model
from bedrock_lifecycle.engine.properties import BadProperty, Properties
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.training import training_name

# A turn ends after half a minute; this must leave the answer its time.
_SECONDS_AT_MOST = 8.0


@dataclass(frozen=True)
class Kept:
    """A custom model of this name and environment. `serves` tells whether any throughput has it."""

    name: str
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

    def retire(self, request: Request, *, serving: Model | None) -> None:
        """Delete models beyond `KeepModels`; without that property every model is kept.

        The model of the deployment before is kept until the next one: a rollback goes back to it. What goes wrong here
        fails nothing, and it stops after some seconds: the deployment is complete without it, and the next one goes on.
        """
        properties = request.properties
        if "KeepModels" not in properties or serving is None:
            return
        until = time.monotonic() + _SECONDS_AT_MOST
        with contextlib.suppress(ClientError, BotoCoreError, BadProperty):
            before = training_name(request.old_properties) if "Name" in request.old_properties else ""
            models = self._models(properties, until)
            kept = {model.arn for model in models if model.name == before}
            for arn in to_retire(models, keep_models=properties.integer("KeepModels"), serving_arn=serving.arn):
                if arn not in kept and time.monotonic() < until:
                    self._bedrock.client.delete_custom_model(modelIdentifier=arn)

    def _models(self, properties: Properties, until: float) -> list[Kept]:
        """Return the models of this name and environment, as many as there is time for, the newest first."""
        prefix = f"{properties.text('Name')}-{properties.text('Environment')}-"
        pages = self._bedrock.client.get_paginator("list_custom_models").paginate(
            nameContains=prefix, sortBy="CreationTime", sortOrder="Descending"
        )
        found = [summary for page in pages for summary in page["modelSummaries"]]
        serving = self._serving()
        return [
            Kept(
                name=summary["modelName"],
                arn=summary["modelArn"],
                created=summary["creationTime"],
                ours=self._is_ours(summary["modelArn"], properties),
                serves=summary["modelArn"] in serving,
            )
            for summary in found
            if summary["modelName"].startswith(prefix) and time.monotonic() < until
        ]

    def _is_ours(self, arn: str, properties: Properties) -> bool:
        wanted = {
            contract.TAG_OWNER: properties.text("ModelOwner"),
            contract.TAG_ENVIRONMENT: properties.text("Environment"),
        }
        return wanted.items() <= self._bedrock.tags(arn).items()

    def _serving(self) -> set[str]:
        """Return the models that any throughput of the account serves or is moving to."""
        found = self._bedrock.throughput_summaries()
        return {arn for summary in found for arn in (summary["modelArn"], summary["desiredModelArn"])}
