"""What a person does who deploys, and reads the reason when it fails."""

import re
from collections.abc import Callable
from typing import Final

from tests.support.environment import Account, Wanted

_DEPLOYS_AT_MOST: Final = 6
PAY_AGAIN: Final = "raise `training.attempt`"
"""How a reason tells to train the same once more."""
_USE_ATTEMPT: Final = re.compile(r"set `training.attempt` to (\d+)")


def deploy_as_told(
    account: Account, wanted: Wanted, deployed: Callable[[Wanted], object] = lambda _wanted: None
) -> Wanted | None:
    """Deploy again and again, with another attempt where the reason says so; return what stands in the end.

    `deployed` hears of each deployment.
    """
    for _ in range(_DEPLOYS_AT_MOST):
        account.deploy(wanted)
        deployed(wanted)
        if _stands(account, wanted):
            return wanted
        if PAY_AGAIN in account.reason:
            wanted = wanted.but(attempt=wanted.attempt + 1)
        elif told := _USE_ATTEMPT.search(account.reason):
            wanted = wanted.but(attempt=int(told[1]))
    return None


def _stands(account: Account, wanted: Wanted) -> bool:
    first, serving = wanted.stack("Promotion" if wanted.giver else "Training"), wanted.stack("Serving")
    names = [serving] if wanted.given_model else [first, serving] if wanted.is_served else [first]
    names += [wanted.evaluation_stack] if wanted.evaluates else []
    stacks = [account.cloudformation.stack(name) for name in names]
    return all(stack and stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") for stack in stacks)
