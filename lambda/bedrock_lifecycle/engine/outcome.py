"""What one turn of a reconciler leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settled:
    """The resource is as desired; CloudFormation gets SUCCESS with these attributes."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True)
class Failed:
    """The request cannot be fulfilled; CloudFormation gets FAILED with this reason, one line."""

    reason: str


@dataclass(frozen=True)
class Waiting:
    """Not settled yet: look again later. `seconds` None means at the usual interval."""

    detail: str
    seconds: int | None = None


@dataclass(frozen=True)
class Superseded:
    """A newer request rules this resource now; this execution ends without effect and without an answer."""


Outcome = Settled | Failed | Waiting | Superseded


class Refusal(Exception):
    """A definite failure, in words for the person who deploys."""


class Again(Exception):
    """Something that passes by itself (throttling, a 5xx, a lost connection): look again later."""
