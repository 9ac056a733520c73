"""The service's errors, as they go over the wire."""

from collections.abc import Mapping
from typing import Final

# HTTP status per error code, from the service models of botocore (a test compares them).
STATUS_OF: Final[Mapping[str, int]] = {
    "AccessDeniedException": 403,
    "ConflictException": 400,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "TooManyTagsException": 400,
    "ValidationException": 400,
}

# Not an error of the service: it says that the simulation ends here. 501 is not retried by botocore.
NOT_SIMULATED: Final = "UnknownOperationException"


class ServiceError(Exception):
    """An error answer of the service: a code of its model and a message."""

    def __init__(self, code: str, message: str, **fields: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = fields

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS_OF.get(self.code, 501)


def invalid(message: str) -> ServiceError:
    """Return a ValidationException."""
    return ServiceError("ValidationException", message)


def not_found(message: str) -> ServiceError:
    """Return a ResourceNotFoundException."""
    return ServiceError("ResourceNotFoundException", message)


def conflict(message: str) -> ServiceError:
    """Return a ConflictException. The service's own texts for it are not documented."""
    return ServiceError("ConflictException", message)


def quota_exceeded(message: str) -> ServiceError:
    """Return a ServiceQuotaExceededException. The service's own texts for it are not documented."""
    return ServiceError("ServiceQuotaExceededException", message)


def denied(message: str) -> ServiceError:
    """Return an AccessDeniedException."""
    return ServiceError("AccessDeniedException", message)


def not_simulated(what: str) -> ServiceError:
    """Return the error for something that the service has and this simulation does not."""
    return ServiceError(NOT_SIMULATED, f"{what} is not simulated by this sandbox")
