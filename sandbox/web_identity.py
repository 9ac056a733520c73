"""Tokens of OpenID Connect, and what STS refuses about them and about the length of a session.

Sources: STS API reference, `AssumeRole` and `AssumeRoleWithWebIdentity`. The words are those that people report
(aws-actions/configure-aws-credentials#280, awslabs/amazon-eks-irsa-cfn#18, aws/eks-anywhere#9485, d2a4u/sqs4s#270).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

Claims = Mapping[str, Any]

_SHORTEST_SECONDS: Final = 900
_LONGEST_CHAINED_SECONDS: Final = 3600


class StsError(NamedTuple):
    """An error of STS."""

    code: str
    message: str


class Issuer:
    """Signs tokens for every issuer that they name, with a secret of its own: STS needs no published key then."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def issue(self, claims: Claims) -> str:
        """Return a signed token (JWT) with these claims."""
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{signed}.{self._signature(signed)}"

    def claims(self, token: str) -> dict[str, Any] | None:
        """Return what a token claims, None if it was not issued here as it is."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            return None
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(f"{signed.partition('.')[2]}=="))
        return claims

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.digest(self._secret, signed.encode(), hashlib.sha256))


def provider_name(url: str) -> str:
    """Return what the ARN of an OpenID Connect provider and its condition keys name it by."""
    return url.partition("://")[2].rstrip("/")


def token_refusal(claims: Claims | None, client_ids: Mapping[str, list[str]], now: float) -> StsError | None:
    """Return why a token is refused.

    Args:
        claims: What it claims; None if its issuer did not sign it.
        client_ids: The audiences of the account's providers, by their names.
        now: The time, in seconds since 1970.
    """
    if claims is None:
        return StsError("InvalidIdentityToken", "The token is not a JWT that its issuer has signed")
    audiences = client_ids.get(provider_name(claims["iss"]))
    if audiences is None:
        return StsError("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {claims['iss']}")
    if now >= claims["exp"]:
        return StsError(
            "ExpiredTokenException", f"Token expired: it is {now:.0f}, and it expired at {claims['exp']:.0f}"
        )
    if claims["aud"] not in audiences:
        return StsError("InvalidIdentityToken", "Incorrect token audience")
    return None


def length_refusal(seconds: int, longest_seconds: int, *, chained: bool) -> StsError | None:
    """Return why a session of this length is refused.

    Args:
        seconds: How long it is to last.
        longest_seconds: The role's maximum session duration.
        chained: Whether the caller is itself a session of a role.
    """
    if seconds < _SHORTEST_SECONDS:
        limit = f"Member must have value greater than or equal to {_SHORTEST_SECONDS}"
        words = (
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: {limit}"
        )
    elif chained and seconds > _LONGEST_CHAINED_SECONDS:
        words = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    elif seconds > longest_seconds:
        words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    else:
        return None
    return StsError("ValidationError", words)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
