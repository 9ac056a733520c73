"""What a review says: findings, each of a class, with how sure it is and what it costs by its nature."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from typing import Final, Literal, get_args

from tune.spending.cost import Cost

FindingClass = Literal[
    "refused",
    "buys",
    "trains",
    "evaluates",
    "deletes",
    "stays",
    "moves",
    "shares",
    "widens",
    "loosens",
    "unknown",
    "changes",
]
"""Worst first: of a stack whose deploy is refused nothing else happens.

`stays`: it goes on billing though no template asks for it. `changes`: sent to the lifecycle, free.
"""
CLASSES: Final[tuple[FindingClass, ...]] = get_args(FindingClass)
MEANINGS: Final[Mapping[FindingClass, str]] = {
    "refused": "the deploy would be refused",
    "buys": "what is billed by the hour or the month merely because it exists: a Provisioned Throughput, a key, a VPC "
    "endpoint, an alarm, a secret",
    "trains": "a customization job, billed once",
    "evaluates": "an evaluation, billed once, by the token",
    "deletes": "something that no longer exists afterwards",
    "stays": "something that is still billed although no template asks for it: a stack whose file, environment, "
    "account or Region changed; what a `Retain` keeps",
    "moves": "another model answers, or it answers at another ARN",
    "shares": "another account, or everybody, gets access",
    "widens": "a permission that did not exist before",
    "loosens": "a guard rail that is lower than before: retention, protection, rotation, an acknowledged finding, a "
    "commitment",
    "unknown": "what templates do not say",
    "changes": "an update that trains, buys, moves and deletes nothing",
}
"""What each class is about."""
NOUNS: Final[Mapping[FindingClass, str]] = {
    "refused": "refused deploy",
    "buys": "purchase",
    "trains": "training run",
    "evaluates": "evaluation",
    "deletes": "deletion",
    "stays": "leftover",
    "moves": "move",
    "shares": "share",
    "widens": "wider permission",
    "loosens": "lower guard rail",
    "unknown": "unknown",
    "changes": "update",
}
"""What one finding of a class is called."""
_DONE: Final[Mapping[FindingClass, str]] = {
    "buys": "bought",
    "trains": "trained",
    "evaluates": "evaluated",
    "deletes": "deleted",
    "stays": "left billed",
    "moves": "moved",
    "shares": "shared",
    "widens": "given more permissions",
    "loosens": "protected less",
}
_MAY: Final[Mapping[FindingClass, str]] = {
    "refused": "may be refused",
    "buys": "may buy",
    "trains": "may train",
    "evaluates": "may evaluate",
    "deletes": "may delete",
    "stays": "may stay",
    "moves": "may move",
    "shares": "may share",
    "widens": "may widen",
    "loosens": "may loosen",
    "unknown": "unknown",
    "changes": "may change",
}
"""What each class is called where it is not certain."""
Certainty = Literal["will", "atMost", "unknown"]
_NATURES: Final = ("hourly", "once", "monthly", "use")
_FOLDED: Final = ("changes", "loosens")
_NAMED: Final = 3


@dataclass(frozen=True, kw_only=True)
class ReviewFinding:
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
    def verb(self) -> str:
        """What happens, in a word or two that say how certain it is."""
        if self.certainty == "will":
            return self.finding_class
        is_open = self.certainty == "unknown" and self.finding_class != "unknown"
        return f"{_MAY[self.finding_class]}{' (cannot be determined)' * is_open}"

    @property
    def place(self) -> str:
        """Where it is, in words: environment, stack, and the construct where it is one's."""
        stack = "/".join(filter(None, (self.environment, self.stack)))
        return f"{stack}: {self.path}" if self.path else stack


def in_order(findings: Iterable[ReviewFinding]) -> list[ReviewFinding]:
    """Return findings once each: the worst class first, in it the dearest, then by place. The same on every machine."""
    return sorted(
        dict.fromkeys(findings),
        key=lambda its: (
            CLASSES.index(its.finding_class),
            *_cheapness(its),
            its.environment,
            its.stack,
            _natural(its.path),
            its.path,
            its.says,
        ),
    )


def dearest_first(findings: Iterable[ReviewFinding], first_month: Callable[[Cost], Decimal]) -> list[ReviewFinding]:
    """Return findings by class, and in a class by what they come to in the first month."""
    return sorted(findings, key=lambda its: (CLASSES.index(its.finding_class), -sum(map(first_month, its.costs))))


def _natural(path: str) -> list[tuple[str, int]]:
    """Return what sorts `Wait2` before `Wait10`."""
    return [(word, int(number or 0)) for word, number in re.findall(r"(\D*)(\d*)", path)]


def folded(findings: Iterable[ReviewFinding]) -> Iterator[ReviewFinding]:
    """Yield findings, those of one stack that say the same of several constructs as one, with the constructs in it."""
    alike: dict[ReviewFinding, list[str]] = {}
    for its in findings:
        alike.setdefault(replace(its, path="") if its.finding_class in _FOLDED else its, []).append(its.path)
    for its, paths in alike.items():
        if its.finding_class not in _FOLDED or len(set(paths)) == 1:
            yield replace(its, path=paths[0])
        else:
            several = sorted(sorted(set(paths)), key=_natural)
            more = f", and {len(several) - _NAMED} more" * (len(several) > _NAMED)
            says = f"{its.says} ({len(several)} constructs alike: {', '.join(several[:_NAMED])}{more})"
            yield replace(its, says=says, details=(*its.details, *several))


def _cheapness(its: ReviewFinding) -> tuple[int, float]:
    """Return what sorts the dearest first: what goes on billing, then by number; an unknown one may be the largest."""
    return min(
        ((_NATURES.index(cost.nature), -inf if cost.quantity is None else -cost.quantity) for cost in its.costs),
        default=(len(_NATURES), 0),
    )


def nothing_is(absent: Collection[FindingClass]) -> str:
    """Return in words what does not happen, as far as it can be told; nothing where each class is there."""
    words = [_DONE[each] for each in absent if each in _DONE]
    begin = "Nothing is" if "unknown" in absent else "As far as is known, nothing is"
    return f"{begin} {', '.join(words[:-1])}{' or ' * (len(words) > 1)}{words[-1]}." if words else ""


def untold(*, is_asked: bool) -> str:
    """Return in words what a review does not know, and who does; is_asked: whether the accounts were asked."""
    quotas = "what quotas allow (`make preflight` does)"
    if is_asked:
        return f"This does not show {quotas}."
    return (
        "Templates do not show whether a training run exists already or what somebody changed by hand (`--live` and "
        f"`make plan` do), or {quotas}."
    )


def kept(findings: Sequence[ReviewFinding], most: int) -> list[ReviewFinding]:
    """Return at most so many findings, in their order: the first, but none instead of one that cannot be told."""
    unknown = [its for its in findings if its.certainty == "unknown"][:most]
    others = [its for its in findings if its.certainty != "unknown"][: most - len(unknown)]
    chosen = {*unknown, *others}
    return [its for its in findings if its in chosen]
