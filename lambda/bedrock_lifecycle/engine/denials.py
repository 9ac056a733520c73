"""Tells in words what AWS means by "access denied": who lacks which right, and which policy it is about.

The forms are those of the IAM user guide, "Troubleshoot access denied error messages". What has another form is left to
the service's own words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_REFUSED: Final = re.compile(r"User: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)", re.ASCII)
_RESOURCE: Final = re.compile(r"on resource: (?P<resource>[^\s,]+)", re.ASCII)
_DENIES: Final = re.compile(r"with an explicit deny in an? (?P<policy>[\w -]+?) ?(?:policy|boundary)\b", re.ASCII)
_ALLOWS_NOT: Final = re.compile(r"because no (?P<policy>[\w -]+?) ?(?:policy|boundary) allows", re.ASCII)
# The session's name is the function's, the role's name is what policies name.
_ASSUMED_ROLE: Final = re.compile(r"arn:[\w-]+:sts::\d+:assumed-role/(?P<name>[^/\s]+)", re.ASCII)

_IDENTITY: Final = "identity-based"
_ORGANIZATION: Final = "ask the administrator of your AWS organization for an exception"
# What each kind of policy is called here, and who can change it.
_POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    "service control": ("a service control policy of the organization", _ORGANIZATION),
    "resource control": (
        "a resource control policy of the organization",
        _ORGANIZATION,
    ),
    "permissions": ("the permissions boundary", "ask who manages the boundary to add it"),
    _IDENTITY: ("a policy of its own", "deploy Foundation again, or correct your own role"),
    "resource-based": ("the policy of the resource", "correct the policy of that key, bucket or role"),
    "session": ("a session policy", "correct the policy of the session"),
    "VPC endpoint": ("the policy of a VPC endpoint", "correct that endpoint's policy"),
}


@dataclass(frozen=True)
class Denial:
    """A refusal of AWS. `resource` is empty where the message names none.

    because: Which policy it is about, and what to do.
    is_own: Whether a policy of the caller's own may lack it, and none that somebody else keeps.
    """

    who: str
    action: str
    resource: str
    because: str
    is_own: bool

    def __str__(self) -> str:
        return f"{self.who} may not {self.action}: {self.because}"


def read(message: str) -> Denial | None:
    """Return what a message of AWS refuses; None for a message of another form."""
    if not (refused := _REFUSED.search(message)):
        return None
    named = _RESOURCE.search(message, refused.end())
    because, is_own = _because(message)
    return Denial(principal(refused["who"]), refused["action"], named["resource"] if named else "", because, is_own)


def told(message: str) -> str | None:
    """Return who may not do what, because of which policy, and what to do; None for a message of another form."""
    denial = read(message)
    return str(denial) if denial else None


def _because(message: str) -> tuple[str, bool]:
    if (denies := _DENIES.search(message)) and denies["policy"] in _POLICIES:
        policy, remedy = _POLICIES[denies["policy"]]
        return f"{policy} denies it; {remedy}", False
    if (lacks := _ALLOWS_NOT.search(message)) and lacks["policy"] in _POLICIES:
        policy, remedy = _POLICIES[lacks["policy"]]
        return f"{policy} does not allow it; {remedy}", lacks["policy"] == _IDENTITY
    return "allow it in a policy, and remove what denies it", True


def principal(arn: str) -> str:
    """Return what a message calls whoever has called: a role by its name, anybody else by the ARN."""
    if assumed := _ASSUMED_ROLE.match(arn):
        return f"role {assumed['name']}"
    return arn
