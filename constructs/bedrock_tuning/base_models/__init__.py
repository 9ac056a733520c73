"""Profiles of the base models that Bedrock can tune: limits, ranges, serving modes, each with its source."""

from bedrock_tuning.base_models.data_limits import Bounds, DataLimits
from bedrock_tuning.base_models.hyper_parameter import HyperParameter
from bedrock_tuning.base_models.profile import (
    BaseModelProfile,
    HyperParameterError,
    ServingMode,
    UnknownBaseModelError,
)
from bedrock_tuning.base_models.profile_file import ProfileError, profiles_of
from bedrock_tuning.base_models.profile_parts import Invocation
from bedrock_tuning.base_models.registry import BaseModels, base_model, every_model, profiles

__all__ = [
    "BaseModelProfile",
    "BaseModels",
    "Bounds",
    "DataLimits",
    "HyperParameter",
    "HyperParameterError",
    "Invocation",
    "ProfileError",
    "ServingMode",
    "UnknownBaseModelError",
    "base_model",
    "every_model",
    "profiles",
    "profiles_of",
]
