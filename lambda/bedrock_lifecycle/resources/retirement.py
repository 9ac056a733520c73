"""Retires old custom models, on request, after a newer one serves."""

import contextlib
import time

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import ServedModelProperties
from bedrock_lifecycle.decisions.retirement import Family, RetainedModel, to_retire
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Bedrock

# A turn ends after half a minute; this must leave the answer its time.
_SECONDS_AT_MOST = 8.0


def family_of(properties: ServedModelProperties) -> Family:
    """Return the models that `KeepModels` is about."""
    app = properties.tags.get(contract.TAG_APP)
    return Family(properties.name, properties.environment, properties.model_owner, app)


def never_retired(properties: ServedModelProperties, before: ServedModelProperties) -> set[str]:
    """Return names or ARNs of the models of this request and of the one before, to which a rollback goes back."""
    return {its.model for its in (properties, before) if ServedModelProperties.name in its}


class _OutOfTime(Exception):
    """There is no time to find out what serves, so nothing is deleted."""


class Retirement:
    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def retire(self, request: Request) -> None:
        """Delete models beyond `KeepModels`; without that property every model is kept.

        The model of the deployment before is kept until the next one: a rollback goes back to it. What goes wrong here
        fails nothing, and it stops after some seconds: the deployment is complete without it, and the next one goes on.
        """
        properties = ServedModelProperties(request.properties)
        before = ServedModelProperties(request.old_properties)
        if ServedModelProperties.keep_models not in properties:
            return
        until = time.monotonic() + _SECONDS_AT_MOST
        # Whatever it is: what serves is as it should be, and to fail now would roll back a swap that is done.
        with contextlib.suppress(Exception):
            family = family_of(properties)
            models, keep = self._models(family, until), properties.keep_models
            never = never_retired(properties, before)
            for model in to_retire(models, family, keep_models=keep, never=never):
                if time.monotonic() < until:
                    self._delete(model)

    def _delete(self, model: RetainedModel) -> None:
        # One that may not be deleted, since it has lost its tags, keeps none of the others.
        with contextlib.suppress(ClientError):
            # Read again: another environment may have been given it since.
            if contract.holders(self._bedrock.tags(model.arn)):
                return
            self._bedrock.client.delete_custom_model(modelIdentifier=model.arn)

    def _models(self, family: Family, until: float) -> list[RetainedModel]:
        """Return the models that may be of a family, as many as there is time for, the newest first."""

        def look_on() -> None:
            if time.monotonic() >= until:
                raise _OutOfTime

        found = self._bedrock.models_named(family.prefix)
        serving = self._bedrock.models_in_service(look_on)
        return [
            RetainedModel(
                name=summary["modelName"],
                arn=summary["modelArn"],
                created=summary["creationTime"],
                tags=self._bedrock.tags(summary["modelArn"]),
                serves=summary["modelArn"] in serving,
            )
            for summary in found
            if time.monotonic() < until
        ]
