"""The service models that botocore ships."""

from functools import cache
from typing import Any, Final, Literal

from botocore.loaders import Loader
from botocore.model import ServiceModel

# Those whose operations go over REST-JSON.
Service = Literal["bedrock", "bedrock-runtime"]
SERVICES: Final[tuple[Service, ...]] = ("bedrock", "bedrock-runtime")

# Shapes and operation models of botocore have no usable types of their own.
Shape = Any
OperationModel = Any


@cache
def service_model(service: str) -> ServiceModel:
    """Return the newest model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def is_document(shape: Shape) -> bool:
    """Return whether a shape stands for arbitrary JSON."""
    return bool(getattr(shape, "is_document_type", False))
