"""From one way to serve to the other, in one stack: another resource behind the same SSM parameter."""

from typing import Final

from sandbox.bedrock.faults import DeploymentFault, ThroughputFault
from tests.lifecycle.deployment_scenarios import GIVEN, ON_DEMAND, RETRAINED, THEIRS, make_theirs
from tests.lifecycle.scenarios import Scenario, broken, cancelled, deploy, duplicated, in_turn, leave, taken_back

BOUGHT: Final = ON_DEMAND.but(on_demand=False, model_units=1)
RETRAINED_AND_BOUGHT: Final = RETRAINED.but(on_demand=False, model_units=1)
BOUGHT_FOR_GIVEN: Final = GIVEN.but(on_demand=False, model_units=1)
_ALL: Final = (ON_DEMAND, RETRAINED, BOUGHT, THEIRS)


SCENARIOS: Final = (
    Scenario("switch: to throughput", deploy(ON_DEMAND), deploy(BOUGHT), BOUGHT, _ALL),
    Scenario("switch: to on demand", deploy(BOUGHT), deploy(ON_DEMAND), ON_DEMAND, _ALL),
    Scenario("switch: there and back", deploy(ON_DEMAND), deploy(BOUGHT, ON_DEMAND), ON_DEMAND, _ALL),
    Scenario("switch: with a retraining", deploy(ON_DEMAND), deploy(RETRAINED_AND_BOUGHT), RETRAINED_AND_BOUGHT, _ALL),
    Scenario("switch: duplicate delivery", deploy(BOUGHT), duplicated(ON_DEMAND), ON_DEMAND, _ALL),
    Scenario(
        "switch: purchase fails", deploy(ON_DEMAND), broken(BOUGHT, lambda: ThroughputFault("failed")), ON_DEMAND, _ALL
    ),
    Scenario(
        "switch: deployment fails", deploy(BOUGHT), broken(ON_DEMAND, lambda: DeploymentFault("failed")), BOUGHT, _ALL
    ),
    Scenario("switch: to throughput, cancelled", deploy(ON_DEMAND), cancelled(BOUGHT), ON_DEMAND, _ALL),
    Scenario("switch: to on demand, cancelled", deploy(BOUGHT), cancelled(ON_DEMAND), BOUGHT, _ALL),
    Scenario("switch: to throughput, taken back", deploy(ON_DEMAND), taken_back(BOUGHT), ON_DEMAND, _ALL),
    Scenario("switch: to on demand, taken back", deploy(BOUGHT), taken_back(ON_DEMAND), BOUGHT, _ALL),
    Scenario(
        "switch: the other kind retained",
        in_turn(deploy(BOUGHT), leave),
        deploy(ON_DEMAND),
        BOUGHT,
        _ALL,
        retained=frozenset({BOUGHT.throughput_name}),
    ),
    Scenario(
        "switch: of a given model",
        in_turn(make_theirs, deploy(GIVEN)),
        deploy(BOUGHT_FOR_GIVEN, GIVEN),
        GIVEN,
        _ALL,
        frozenset({THEIRS.training_name}),
    ),
)
