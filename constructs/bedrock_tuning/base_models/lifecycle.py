"""A base model's life as AWS published it, and what of it lies in the past on some day."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import model_validator

from bedrock_tuning.base_models.fields import Frozen, Source


@dataclass(frozen=True)
class PassedDate:
    """A date in a base model's life that has passed, and what has been so from then on."""

    date: dt.date
    says: str


class Lifecycle(Frozen):
    """What AWS published about a base model's life; GetFoundationModel is to be believed over it.

    `status` is what the model's page said in the copy of it that was collected on `as_of`. A date that is absent is
    not known. From `legacy` on nothing new is begun on the model: no training, no Provisioned Throughput. From
    `end_of_life` on requests fail. `end_of_life_not_before` is a promise and no end: when it has passed, the end may
    be announced at any time.
    """

    status: Literal["active", "legacy"] | None = None
    as_of: dt.date | None = None
    legacy: dt.date | None = None
    public_extended_access: dt.date | None = None
    end_of_life: dt.date | None = None
    end_of_life_not_before: dt.date | None = None
    source: Source

    @model_validator(mode="after")
    def _check_status(self) -> Self:
        if (self.status is None) != (self.as_of is None):
            raise ValueError("status and as_of must be set together: what the page says, and when it was read")
        return self

    def passed(self, today: dt.date) -> PassedDate | None:
        """Return what ended the time in which the model could be tuned, or None while nothing known has."""
        if self.end_of_life and self.end_of_life <= today:
            return PassedDate(self.end_of_life, f"reached its end of life on {self.end_of_life}: requests to it fail")
        if self.legacy and self.legacy <= today:
            return PassedDate(self.legacy, f"has been Legacy since {self.legacy}: {_NOTHING_NEW}")
        if self.status == "legacy" and self.as_of and self.as_of <= today:
            return PassedDate(self.as_of, f"was Legacy by {self.as_of}: {_NOTHING_NEW}")
        return None


def utc_today() -> dt.date:
    """Return the day in UTC."""
    return dt.datetime.now(dt.UTC).date()


_NOTHING_NEW = "it takes no new training run and no new Provisioned Throughput"
