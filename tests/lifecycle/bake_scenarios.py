"""Operations in which what serves is baked."""

from typing import Final

from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.scenarios import Scenario, Step, deploy, destroy, in_turn, nothing, taken_back
from tests.support.environment import NOVA_RECORDS, Account, Wanted

GOOD: Final = ON_DEMAND.but(asks=NOVA_RECORDS, questions=1, right=1)
WORSE: Final = GOOD.but(data=NOVA_RECORDS.replace(b"is shut", b"is open"))
BOUGHT: Final = GOOD.but(on_demand=False, model_units=1)
TERM: Final = BOUGHT.but(commitment_duration="OneMonth", detach_when_committed=True)
MORE_UNITS: Final = BOUGHT.but(model_units=2, data=WORSE.data)
TERM_WORSE: Final = TERM.but(data=WORSE.data)
WATCHED: Final = GOOD.but(alarms=("errors",), minutes=1, bake_steps=2)
WATCHED_NEXT: Final = WATCHED.but(hyper_parameters={"epochCount": "3"})
GIVEN_GOOD, GIVEN_WORSE = (wanted.but(giver="dev") for wanted in (GOOD, WORSE))
_ALL: Final = (
    GOOD,
    WORSE,
    WATCHED,
    WATCHED_NEXT,
    BOUGHT,
    BOUGHT.but(data=WORSE.data),
    MORE_UNITS,
    TERM,
    TERM_WORSE,
    GIVEN_GOOD,
    GIVEN_WORSE,
)


def _quiet(account: Account) -> None:
    account.lifecycle.world.alarms["errors"] = "OK"


def _loud(wanted: Wanted) -> Step:
    """Return a deployment in which an alarm is raised, once it has begun to bake."""

    def operation(account: Account) -> None:
        watch = account.cloudformation.watch
        asked = account.meter()["calls"].get("Converse", 0)

        def look() -> None:
            watch()
            if account.meter()["calls"].get("Converse", 0) > asked:
                account.lifecycle.world.alarms["errors"] = "ALARM"

        account.cloudformation.watch = look
        account.deploy(wanted)
        account.cloudformation.watch = watch
        _quiet(account)

    return operation


SCENARIOS: Final = (
    Scenario("bake: create", nothing, deploy(GOOD), GOOD, _ALL),
    Scenario("bake: a worse model", deploy(GOOD), deploy(WORSE), GOOD, _ALL),
    Scenario("bake: a worse model, bought", deploy(BOUGHT), deploy(MORE_UNITS), BOUGHT, _ALL),
    Scenario(
        "bake: a worse model, promoted",
        in_turn(deploy(GIVEN_GOOD.given, GIVEN_WORSE.given), deploy(GIVEN_GOOD)),
        deploy(GIVEN_WORSE),
        GIVEN_GOOD,
        _ALL,
    ),
    Scenario("bake: an alarm", in_turn(_quiet, deploy(WATCHED)), _loud(WATCHED_NEXT), WATCHED, _ALL),
    Scenario("bake: bought for a term", deploy(BOUGHT), deploy(TERM), TERM, _ALL),
    Scenario("bake: a worse model, bought for a term", deploy(BOUGHT, TERM), deploy(TERM_WORSE), TERM, _ALL),
    Scenario(
        "bake: bought for a term, taken back",
        deploy(BOUGHT),
        taken_back(TERM),
        TERM,
        _ALL,
        rolls_back=True,
    ),
    Scenario("bake: delete within a term", deploy(BOUGHT, TERM), destroy, None, _ALL),
    Scenario("bake: delete", deploy(GOOD), destroy, None, _ALL),
)
