"""The foundation models that the simulation knows."""

from sandbox.bedrock.catalogue.catalogue import Catalogue
from sandbox.bedrock.catalogue.files import load_catalogue
from sandbox.bedrock.catalogue.models import (
    FINE_TUNING,
    ON_DEMAND,
    PROVISIONED,
    FoundationModel,
    HyperParameter,
    InferenceProfile,
    LifecycleDates,
    Recipe,
)

__all__ = [
    "FINE_TUNING",
    "ON_DEMAND",
    "PROVISIONED",
    "Catalogue",
    "FoundationModel",
    "HyperParameter",
    "InferenceProfile",
    "LifecycleDates",
    "Recipe",
    "load_catalogue",
]
