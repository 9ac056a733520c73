"""How a refusal is measured: who stopped it, and what was asked for by then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from tests.support.environment import Account
from tests.support.messages import says

Stop = Literal["synth", "preflight", "run", "decision"]
CREATES: Final = ("CreateModelCustomizationJob", "CreateProvisionedModelThroughput", "CreateCustomModelDeployment")
# Reads that only a preflight makes.
_PREFLIGHT_READS: Final = ("GetServiceQuota", "GetFoundationModel")


@dataclass(frozen=True)
class Measured:
    """Who stopped it, how often something that bills was asked for as the simulation counted, and what was said."""

    stopped: str
    creates: int
    message: str


@dataclass(frozen=True)
class Row:
    """One refusal. Its message names each of `said`; it is missed without any one of the `rules`."""

    name: str
    stop: Stop
    measure: Callable[[], Measured]
    said: tuple[str, ...]
    rules: tuple[str, ...]

    def is_as_it_must_be(self, measured: Measured) -> bool:
        told = all(says(measured.message, each) for each in self.said)
        return told and (measured.stopped, measured.creates) == (self.stop, 0)


def creates(account: Account) -> int:
    """Return how often something that bills was asked for."""
    calls = account.meter()["calls"]
    return sum(calls.get(operation, 0) for operation in CREATES)


def deployed(account: Account, deploy: Callable[[], str]) -> Measured:
    """Deploy, and return what came of it."""
    before, since = creates(account), len(account.lifecycle.calls.made)
    runs = len(account.lifecycle.evaluations.runs)
    status = deploy()
    made = creates(account) - before
    looked = any(call.operation in _PREFLIGHT_READS for call in account.lifecycle.calls.made[since:])
    ran = len(account.lifecycle.evaluations.runs) > runs
    refused = "ROLLBACK" in status
    return Measured(_stopped_by(refused=refused, looked=looked, ran=ran, made=made), made, account.reason)


def _stopped_by(*, refused: bool, looked: bool, ran: bool, made: int) -> str:
    """Return who stopped it: without a look at what may fail, a row of a decision table."""
    if not refused:
        return "nobody"
    if made:
        return "Bedrock"
    if ran:
        return "run"
    return "preflight" if looked else "decision"
