"""Rules between tables. They read the document itself, so that they hold while other parts are still wrong."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import get_args

from bedrock_tuning.base_models import BaseModelProfile, BaseModels, ServingMode, UnknownBaseModelError
from bedrock_tuning.base_models.advice import Advice
from bedrock_tuning.base_models.wording import shown
from stacks.settings.model import Serving

Document = Mapping[str, object]


def broken_rules(document: Document, base_models: BaseModels, today: dt.date) -> Iterator[tuple[str, str]]:
    """Yield place and message of every rule that the document breaks; none while the base model is unknown."""
    training = _table(document, "training")
    try:
        profile = base_models.of(str(training.get("base_model")))
    except UnknownBaseModelError:
        return
    region = document.get("region")
    advice = Advice(base_models, region if isinstance(region, str) else None, today)
    if refusal := advice.region(profile):
        yield "region", f"{shown(region)} {refusal}"
    yield from _validation_data(document, profile)
    yield from _serving_mode(document, profile, advice)


def _validation_data(document: Document, profile: BaseModelProfile) -> Iterator[tuple[str, str]]:
    if "validation" in _table(document, "data"):
        return
    for name in profile.needing_validation_data(_table(_table(document, "training"), "hyper_parameters")):
        why = "has no effect without validation data; allowed only beside data.validation"
        yield f"training.hyper_parameters.{name}", f"{why}; name a validation file, or remove the line"


def _serving_mode(document: Document, profile: BaseModelProfile, advice: Advice) -> Iterator[tuple[str, str]]:
    tables = _table(document, "serving").keys() & Serving.model_fields.keys()
    for mode in get_args(ServingMode):
        if mode in tables and (refusal := advice.serving_mode(profile, mode)):
            yield f"serving.{mode}", refusal


def _table(document: Document, key: str) -> Document:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}
