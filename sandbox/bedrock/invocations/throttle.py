"""What an account may invoke in a minute.

A request reserves its input and the longest answer that it allows, and is throttled when that is more than is left.
When it has been answered, only what it used counts: the input, and what the tokens of the answer use up. Source:
Bedrock user guide, quotas-token-burndown. How AWS counts a minute is assumed (`quota-minute`, `throttled-request`).
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sandbox.bedrock.errors import ServiceError
from sandbox.bedrock.names import Scope

_MINUTE: Final = timedelta(minutes=1)
# The texts are those that clients of Bedrock have posted in public threads.
TOO_MANY_REQUESTS: Final = "Too many requests, please wait before trying again."
TOO_MANY_TOKENS: Final = "Too many tokens, please wait before trying again."


@dataclass(frozen=True)
class MinuteQuotas:
    """The quotas of a minute; None is no bound."""

    requests: int | None
    tokens: int | None


@dataclass
class ThrottledRequest:
    """One request of a minute: when it came, and how much of the quota of tokens it holds."""

    at: datetime
    tokens: int
    used: int = 0
    answered: datetime | None = None


class Minute:
    """The requests of the last minute, or of the present one of the calendar, with their sum of tokens."""

    def __init__(self, *, sliding: bool) -> None:
        self._sliding = sliding
        self._requests: deque[ThrottledRequest] = deque()
        self._unanswered: deque[ThrottledRequest] = deque()
        self._tokens = 0

    def refusal(self, now: datetime, tokens: int, bounds: MinuteQuotas) -> str | None:
        """Return why a request that reserves so many tokens is throttled, None if it is not."""
        self._settle(now)
        self._forget(now - _MINUTE if self._sliding else now.replace(second=0, microsecond=0))
        if bounds.requests is not None and len(self._requests) >= bounds.requests:
            return TOO_MANY_REQUESTS
        if bounds.tokens is not None and self._tokens + tokens > bounds.tokens:
            return TOO_MANY_TOKENS
        return None

    def count(self, at: datetime, tokens: int = 0) -> ThrottledRequest:
        """Count a request with what it reserves."""
        invocation = ThrottledRequest(at, tokens)
        self._requests.append(invocation)
        self._tokens += tokens
        return invocation

    def answer(self, invocation: ThrottledRequest, used: int, answered: datetime) -> None:
        """Let a request hold only what it used, from when it has been answered."""
        invocation.used, invocation.answered = used, answered
        self._unanswered.append(invocation)

    def _settle(self, now: datetime) -> None:
        while self._unanswered and (done := self._unanswered[0].answered) is not None and done <= now:
            invocation = self._unanswered.popleft()
            self._tokens += invocation.used - invocation.tokens
            invocation.tokens = invocation.used

    def _forget(self, since: datetime) -> None:
        while self._requests and (self._requests[0].at < since or (self._sliding and self._requests[0].at == since)):
            invocation = self._requests.popleft()
            self._tokens -= invocation.tokens
            invocation.tokens = invocation.used = 0


class Throttle:
    """The minutes of every account and Region."""

    def __init__(self, *, sliding: bool, counts_throttled: bool) -> None:
        self._sliding = sliding
        self._counts_throttled = counts_throttled
        self._minutes: dict[tuple[Scope, str], Minute] = {}

    def clear(self) -> None:
        """Forget every request."""
        self._minutes.clear()

    def admit(self, scope: Scope, of: str, now: datetime, tokens: int, bounds: MinuteQuotas) -> "Admitted":
        """Reserve so many tokens; raise ThrottlingException when they, or another request, are too many."""
        minute = self._minutes.setdefault((scope, of), Minute(sliding=self._sliding))
        if refusal := minute.refusal(now, tokens, bounds):
            if self._counts_throttled:
                minute.count(now)
            raise ServiceError("ThrottlingException", refusal)
        return Admitted(minute, minute.count(now, tokens))


@dataclass(frozen=True)
class Admitted:
    """A request that was not throttled."""

    minute: Minute
    invocation: ThrottledRequest

    def answer(self, used: int, after: timedelta) -> None:
        """Settle what it uses up of the quota of tokens, after the time that its answer takes."""
        self.minute.answer(self.invocation, used, self.invocation.at + after)
