"""What `tune deploy` asks before anything is touched."""

from collections.abc import Callable, Sequence
from typing import Any

from tune.exports import wanted
from tune.exports.look import Exports, look
from tune.terminal.environments import DeployTarget
from tune.terminal.problems import CannotBeDone


class ExportsInUse(CannotBeDone):
    """An update must not be begun, since CloudFormation would refuse it; the message says what to do."""


def check(cloudformation: Any, target: DeployTarget, extra: Sequence[str], say: Callable[[str], None]) -> None:
    """Raise ExportsInUse for an update of Foundation that CloudFormation would refuse; say what is not known.

    `extra` are the arguments that the CDK CLI will get.
    """
    try:
        body = wanted.foundation(target, extra)
    except wanted.NotKnown as why:
        found = Exports(target.foundation, not_looked=str(why))
    else:
        found = look(cloudformation, target, body)
    if found.refusals:
        raise ExportsInUse("\n".join(found.refusals))
    for note in found.notes:
        say(note)
