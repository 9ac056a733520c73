"""Sessions of MiniStack's STS, with what it leaves out: tokens that are checked, lengths, an end in simulated time.

It holds for the pinned version, like `sandbox.ministack_adapter`.
"""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.router import extract_access_key_id
from ministack.services import iam, sts

from sandbox.bedrock.clock import Clock
from sandbox.options import ORGANIZATION
from sandbox.web_identity import Issuer, StsError, length_refusal, provider_name, token_refusal

_DEFAULT_SECONDS: Final = 3600
_LONGEST_SECONDS: Final = 43_200
_BY_WEB_IDENTITY: Final = "AssumeRoleWithWebIdentity"
_ACTIONS: Final = ("AssumeRole", _BY_WEB_IDENTITY)


class Sessions:
    """STS of all accounts.

    Args:
        clock: By which sessions and tokens end; None for the real time.
    """

    def __init__(self, clock: Clock | None) -> None:
        self._clock = clock
        self._issuer = Issuer()

    def install(self) -> None:
        """Check requests before MiniStack's STS does, and replace its time and its organizations."""
        # It forgets a session that has ended when it makes another, and then no longer knows why its key is wrong.
        sts._evict_expired_sessions = lambda: None
        sts.time = iam_evaluator.time = SimpleNamespace(time=self._now)
        sts._future = self._shown
        iam_evaluator._principal_org_id = lambda _account: ORGANIZATION
        iam_evaluator._resolve_condition_key = _with_roles(iam_evaluator._resolve_condition_key)
        handler = app.SERVICE_HANDLERS["sts"]

        async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
            given = {**query, **parse_qs(body.decode(errors="replace"))}
            asked = {name: values[0] for name, values in given.items()}
            caller = extract_access_key_id(headers, query)
            if asked.get("Action") in _ACTIONS and (refused := self._refusal(asked, caller)):
                return iam._error(400, refused.code, escape(refused.message), ns="sts")
            return await handler(method, path, headers, body, query)

        app.SERVICE_HANDLERS["sts"] = handle

    def token(self, *, iss: str, sub: str, aud: str, seconds: float) -> str:
        """Return a token of an issuer for a subject and an audience, which expires in so many seconds."""
        now = self._now()
        return self._issuer.issue({"iss": iss, "sub": sub, "aud": aud, "iat": now, "exp": now + seconds})

    def _refusal(self, asked: dict[str, str], caller: str | None) -> StsError | None:
        role_arn = asked.get("RoleArn", "")
        account = f"{role_arn}:::::".split(":")[4]
        by_web_identity = asked["Action"] == _BY_WEB_IDENTITY
        if by_web_identity:
            claims = self._issuer.claims(asked.get("WebIdentityToken", ""))
            if refused := token_refusal(claims, _client_ids(account), self._now()):
                return refused
        role = iam._roles.get_scoped(account, None, role_arn.rpartition("/")[2]) or {}
        session = sts._sessions.get(caller, {})
        return length_refusal(
            int(asked.get("DurationSeconds", _DEFAULT_SECONDS)),
            role.get("MaxSessionDuration", _LONGEST_SECONDS),
            chained=not by_web_identity and ":assumed-role/" in session.get("Arn", ""),
        )

    def _now(self) -> float:
        return self._clock.now().timestamp() if self._clock else time.time()

    def _shown(self, seconds: int) -> str:
        """Return when a session ends in real time, by which clients renew it; at the clock's present rate."""
        rate = (self._clock.rate if self._clock else 1) or 1
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds / rate))


def _with_roles(resolve: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Return how a condition key is resolved, `aws:PrincipalArn` of a session as its role.

    Source: IAM user guide, "AWS global condition context keys", `aws:PrincipalArn`.
    """

    def resolved(key: str, context: Any) -> Any:
        value = resolve(key, context)
        if key.lower() != "aws:principalarn" or ":assumed-role/" not in str(value):
            return value
        account, name = value.split(":")[4], value.split("/")[1]
        role = iam._roles.get_scoped(account, None, name) or {}
        return role.get("Arn", value)

    return resolved


def _client_ids(account: str) -> dict[str, list[str]]:
    return {
        provider_name(provider["Url"]): provider["ClientIDList"]
        for (owner, _), provider in iam._oidc_providers.to_dict().items()
        if owner == account
    }
