"""Profiles of the base models that Bedrock can tune: limits, ranges, serving modes, each with its source."""

from bedrock_tuning.base_models.base_model import (
    BaseModelProfile,
    HyperParameterError,
    ServingMode,
    UnknownBaseModelError,
    profiles,
)
from bedrock_tuning.base_models.data_limits import Bounds, DataLimits
from bedrock_tuning.base_models.hyper_parameter import HyperParameter

__all__ = [
    "BaseModelProfile",
    "Bounds",
    "DataLimits",
    "HyperParameter",
    "HyperParameterError",
    "ServingMode",
    "UnknownBaseModelError",
    "profiles",
]
