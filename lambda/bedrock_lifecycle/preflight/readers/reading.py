"""How facts are read: what an error means, and how long it may take."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from botocore.exceptions import ClientError, ParamValidationError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.preflight.facts import Fact, Known, NotChecked

T = TypeVar("T")
# A client by the service's name.
Aws = Callable[[str], Any]

# A turn has 30 seconds (contract): what is left after the last read is for the create that follows.
READ_FOR_SECONDS: Final = 10.0


class Reading:
    """Reads facts of one account.

    What passes by itself (throttling, a 5xx, a lost connection) is raised, so that it is looked at again. A read that
    is not allowed is not checked; with `fresh` it is looked at again first, because a new permission may be on its way.
    """

    def __init__(self, aws: Aws, *, fresh: bool = False, seconds: float = READ_FOR_SECONDS) -> None:
        self._aws = aws
        self.fresh = fresh
        self._until = time.monotonic() + seconds

    def client(self, service: str) -> Any:
        return self._aws(service)

    def read(self, what: str, call: Callable[[], T]) -> Fact[T]:
        """Return what a call gives; `what` names its operation."""
        if time.monotonic() > self._until:
            raise Again(f"the preflight is slow: {what} is read later")
        try:
            return Known(call())
        except ClientError as error:
            if aws_errors.passes(error) or (self.fresh and aws_errors.is_denied(error)):
                raise
            return NotChecked(f"{what}: {aws_errors.code(error)}")
        except ParamValidationError:
            return NotChecked(f"{what}: botocore knows no such request")
