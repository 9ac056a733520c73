"""Operations in which faults happen: what comes before each, what is done, and what is wanted in the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bedrock_lifecycle import contract
from sandbox.bedrock.faults import Fault
from tests.support.cloudformation import Resource, Variant
from tests.support.environment import SERVING, Account, Wanted

Step = Callable[[Account], object]
VARIANTS = tuple(Variant(new_id, draws) for new_id in (True, False) for draws in (True, False))


def nothing(_account: Account) -> None:
    pass


@dataclass(frozen=True)
class Scenario:
    """An operation in which faults happen. `wanted` is what is deployed in the end; None: everything shall be gone."""

    name: str
    before: Step
    operation: Step
    wanted: Wanted | None
    asked_for: tuple[Wanted, ...]
    """Everything that may have been trained, bought or deployed for."""
    given: frozenset[str] = frozenset()
    """The names of models that are given by their ARNs."""
    retained: frozenset[str] = frozenset()
    """The names of what a stack that is gone has left on purpose: the operation may not delete it."""
    kept: frozenset[str] = frozenset()
    """The names of what a policy keeps when it is replaced: nothing may delete it."""
    rolls_back: bool = False
    """Whether it matters what CloudFormation's documentation leaves open about rollbacks."""

    @property
    def region(self) -> str:
        return self.asked_for[0].region

    @property
    def variants(self) -> tuple[Variant, ...]:
        return VARIANTS if self.rolls_back else VARIANTS[:1]


def deploy(*each: Wanted) -> Step:
    """Return deployments one after the other."""
    return lambda account: [account.deploy(wanted) for wanted in each]


def destroy(account: Account) -> None:
    account.destroy()


def leave(account: Account) -> None:
    """Let the Serving stack be gone with everything left that it made, as `delete-stack --retain-resources` does."""
    account.cloudformation.forget(SERVING)


def in_turn(*steps: Step) -> Step:
    return lambda account: [step(account) for step in steps]


def duplicated(wanted: Wanted) -> Step:
    """Return a deployment of which every request is delivered three times."""

    def operation(account: Account) -> None:
        account.cloudformation.redeliver = lambda _event: [timedelta(seconds=3), timedelta(minutes=4)]
        account.deploy(wanted)

    return operation


def cancelled(wanted: Wanted) -> Step:
    """Return a deployment of the Serving stack that is cancelled while what it asked for is on its way."""

    def operation(account: Account) -> None:
        account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
        account.cloudformation.deploy(SERVING, wanted.serving())
        account.cloudformation.cancel_at = None

    return operation


def broken(wanted: Wanted, fault: Callable[[], Fault]) -> Step:
    """Return a deployment in which something goes wrong in Bedrock, once."""

    def operation(account: Account) -> None:
        account.lifecycle.simulated.faults.add(fault())
        account.deploy(wanted)
        account.lifecycle.simulated.faults.clear()

    return operation


def taken_back(wanted: Wanted) -> Step:
    """Return a deployment of the Serving stack that fails when the parameter names what is new already."""

    def operation(account: Account) -> None:
        refused = Resource(contract.CUSTOM_MODEL_DEPLOYMENT, {"Name": "refused at the door"})
        account.cloudformation.deploy(SERVING, {**wanted.serving(), "Later": refused})

    return operation
