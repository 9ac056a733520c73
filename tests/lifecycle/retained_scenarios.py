"""Operations on what a policy of the template keeps, when no request says so."""

from typing import Final

from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.scenarios import Scenario, Step, deploy, in_turn
from tests.lifecycle.switch_scenarios import BOUGHT
from tests.support.cloudformation import RETAINED, Resource
from tests.support.environment import PARAMETER_TYPE, SERVING, Account

KEPT: Final = BOUGHT.but(kept=RETAINED)
MORE: Final = KEPT.but(model_units=2)
TAGGED: Final = ON_DEMAND.but(tags={"team": "another"})
THIRD: Final = BOUGHT.but(model_units=3)
TAGGED_THIRD: Final = THIRD.but(tags=TAGGED.tags)
_ALL: Final = (KEPT, MORE, ON_DEMAND, THIRD)
_NAMES: Final = frozenset({KEPT.throughput_name, MORE.throughput_name})


def serving_nothing(account: Account) -> str:
    """Deploy a Serving stack in which nothing serves any more."""
    return account.cloudformation.deploy(SERVING, {"Other": Resource(PARAMETER_TYPE, {"Name": "any"})})


_REPLACED: Final[Step] = deploy(KEPT, MORE)

SCENARIOS: Final = (
    Scenario("kept: a successor, then another way", _REPLACED, deploy(ON_DEMAND, TAGGED), TAGGED, _ALL, kept=_NAMES),
    Scenario(
        "kept: a successor, then nothing",
        in_turn(_REPLACED, serving_nothing),
        deploy(THIRD, TAGGED_THIRD),
        TAGGED_THIRD,
        _ALL,
        kept=_NAMES,
    ),
)
