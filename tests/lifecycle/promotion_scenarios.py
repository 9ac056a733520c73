"""Operations on a model that another environment, `dev`, has trained."""

from typing import Final

from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.scenarios import Scenario, Step, deploy, destroy, duplicated, in_turn
from tests.support.environment import Wanted


def _promoted(epochs: int) -> Wanted:
    return ON_DEMAND.but(giver="dev", hyper_parameters={"epochCount": str(epochs)})


FIRST, SECOND, THIRD, FOURTH = (_promoted(epochs) for epochs in (1, 2, 3, 4))
BOUGHT: Final = FIRST.but(on_demand=False, model_units=1)
# The giver serves it too.
SERVED_BY_GIVER: Final = FIRST.given.but(on_demand=True)
_ALL: Final = (FIRST, SECOND, THIRD, FOURTH, BOUGHT, ON_DEMAND, SERVED_BY_GIVER)


def _given(*each: Wanted) -> Step:
    """Return the trainings in the giving environment."""
    return deploy(*(wanted.given for wanted in each))


SCENARIOS: Final = (
    Scenario("promotion: create", _given(FIRST), deploy(FIRST), FIRST, _ALL),
    Scenario("promotion: buy", _given(BOUGHT), deploy(BOUGHT), BOUGHT, _ALL),
    Scenario("promotion: duplicate delivery", _given(FIRST), duplicated(FIRST), FIRST, _ALL),
    Scenario(
        "promotion: next",
        in_turn(_given(FIRST, SECOND), deploy(FIRST)),
        deploy(SECOND),
        SECOND,
        _ALL,
    ),
    Scenario(
        "promotion: fourth, one released",
        in_turn(_given(FIRST, SECOND, THIRD, FOURTH), deploy(FIRST, SECOND, THIRD)),
        deploy(FOURTH),
        FOURTH,
        _ALL,
    ),
    Scenario("promotion: revert", in_turn(_given(FIRST, SECOND), deploy(FIRST, SECOND)), deploy(FIRST), FIRST, _ALL),
    Scenario(
        "promotion: in place of a training", in_turn(_given(FIRST), deploy(ON_DEMAND)), deploy(FIRST), FIRST, _ALL
    ),
    Scenario(
        "promotion: delete, the giver serves it",
        deploy(SERVED_BY_GIVER, FIRST),
        destroy,
        None,
        _ALL,
        kept=frozenset({SERVED_BY_GIVER.serving_name}),
    ),
    Scenario("promotion: delete", in_turn(_given(FIRST), deploy(FIRST)), destroy, None, _ALL),
)
