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
    Lifecycle,
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
    "Lifecycle",
    "Recipe",
    "load_catalogue",
]
