"""One read of AWS, and what became of it. Nothing here can change an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.account import clients
from tune.account.aws import Aws

_READS: Final = ("Get", "List", "Describe")
_UNKNOWN_OPERATION: Final = frozenset({"UnknownOperationException", "InvalidAction"})


@dataclass(frozen=True)
class Told:
    """The service has answered with these members."""

    members: Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    """The service has answered with a definite error, of this code."""

    code: str


@dataclass(frozen=True)
class Unanswered:
    """Nothing follows for an assumption, for a reason in words that names nothing of the account."""

    why: str


Reply = Told | Refused | Unanswered


class Reads:
    """Reads of an account. A service that cannot be reached is not asked again: each attempt takes minutes."""

    def __init__(self, clients: Aws) -> None:
        self._clients = clients
        self._out_of_reach: dict[str, Unanswered] = {}

    def read(self, service: str, operation: str, **params: Any) -> Reply:
        """Ask a service; raise what says that the credentials cannot be used, for then nothing more can be asked."""
        if not operation.startswith(_READS):
            raise ValueError(f"{operation} is no read: the probe changes nothing")
        if service in self._out_of_reach:
            return self._out_of_reach[service]
        try:
            return Told(getattr(self._clients(service), xform_name(operation))(**params))
        except (ClientError, BotoCoreError) as error:
            if clients.are_credentials_refused(error):
                raise
            if isinstance(error, ClientError):
                return _reply(error, f"{service}:{operation}")
            lost = Unanswered(f"{service}:{operation} could not be asked: {aws_errors.unreachable(error)}")
            return self._out_of_reach.setdefault(service, lost)


def _reply(error: ClientError, action: str) -> Reply:
    code = aws_errors.code(error)
    if aws_errors.is_denied(error) or code == "UnauthorizedOperation":
        return Unanswered(f"{action} is denied to these credentials")
    if aws_errors.passes(error):
        return Unanswered(f"{action} was answered with {code}, which may be temporary: ask again")
    if code in _UNKNOWN_OPERATION:
        return Unanswered(f"{action} does not exist there")
    return Refused(code)
