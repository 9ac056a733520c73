"""Operations on a model that is evaluated, and serves behind a gate."""

from datetime import timedelta
from typing import Final

from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.scenarios import Scenario, Step, deploy, destroy, duplicated, in_turn
from tests.support.environment import Account, Wanted

FIRST: Final = ON_DEMAND.but(evaluates=True, gated=True, evaluation_rungs=2)
NEXT, THIRD = (FIRST.but(hyper_parameters={"epochCount": count}) for count in ("3", "4"))
ACCEPTED: Final = NEXT.but(accepted=True)
BOUGHT: Final = FIRST.but(on_demand=False, model_units=1)
BOUGHT_NEXT: Final = NEXT.but(on_demand=False, model_units=2)
_ALL: Final = (FIRST, NEXT, THIRD, ACCEPTED, BOUGHT, BOUGHT_NEXT)


def _measures(wanted: Wanted, truth: str) -> Step:
    """Let the evaluation of a model measure something."""

    def step(account: Account) -> None:
        account.lifecycle.evaluations.truth[wanted.training_name] = truth

    return step


def _slow(wanted: Wanted) -> Step:
    """Deploy what takes longer to be evaluated than a deployment waits, so that it goes on."""

    def step(account: Account) -> None:
        account.lifecycle.evaluations.takes = timedelta(minutes=25)
        account.deploy(wanted.but(evaluation_rungs=1))
        account.lifecycle.evaluations.takes = timedelta(seconds=20)

    return step


def _trained(wanted: Wanted) -> Step:
    """Train alone: what goes wrong then is another scenario's."""
    return deploy(wanted.but(evaluates=False, on_demand=False, model_units=None))


def _scenario(name: str, before: Step, operation: Step, wanted: Wanted | None) -> Scenario:
    return Scenario(name, before, operation, wanted, _ALL)


SCENARIOS: Final = (
    _scenario("gate: create", _trained(FIRST), deploy(FIRST), FIRST),
    _scenario("gate: duplicate delivery", _trained(FIRST), duplicated(FIRST), FIRST),
    _scenario("gate: next passes", in_turn(deploy(FIRST), _trained(NEXT)), deploy(NEXT), NEXT),
    _scenario(
        "gate: next fails, bought",
        in_turn(_measures(BOUGHT_NEXT, "inconclusive"), deploy(BOUGHT), _trained(BOUGHT_NEXT)),
        deploy(BOUGHT_NEXT),
        BOUGHT,
    ),
    _scenario(
        "gate: next is accepted",
        in_turn(_measures(ACCEPTED, "failed"), deploy(FIRST), _trained(ACCEPTED)),
        deploy(ACCEPTED),
        ACCEPTED,
    ),
    _scenario("evaluation: followed", in_turn(deploy(FIRST), _slow(NEXT)), deploy(NEXT), NEXT),
    _scenario("evaluation: superseded", in_turn(deploy(FIRST), _slow(NEXT), _trained(THIRD)), deploy(THIRD), THIRD),
    # The ledger of a stack that is made again knows nothing of the run that the one before has left.
    _scenario("evaluation: superseded, made again", in_turn(_slow(FIRST), _trained(NEXT)), deploy(NEXT), NEXT),
    _scenario("evaluation: delete while it runs", in_turn(deploy(FIRST), _slow(NEXT)), destroy, None),
)
