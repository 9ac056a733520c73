"""What a deploy or a destroy did, for machines.

Keys are only ever added; `version` goes up when one changes its meaning.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tune.account.items import InventoryItem
from tune.account.stack_states import StackState
from tune.deployment.destroy_text import Left
from tune.terminal.environments import EnvironmentRef
from tune.terminal.exit_codes import ExitCode

VERSION: Final = 1


def deployed(
    of: EnvironmentRef, states: Sequence[StackState], outcomes: Mapping[str, ExitCode], code: ExitCode
) -> dict[str, Any]:
    """Return what came of a deploy; a model that it did not come to has no outcome."""
    return {
        **_beginning(of, code),
        "models": {name: _word(outcomes.get(name)) for name in of.models},
        "stacks": _stacks(states),
    }


def destroyed(of: EnvironmentRef, states: Sequence[StackState], left: Left, code: ExitCode) -> dict[str, Any]:
    """Return what a destroy left: the stacks that it was to delete as they are now, and what else exists."""
    return {
        **_beginning(of, code),
        "stacks": _stacks(states),
        "billing": items(left.billing),
        "deployed": items(left.deployed),
        "running": items(left.running),
        "kept": items(left.kept),
        "unseen": left.unseen or None,
    }


def _beginning(of: EnvironmentRef, code: ExitCode) -> dict[str, Any]:
    return {
        "version": VERSION,
        "environment": of.name,
        "model": of.named,
        "account": of.account,
        "region": of.region,
        "exitCode": int(code),
        "outcome": _word(code),
    }


def _word(code: ExitCode | None) -> str | None:
    return None if code is None else code.name.lower()


def _stacks(states: Sequence[StackState]) -> list[dict[str, Any]]:
    return [{"name": state.name, "status": state.status} for state in states]


def items(found: Sequence[InventoryItem]) -> list[dict[str, Any]]:
    """Return things in AWS, what each costs by its nature and the command that removes it."""
    return [{"what": its.what, "name": its.name, "cost": its.cost, "command": its.command or None} for its in found]
