"""Who may do what: what is allowed in the head of a review and was not in the base, and what is no longer denied.

Statements that are split, merged, reordered or narrowed say nothing. What cannot be compared is reported as wider.
"""

import itertools
from collections.abc import Iterable, Iterator

from tune.review.access_words import TRUST, Teller
from tune.review.assembly import StackTemplate
from tune.review.assets import with_assets_of_base
from tune.review.findings import Finding
from tune.review.grants import Grant, compared
from tune.review.patterns import TooMany
from tune.review.policies import grants
from tune.review.renames import renamed


def findings(before: StackTemplate | None, after: StackTemplate) -> Iterator[Finding]:
    """Yield what is allowed in the head and was not in the base, and what is no longer denied."""
    old = grants(before, renamed(before, after)) if before else []
    new = with_assets_of_base(old, grants(after), before, after)
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
        for statement in _by_statement(answers.no_longer_denied) if now or not _is_gone(itself, before, after) else ():
            yield teller.less_denied(statement, answers, is_sure=is_sure)
    for holder, pool in pools.items():
        yield teller.new(holder, pool, is_sure=is_sure)


def _is_gone(holder: str, before: StackTemplate | None, after: StackTemplate) -> bool:
    """Tell whether it was a role, user or group that is not there any more: whoever is gone need not be denied."""
    name = holder.strip("<>")
    was = before.resources.get(name, {}).get("Type", "") if before else ""
    return was.startswith("AWS::IAM::") and name not in after.resources


def _by_holder(found: Iterable[Grant]) -> dict[str, list[Grant]]:
    by_holder: dict[str, list[Grant]] = {}
    for grant in found:
        by_holder.setdefault(grant.holder, []).append(grant)
    return by_holder


def _by_statement(found: Iterable[Grant]) -> Iterator[list[Grant]]:
    ordered = sorted(found, key=lambda its: (its.path, its.statement))
    for _, statement in itertools.groupby(ordered, key=lambda its: (its.path, its.statement)):
        yield sorted(statement, key=lambda its: ("*" not in str(its.action), str(its.action), str(its.resource)))
