"""How facts are read: what an error means, and how long it may take."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.preflight.facts import Fact, Known, NotChecked

T = TypeVar("T")
# A client by the service's name.
Aws = Callable[[str], Any]

# A turn has 30 seconds (contract): what is left after the last read is for the create that follows.
READ_FOR_SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Patience:
    """What is read again in a later turn, in place of being not checked.

    fresh: what is not allowed or not there, because it may be on its way.
    again: what passes by itself (throttling, a 5xx, a lost connection), and what there was no time for.
    """

    fresh: bool = False
    again: bool = False


class Reading:
    """Reads facts of one account, each once. What could not be read is not checked, and says why.

    A service that cannot be reached is not asked again: the next read would only take the time of the others.
    """

    def __init__(self, aws: Aws, *, patience: Patience = Patience(), seconds: float = READ_FOR_SECONDS) -> None:
        self._aws = aws
        self._patience = patience
        self._until = time.monotonic() + seconds
        self._unreachable: dict[str, NotChecked] = {}

    @property
    def fresh(self) -> bool:
        return self._patience.fresh

    def read(self, service: str, operation: str, call: Callable[[Any], T], *, must: bool = False) -> Fact[T]:
        """Return what a call gives, which gets the client of the service.

        With `must`, what passes by itself is waited for however often it comes, because a refusal rests on the fact.
        """
        again = must or self._patience.again
        if not must and (passed_over := self._passed_over(service, operation)):
            return passed_over
        try:
            return Known(call(self._aws(service)))
        except ClientError as error:
            if (again and aws_errors.passes(error)) or (self.fresh and aws_errors.is_denied(error)):
                raise
            return NotChecked(f"{operation}: {aws_errors.code(error)}")
        except ParamValidationError:
            return NotChecked(f"{operation}: botocore does not know this request")
        except BotoCoreError as error:
            if again:
                raise
            self._unreachable[service] = NotChecked(f"{operation}: {aws_errors.unreachable(error)}")
            return self._unreachable[service]

    def _passed_over(self, service: str, operation: str) -> NotChecked | None:
        """Return why a read is not tried, or None when it is."""
        if time.monotonic() <= self._until:
            return self._unreachable.get(service)
        if self._patience.again:
            raise Again(f"the preflight is slow: {operation} follows later")
        return self._unreachable.get(service) or NotChecked(f"{operation}: there was no time for it")


def told(fact: Fact[T | None], nothing: str) -> Fact[T]:
    """Return a fact that AWS need not give: without a value it is not checked, because of `nothing`."""
    if isinstance(fact, NotChecked):
        return fact
    return NotChecked(nothing) if fact.value is None else Known(fact.value)
