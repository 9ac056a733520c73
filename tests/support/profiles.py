"""Profiles of base models that differ in one thing."""

from typing import Any, Final

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.base_models.profile_parts import Customization

# A way of customizing as a profile says it, which differs from every fine-tuning in all that is asked of it.
OTHER_WAY: Final = "DISTILLATION"
_OTHERWISE: Final = Customization.model_validate(
    {
        "data": {
            "format": "prompt_completion",
            "records": {"train": {"min": 1, "max": 3}, "sum": {"min": 1, "max": 3}, "sum_quota_code": "L-00000007"},
            "validation": "not_used",
            "validation_source": "https://example.com/validation",
            "source": "https://example.com/data",
        },
        "hyper_parameters": {
            "known": {"epochCount": {"meaning": "any", "type": "integer", "min": 1, "max": 9, "default": 7}},
            "source": "https://example.com/hyper-parameters",
        },
    }
)


def fine_tuned_with(profile: BaseModelProfile, **changes: Any) -> BaseModelProfile:
    """Return a profile whose fine-tuning has other data or other hyper-parameters."""
    customization = profile.customization(FINE_TUNING).model_copy(update=changes)
    return profile.model_copy(update={"customizations": {FINE_TUNING: customization}})


def customized_otherwise_too(profile: BaseModelProfile) -> BaseModelProfile:
    """Return a profile that has `OTHER_WAY` beside its own ways of customizing."""
    return profile.model_copy(update={"customizations": {**profile.customizations, OTHER_WAY: _OTHERWISE}})


def fine_tuning(profile: BaseModelProfile) -> Customization:
    """Return what fine-tuning of a base model takes."""
    return profile.customization(FINE_TUNING)
