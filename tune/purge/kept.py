"""What a destroyed environment has left, as values."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class KeptModel:
    """A custom model. It is stored and billed by the month. `details` set it apart from others."""

    name: str
    arn: str
    details: str = ""


@dataclass(frozen=True)
class KeptCandidate:
    """A deployment that answered for a model during an evaluation, and that no run needs. It holds its model."""

    name: str
    arn: str


@dataclass(frozen=True)
class KeptBucket:
    """A bucket with all versions of its objects, delete markers among them."""

    name: str
    versions: int
    size_bytes: int


@dataclass(frozen=True)
class KeptKey:
    """A key. `deletion_date` is set for one that is scheduled for deletion."""

    id: str
    arn: str
    description: str = ""
    deletion_date: datetime | None = None

    @property
    def deleted_on(self) -> str:
        """When it is deleted, for one that is scheduled for deletion."""
        return f"{self.deletion_date.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if self.deletion_date else ""


@dataclass(frozen=True)
class Kept:
    """Everything that is proven to be an environment's."""

    models: tuple[KeptModel, ...] = ()
    buckets: tuple[KeptBucket, ...] = ()
    keys: tuple[KeptKey, ...] = ()
    candidates: tuple[KeptCandidate, ...] = ()

    @property
    def removable(self) -> int:
        """How many things there are to remove; a key that is scheduled for deletion is not one of them."""
        things = (*self.candidates, *self.models, *self.buckets)
        return len(things) + sum(key.deletion_date is None for key in self.keys)
