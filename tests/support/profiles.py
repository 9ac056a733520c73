"""Profiles of base models that differ in one thing."""

from typing import Any

from bedrock_tuning.base_models import BaseModelProfile


def fine_tuned_with(profile: BaseModelProfile, **changes: Any) -> BaseModelProfile:
    """Return a profile whose fine-tuning has other data or other hyper-parameters."""
    customization = profile.customization().model_copy(update=changes)
    return profile.model_copy(update={"customizations": {"FINE_TUNING": customization}})
