"""Which errors of AWS pass by themselves, and how the others are told."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from bedrock_lifecycle.engine import denials
from bedrock_lifecycle.engine.outcome import Failed, Waiting

# New permissions reach every Region within seconds, sometimes a minute or two; Bedrock's text for a role that has
# not arrived yet is also its text for a wrong trust policy, so the patience has an end.
PROPAGATION: Final = timedelta(minutes=2)

_TIMED_OUT: Final = "RequestTimeout"
_PASSES: Final = frozenset(
    {
        "KmsThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        _TIMED_OUT,
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# An answer to HEAD has no body to carry a code; botocore gives the status in its place.
_DENIED: Final = frozenset({"AccessDeniedException", "AccessDenied", "KmsAccessDeniedException", "403"})
# What a role that is seconds old may meet: its credentials have not reached the service yet.
_UNKNOWN_CREDENTIALS: Final = frozenset({"UnrecognizedClientException", "InvalidClientTokenId"})
_NOT_FOUND: Final = frozenset({"ResourceNotFoundException", "404"})
_NOT_ASSUMABLE: Final = "Could not assume provided IAM role"


def code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "Unknown"))


def sentence(error: ClientError) -> str:
    """Return the service's own words with their code; a missing right is told in ours before them."""
    message = str(error.response.get("Error", {}).get("Message", "no message"))
    denied = denials.told(message)
    return f"{denied} ({code(error)}: {message})" if denied else f"{code(error)}: {message}"


def is_not_found(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return code(error) in _NOT_FOUND or status == HTTPStatus.NOT_FOUND


def may_be_not_found(error: ClientError) -> bool:
    """Tell whether an error may mean that a name is not there.

    With which code Bedrock answers a name that it does not know is not established; of an identifier that it does not
    know, other calls of Bedrock say that it is not valid.
    """
    return code(error) == "ValidationException"


def is_denied(error: ClientError) -> bool:
    return code(error) in _DENIED


def interpret(error: ClientError | BotoCoreError, *, waited: timedelta) -> Waiting | Failed:
    """Decide whether an error means "again" or is definite."""
    if not isinstance(error, ClientError):
        if isinstance(error, ParamValidationError):
            return Failed(str(error))
        return Waiting(unreachable(error))
    if passes(error):
        return Waiting(sentence(error))
    if _may_propagate(error) and waited < PROPAGATION:
        return Waiting(sentence(error))
    return Failed(sentence(error))


def unreachable(error: BotoCoreError) -> str:
    """Return in words what botocore raises besides a service's answer: the connection, refused, lost or timed out."""
    endpoint = urlsplit(str(getattr(error, "kwargs", {}).get("endpoint_url", "")))
    # The host alone: a URL may hold a signature.
    service = endpoint.hostname or "AWS"
    return f"the connection to {service} failed ({type(error).__name__})"


def passes(error: ClientError) -> bool:
    """Tell whether a refusal of the service passes by itself."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code(error) in _PASSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def was_turned_away(error: ClientError) -> bool:
    """Tell whether a refusal that passes by itself came before the service did anything; one of a time-out may not."""
    return code(error) in _PASSES - {_TIMED_OUT}


def _may_propagate(error: ClientError) -> bool:
    return is_denied(error) or code(error) in _UNKNOWN_CREDENTIALS or _NOT_ASSUMABLE in sentence(error)
