"""The table of `docs/reference/privileges.md`: who may do what, and why, as the templates have it."""

from collections.abc import Mapping, Sequence

from tests.synth.privileges.policies import Grant
from tests.synth.privileges.uses import Use

_HEAD = "| principal | action | resource | condition | why | evidence |\n|---|---|---|---|---|---|\n"


def table(needs: Mapping[Grant, Sequence[Use]]) -> str:
    """Return one row for each use that a grant is needed for, in the order of the templates."""
    rows = dict.fromkeys(_row(grant, use) for grant, needed in needs.items() for use in needed if _direct(grant, use))
    return _HEAD + "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)


def _direct(grant: Grant, use: Use) -> bool:
    """Return whether a use needs a grant for itself: every use of a key needs what its policy gives the account."""
    return grant.principal != "account" or use.principal == "account"


def _row(grant: Grant, use: Use) -> tuple[str, ...]:
    context = "; ".join(f"{key} = {value}" for key, value in use.context.items())
    return (_code(use.principal), _code(grant.action), _code(use.resource), _code(context), use.why, use.evidence)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
