"""Who may do what: what is allowed in the head of a review and was not in the base, and what is no longer denied.

Statements that are split, merged, reordered or narrowed say nothing. What cannot be compared is reported as wider.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from tune.review import roles
from tune.review.access_words import TRUST, Teller
from tune.review.assembly import StackTemplate
from tune.review.assets import with_assets_of_base
from tune.review.findings import ReviewFinding
from tune.review.grants import AccessChange, Grant, compared
from tune.review.patterns import TooMany
from tune.review.policies import grants
from tune.review.references import References
from tune.review.renames import renamed

_ByHolder = Mapping[str, Sequence[Grant]]
_RESOURCE: Final = re.compile(r"<(\w+)")


def findings(before: StackTemplate | None, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield what is allowed in the head and was not in the base, and what is no longer denied."""
    were = References(before, renamed(before, after)) if before else None
    are = References(after, {})
    by_resource = grants(were) if were else {}
    unchanged = are.unchanged(were)
    old = list(itertools.chain.from_iterable(by_resource.values()))
    of_head = grants(are, {its: by_resource[its] for its in unchanged}).values()
    new = with_assets_of_base(old, list(itertools.chain.from_iterable(of_head)), before, after)
    teller = Teller(before, after)
    # All that a new stack or a new holder gets is one finding, except what a reviewer looks for.
    pools: dict[str, list[Grant]] = {}
    of_old, of_new = _by_holder(old), _by_holder(new)
    is_sure = not any(its.guards for its in (*old, *new))
    for holder in sorted({**of_old, **of_new}):
        was, now = of_old.get(holder, []), of_new.get(holder, [])
        try:
            answers = compared(was, now)
        except TooMany:
            yield teller.not_compared(now or was)
            continue
        itself = holder.removeprefix(TRUST)
        is_new = before is None or not {itself, f"{TRUST}{itself}"} & of_old.keys()
        for statement in _by_statement(answers.allowed):
            if is_new and not teller.is_special(statement):
                pools.setdefault("" if before is None else itself, []).extend(statement)
            else:
                yield teller.wider(statement, answers.allowed, is_sure=is_sure)
        for statement in () if were and _is_gone(itself, were, are) else _by_statement(answers.no_longer_denied):
            yield teller.less_denied(statement, answers, is_sure=is_sure)
    for holder, pool in pools.items():
        yield teller.new(holder, pool, is_sure=is_sure)
    acting = roles.changed(were, are, unchanged)
    yield from _of_roles(acting, were, are, of_old, of_new, teller, is_sure=is_sure)


def _of_roles(
    acting: Iterable[roles.Acting],
    were: References | None,
    are: References,
    of_old: _ByHolder,
    of_new: _ByHolder,
    teller: Teller,
    *,
    is_sure: bool,
) -> Iterator[ReviewFinding]:
    """Yield what acts as another role than before that may more, or that is not in the stack."""
    for its in acting:
        was_by, now_by = roles.holders(were, its.was) if were else [], roles.holders(are, its.now)
        if was_by is not None and now_by is not None:
            # Nothing is reported of a role that is new with what acts as it: it is reported itself.
            if its.was or (not its.is_new and of_old.keys() >= set(now_by)):
                was, now = _of(was_by, of_old, its.now), _of(now_by, of_new, its.now)
                yield from teller.acts(its, _compared(was, now), is_sure=is_sure)
        elif not (its.is_new and its.is_custom):
            # The lifecycle's reader has the roles of what is the project's own; of others only their code knows.
            yield from teller.acts(its, None, is_sure=is_sure)


def _compared(was: Sequence[Grant], now: Sequence[Grant]) -> AccessChange | None:
    with suppress(TooMany):
        return compared(was, now)
    return None


def _of(holders: Iterable[str], by_holder: _ByHolder, role: str) -> list[Grant]:
    """Return what some holders may together, as one role's."""
    return [replace(grant, holder=role) for holder in holders for grant in by_holder.get(holder, [])]


def _is_gone(holder: str, before: References, after: References) -> bool:
    """Tell whether what had the permissions, or was protected, goes with them: nobody need be denied it any more."""
    resource = _RESOURCE.search(holder)
    name = resource[1] if resource else ""
    was = next((each for its, each in before.stack.resources.items() if before.name(its) == name), None)
    is_kept = was is not None and str(was.get("DeletionPolicy")).startswith("Retain")
    return was is not None and not is_kept and name not in after.stack.resources


def _by_holder(found: Iterable[Grant]) -> dict[str, list[Grant]]:
    by_holder: dict[str, list[Grant]] = {}
    for grant in found:
        by_holder.setdefault(grant.holder, []).append(grant)
    return by_holder


def _by_statement(found: Iterable[Grant]) -> Iterator[list[Grant]]:
    ordered = sorted(found, key=lambda its: (its.path, its.statement))
    for _, statement in itertools.groupby(ordered, key=lambda its: (its.path, its.statement)):
        yield sorted(statement, key=lambda its: ("*" not in str(its.action), str(its.action), str(its.resource)))
