"""What a review says: findings, each of a class, with how sure it is and what it costs by its nature."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

FindingClass = Literal[
    "buys", "trains", "deletes", "stays", "moves", "shares", "widens", "loosens", "refused", "unknown", "changes"
]
"""Worst first. `stays`: it goes on billing though no template asks for it. `changes`: sent to the lifecycle, free."""
CLASSES: Final[tuple[FindingClass, ...]] = get_args(FindingClass)
Certainty = Literal["will", "atMost", "unknown"]
Nature = Literal["once", "hourly", "monthly", "use"]


@dataclass(frozen=True)
class Cost:
    """A cost by its nature. `quantity` is None where a template does not tell it; money is nobody's business here."""

    nature: Nature
    unit: str
    quantity: int | None = None

    def __str__(self) -> str:
        often = {"once": "once", "hourly": "by the hour", "monthly": "by the month", "use": "by use"}[self.nature]
        return f"{'' if self.quantity is None else f'{self.quantity:,} '}{self.unit}, {often}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a reviewer has to know.

    finding_class: what it is about; docs/how-to/review.md says what each means.
    certainty: `will`; `atMost` where it happens unless it happened before; `unknown` where templates do not tell.
    environment, stack: where; `stack` as the CDK CLI names it in its environment.
    path: the construct, or the resource's logical id.
    says: what happens, in one sentence.
    was, now: the values that changed, where there are such.
    costs: what it costs, by nature.
    source: the row of the lifecycle's decisions, the property, or an example that says so.
    details: everything that it is about, where that is more than a sentence holds.
    """

    finding_class: FindingClass
    says: str
    environment: str
    stack: str = ""
    path: str = ""
    certainty: Certainty = "will"
    was: str = ""
    now: str = ""
    costs: tuple[Cost, ...] = ()
    source: str = ""
    details: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it is, in words: environment, stack, and the construct where it is one's."""
        stack = "/".join(filter(None, (self.environment, self.stack)))
        return f"{stack}: {self.path}" if self.path else stack


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings once each, the worst first, then by place: the same on every machine."""
    unique = dict.fromkeys(findings)
    return sorted(
        unique, key=lambda its: (CLASSES.index(its.finding_class), its.environment, its.stack, its.path, its.says)
    )
