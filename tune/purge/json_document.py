"""What a purge removed and what is left, for machines.

Keys are only ever added; `version` goes up when one changes its meaning.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tune.purge.kept import Kept
from tune.terminal.environments import EnvironmentRef
from tune.terminal.exit_codes import ExitCode

VERSION: Final = 1


def document(of: EnvironmentRef, found: Kept, left: Kept, stays: Sequence[str], code: ExitCode) -> dict[str, Any]:
    """Return what was `found` before and is not `left`, what is left, and why it `stays`."""
    remaining = list(_things(left))
    names = {(its["what"], its["name"]) for its in remaining}
    return {
        "version": VERSION,
        "environment": of.name,
        "model": of.named,
        "account": of.account,
        "region": of.region,
        "exitCode": int(code),
        "outcome": code.name.lower(),
        "removed": [its for its in _things(found) if (its["what"], its["name"]) not in names],
        "left": remaining,
        "why": list(stays),
    }


def _things(kept: Kept) -> Iterator[dict[str, Any]]:
    """Yield each thing; a key that is scheduled for deletion is left until its date."""
    for kind, names in (
        ("candidate", [its.name for its in kept.candidates]),
        ("model", [its.name for its in kept.models]),
        ("bucket", [its.name for its in kept.buckets]),
    ):
        yield from ({"what": kind, "name": name, "deletionDate": None} for name in names)
    for key in kept.keys:
        date = key.deletion_date.isoformat() if key.deletion_date else None
        yield {"what": "key", "name": key.id, "deletionDate": date}
