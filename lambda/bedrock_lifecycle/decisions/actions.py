"""What a decision can be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Create:
    """Create it, after the checks that go before something billable."""


@dataclass(frozen=True)
class Swap:
    """Update it in place to the model that is wanted."""


@dataclass(frozen=True)
class Stop:
    """Stop the job."""


@dataclass(frozen=True)
class Delete:
    """Delete it, then look whether it is gone."""


@dataclass(frozen=True)
class Retag:
    """Bring its tags in line."""


@dataclass(frozen=True)
class Adopt:
    """Give it this stack's owner tag again, then look again."""


@dataclass(frozen=True)
class Hold:
    """Give it the tag that keeps it from being deleted, then look again."""


@dataclass(frozen=True)
class Release:
    """Take that tag from what is no longer needed."""


@dataclass(frozen=True)
class Wait:
    """Look again later."""

    detail: str


@dataclass(frozen=True)
class Done:
    """Settled: everything is as asked for, or is left as it is on purpose."""

    detail: str = ""


@dataclass(frozen=True)
class Refuse:
    """Fail, with the reason and what to do."""

    reason: str


@dataclass(frozen=True)
class Ask:
    """Ask what serves the next question, then look again."""


@dataclass(frozen=True)
class Pass:
    """Settled: what was looked at is good, and is told so where that can be."""

    detail: str
