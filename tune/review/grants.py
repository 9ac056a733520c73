"""Grants and denials, and what two sets of them answer differently: as IAM does, request by request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tune.review.conditions import Test, points
from tune.review.patterns import TooMany, matched_together, pattern

# So many kinds of requests take some seconds.
_MOST_KINDS: Final = 50_000


@dataclass(frozen=True)
class Patterns:
    """Patterns of which a request meets any; none of them where it is negated, as in `NotAction`."""

    patterns: tuple[str, ...]
    is_negated: bool = False

    def __str__(self) -> str:
        return f"{'all but ' * self.is_negated}{', '.join(self.patterns)}"


@dataclass(frozen=True)
class Grant:
    """What a statement allows or denies: of what is listed, one action, one resource and one principal.

    holder: the role, or the resource whose policy it is.
    principal: whom a resource's policy names, with its kind: `AWS *`; nothing for a role's own policy.
    tests: its conditions, all of which must be met.
    guards: the conditions of the template under which it exists, and whether they are true.
    is_understood: False where what it says cannot be read, so that only the same is known to say the same.
    path, statement: where it stands.
    """

    holder: str
    effect: str
    principal: Patterns
    action: Patterns
    resource: Patterns
    tests: frozenset[Test] = frozenset()
    guards: frozenset[tuple[str, bool]] = frozenset()
    is_understood: bool = True
    path: str = field(default="", compare=False)
    statement: int = field(default=0, compare=False)

    @property
    def is_denial(self) -> bool:
        return self.effect == "Deny"


@dataclass(frozen=True)
class ExampleRequest:
    """An example of a request."""

    principal: str
    action: str
    resource: str
    context: tuple[str, ...]


@dataclass(frozen=True)
class AccessChange:
    """What is answered differently now.

    allowed, no_longer_denied: the grants that add something, and the denials that are missed, with an example.
    partly: the denials of which some part is left.
    opened: what the head allows in place of the denials that are missed.
    """

    allowed: Mapping[Grant, ExampleRequest]
    no_longer_denied: Mapping[Grant, ExampleRequest]
    partly: frozenset[Grant] = frozenset()
    opened: frozenset[Grant] = frozenset()


def compared(base: Sequence[Grant], head: Sequence[Grant]) -> AccessChange:
    """Return what of one holder is allowed in the head and was not in the base, and what is no longer denied.

    Raises TooMany when the patterns overlap so much that it cannot be told in time.
    """
    old, new = frozenset(base), frozenset(head)
    added = [its for its in head if not its.is_denial and its not in old]
    missed = [its for its in base if its.is_denial and its not in new]
    if not added and not missed:
        return AccessChange({}, {})
    allowing = [its for its in base if not its.is_denial]
    denying = [its for its in head if its.is_denial]
    grants = list(dict.fromkeys((*added, *missed, *allowing, *denying)))
    bit = {grant: 1 << index for index, grant in enumerate(grants)}
    of_added, of_missed, of_allowing, of_denying = (
        sum(bit[its] for its in set(each)) for each in (added, missed, allowing, denying)
    )
    allowed: dict[Grant, ExampleRequest] = {}
    no_longer: dict[Grant, ExampleRequest] = {}
    partly: set[Grant] = set()
    opened = 0
    for met, request in _requests(grants, of_added | of_missed):
        if met & of_denying:
            partly.update(its for its in missed if met & bit[its])
            continue
        if met & of_missed:
            opened |= met
        no_longer.update({its: request for its in missed if met & bit[its] and its not in no_longer})
        if not met & of_allowing:
            allowed.update({its: request for its in added if met & bit[its] and its not in allowed})
    opening = frozenset(its for its in new if not its.is_denial and opened & bit[its])
    return AccessChange(allowed, no_longer, frozenset(partly & no_longer.keys()), opening)


def _requests(grants: Sequence[Grant], wanted: int) -> Iterator[tuple[int, ExampleRequest]]:
    """Yield every set of grants, as bits, that one request meets, if any wanted one is in it, with the request."""
    reached: dict[int, tuple[str, ...]] = {(1 << len(grants)) - 1: ()}
    for dimension in _dimensions(grants):
        following: dict[int, tuple[str, ...]] = {}
        for met, request in reached.items():
            for also, example in dimension.items():
                if met & also & wanted:
                    following.setdefault(met & also, (*request, example))
        reached = following
        if len(reached) > _MOST_KINDS:
            raise TooMany
    for met, (principal, action, resource, *context) in reached.items():
        yield met, ExampleRequest(principal, action, resource, tuple(filter(None, context)))


def _dimensions(grants: Sequence[Grant]) -> Iterator[dict[int, str]]:
    """Yield, for each thing that a request says, the grants that one answer to it meets, with the answer."""
    yield _of_parts([its.principal for its in grants])
    yield _of_parts([its.action for its in grants], fold=True)
    yield _of_parts([its.resource for its in grants])
    subjects: dict[str, dict[Test, None]] = {}
    for test in sorted({test for its in grants for test in its.tests}, key=repr):
        subjects.setdefault(test.subject, {})[test] = None
    for tests in subjects.values():
        found: dict[int, str] = {}
        for point, example in points(list(tests)):
            met = {test for test in tests if test.is_met(point)}
            found.setdefault(_bits(not (its.tests & tests.keys()) - met for its in grants), example)
        yield found
    for name in sorted({name for its in grants for name, _ in its.guards}):
        yield {_bits((name, not value) not in its.guards for its in grants): "" for value in (True, False)}


def _of_parts(parts: Sequence[Patterns], *, fold: bool = False) -> dict[int, str]:
    each = {text: pattern(text) for part in parts for text in part.patterns}
    found: dict[int, str] = {}
    for matched, example in matched_together(tuple(sorted(set(each.values()))), fold=fold).items():
        met = (any(each[text] in matched for text in part.patterns) != part.is_negated for part in parts)
        found.setdefault(_bits(met), example)
    return found


def _bits(met: Iterable[bool]) -> int:
    return sum(1 << index for index, its in enumerate(met) if its)
