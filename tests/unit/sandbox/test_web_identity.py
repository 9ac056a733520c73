"""What STS refuses about tokens and the length of sessions, decided without an emulator."""

from typing import Any, Final

import pytest

from sandbox.web_identity import Issuer, length_refusal, provider_name, token_refusal

CLAIMS: Final[dict[str, Any]] = {"iss": "https://issuer/path", "sub": "job", "aud": "sts", "exp": 100.0}
CLIENT_IDS: Final = {"issuer/path": ["other", "sts"]}


def refused(claims: dict[str, Any] | None, now: float = 99) -> str | None:
    """Return the code of a token's refusal."""
    found = token_refusal(claims, CLIENT_IDS, now)
    return found.code if found else None


def test_a_token_is_read_as_it_was_issued() -> None:
    issuer = Issuer()
    assert issuer.claims(issuer.issue(CLAIMS)) == CLAIMS


@pytest.mark.parametrize("token", ["", "a.b.c", "ü", Issuer().issue(CLAIMS), Issuer().issue(CLAIMS) + "a"])
def test_what_was_not_issued_here_claims_nothing(token: str) -> None:
    assert Issuer().claims(token) is None


def test_a_token_that_was_changed_claims_nothing() -> None:
    issuer = Issuer()
    first, second = (issuer.issue({**CLAIMS, "sub": subject}).split(".") for subject in ("job", "other"))
    for changed in ([first[0], second[1], first[2]], [first[0] + "A", first[1], first[2]], first[1:]):
        assert issuer.claims(".".join(changed)) is None


@pytest.mark.parametrize(
    ("claims", "now", "expected"),
    [
        (CLAIMS, 99, None),
        (CLAIMS, 100, "ExpiredTokenException"),
        (None, 99, "InvalidIdentityToken"),
        ({**CLAIMS, "iss": "https://issuer"}, 99, "InvalidIdentityToken"),
        ({**CLAIMS, "aud": "st"}, 99, "InvalidIdentityToken"),
        ({**CLAIMS, "iss": "https://issuer"}, 100, "InvalidIdentityToken"),
    ],
)
def test_a_token_must_be_of_a_provider_for_an_audience_of_it_and_in_time(
    claims: dict[str, Any] | None, now: float, expected: str | None
) -> None:
    assert refused(claims, now) == expected


@pytest.mark.parametrize("url", ["https://issuer/path", "https://issuer/path/"])
def test_a_provider_is_named_by_its_url_without_the_scheme(url: str) -> None:
    assert provider_name(url) == "issuer/path"


@pytest.mark.parametrize(
    ("seconds", "longest", "chained", "allowed"),
    [
        (899, 3600, False, False),
        (900, 3600, False, True),
        (3600, 3600, True, True),
        (3601, 43_200, True, False),
        (3601, 43_200, False, True),
        (43_200, 43_200, False, True),
        (3601, 3600, False, False),
    ],
)
def test_a_session_has_a_least_and_a_greatest_length(seconds: int, longest: int, chained: bool, allowed: bool) -> None:
    refused = length_refusal(seconds, longest, chained=chained)
    assert (refused is None) is allowed
    assert refused is None or refused.code == "ValidationError"
