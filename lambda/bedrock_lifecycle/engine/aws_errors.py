"""Which errors of AWS pass by themselves, and how the others are told."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from bedrock_lifecycle.engine import denials
from bedrock_lifecycle.engine.outcome import Failed, Waiting

# New permissions reach every Region within seconds, sometimes a minute or two; Bedrock's text for a role that has
# not arrived yet is also its text for a wrong trust policy, so the patience has an end.
PROPAGATION: Final = timedelta(minutes=2)

_PASSES: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# An answer to HEAD has no body to carry a code; botocore gives the status in its place.
_DENIED: Final = frozenset({"AccessDeniedException", "AccessDenied", "403"})
_NOT_ASSUMABLE: Final = "Could not assume provided IAM role"


def code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def sentence(error: ClientError) -> str:
    """Return the service's own words with their code; a missing right is told in ours before them."""
    message = str(error.response.get("Error", {}).get("Message", "no message"))
    denied = denials.told(message)
    return f"{denied} ({code(error)}: {message})" if denied else f"{code(error)}: {message}"


def is_not_found(error: ClientError) -> bool:
    return code(error) == "ResourceNotFoundException"


def is_denied(error: ClientError) -> bool:
    return code(error) in _DENIED


def interpret(error: ClientError | BotoCoreError, *, waited: timedelta) -> Waiting | Failed:
    """Decide whether an error means "again" or is definite."""
    if not isinstance(error, ClientError):
        if isinstance(error, ParamValidationError):
            return Failed(str(error))
        # What botocore raises besides is the connection: refused, lost, timed out.
        return Waiting(f"the connection to AWS failed ({type(error).__name__})")
    if passes(error):
        return Waiting(sentence(error))
    if _may_propagate(error) and waited < PROPAGATION:
        return Waiting(sentence(error))
    return Failed(sentence(error))


def passes(error: ClientError) -> bool:
    """Tell whether a refusal of the service passes by itself."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code(error) in _PASSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _may_propagate(error: ClientError) -> bool:
    return is_denied(error) or _NOT_ASSUMABLE in sentence(error)
