"""Exports that other stacks use: CloudFormation refuses an update that would change or remove one."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from tune.account.location import Location
from tune.exports.changes import Body, Fate, changes
from tune.exports.look import held, pseudo
from tune.exports.replacement import Replacement, replacement
from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding

Users = Callable[[str], Sequence[str]]
"""Returns the names of the stacks that import an export."""
_REFUSED: Final = "CloudFormation refuses the deploy, because it would change an export that these stacks import"
_UNKNOWN: Final = (
    "only the deploy shows whether this export changes; if so, it is refused, since these stacks import it"
)


def findings(
    deployed: Body, after: StackTemplate, users: Users, replaces: Replacement = replacement
) -> Iterator[ReviewFinding]:
    """Yield the exports in use that a deploy would not leave as they are, or may not.

    replaces: Which properties replace a resource. Default: as the database of the CDK's CLI says of all of them.
    """
    values = pseudo(Location(after.account, after.region), after.name)
    for each in held(changes(deployed, after.body, values, replaces), users):
        about: dict[str, Any] = {"was": each.change.export, "now": each.change.why, "source": "Fn::ImportValue"}
        path = after.path_of(each.change.resource or "")
        using = ", ".join(each.users)
        if each.change.fate is Fate.CHANGES:
            yield after.finding(
                path, "refused", f"{_REFUSED}: {using}; undo this change, or see what `make plan` advises", **about
            )
        else:
            says = f"{_UNKNOWN}: {using}"
            yield after.finding(path, "unknown", says, certainty="unknown", **about)


def users_in(stacks: Collection[StackTemplate], of: StackTemplate) -> Users:
    """Return who uses the exports of a stack among some stacks: in one account and Region export names are unique."""
    place = (of.account, of.region)
    there = [its for its in stacks if (its.account, its.region) == place]
    return lambda export: [its.name for its in there if export in its.imports]
