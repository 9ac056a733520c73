"""Checks of a base model against the stack that uses it, before anything is made."""

import datetime as dt
from collections.abc import Iterable
from typing import Final, TypeVar

from aws_cdk import Annotations, Stack, Token
from constructs import Construct

from bedrock_tuning.base_models import BaseModelProfile, BaseModels, ServingMode
from bedrock_tuning.base_models.advice import BaseModelAdvice
from bedrock_tuning.base_models.hyper_parameter_names import doubt_of
from bedrock_tuning.base_models.lifecycle import utc_today

V = TypeVar("V")

LIFECYCLE_WARNING: Final = "bedrock-tuning:base-model-lifecycle"
VALIDATION_WARNING: Final = "bedrock-tuning:data-validation-not-used"
PURCHASE_REGION_WARNING: Final = "bedrock-tuning:provisioned-throughput-region"
HYPER_PARAMETER_WARNING: Final = "bedrock-tuning:hyper-parameter"

# The context value that counts as the day of a synthesis, as 2026-11-23: for tests, and where a simulated Bedrock plays
# another date. It decides warnings and messages, never a template.
TODAY: Final = "bedrock-tuning:today"


def today(scope: Construct) -> dt.date:
    """Return the day that counts as today: the context value `bedrock-tuning:today`; default is the day in UTC."""
    given = scope.node.try_get_context(TODAY)
    if given is None:
        return utc_today()
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise ValueError(
            f"context {TODAY} must be a date such as 2026-11-23 (got {given!r}); correct the date"
        ) from None


def check_tunable(scope: Construct, base_model: BaseModelProfile, base_models: BaseModels | None) -> None:
    """Raise ValueError in a Region that does not tune the base model; warn when its known life is over."""
    advice = _advice(scope, base_models)
    if refusal := advice.region(base_model):
        raise ValueError(refusal)
    if warning := advice.lifecycle(base_model):
        Annotations.of(scope).add_warning_v2(LIFECYCLE_WARNING, warning)


def used_validation(
    scope: Construct, base_model: BaseModelProfile, customization_type: str, validation: V | None
) -> V | None:
    """Return the validation data where a training run makes use of it; warn of it and return None where it does not."""
    told = base_model.unused_validation(customization_type) if validation else None
    if told is None:
        return validation
    Annotations.of(scope).add_warning_v2(VALIDATION_WARNING, told)
    return None


def check_hyper_parameter_names(
    scope: Construct, base_model: BaseModelProfile, names: Iterable[str], customization_type: str
) -> None:
    """Warn of names that no page lists for the base model: of all where others are listed, else of what looks misspelt.

    A warning each, since it is sent as it is: what Bedrock takes beyond its pages only Bedrock can tell.
    """
    for name in names:
        if doubt := doubt_of(base_model, name, customization_type):
            Annotations.of(scope).add_warning_v2(f"{HYPER_PARAMETER_WARNING}-{name}", doubt)


def check_serving_mode(
    scope: Construct, base_model: BaseModelProfile, mode: ServingMode, base_models: BaseModels | None
) -> None:
    """Raise ValueError when a model tuned from the base model cannot be served in the mode; warn of a doubtful one."""
    advice = _advice(scope, base_models)
    if refusal := advice.serving_mode(base_model, mode):
        raise ValueError(f"{mode} {refusal}")
    if mode == "provisioned_throughput" and (doubt := advice.purchase_region(base_model)):
        Annotations.of(scope).add_warning_v2(PURCHASE_REGION_WARNING, doubt)


def _advice(scope: Construct, base_models: BaseModels | None) -> BaseModelAdvice:
    region = Stack.of(scope).region
    known = None if Token.is_unresolved(region) else region
    return BaseModelAdvice(base_models or BaseModels.shipped(), known, today(scope))
