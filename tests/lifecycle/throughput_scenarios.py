"""Operations on a Provisioned Throughput."""

from typing import Final

from tests.lifecycle.scenarios import (
    Scenario,
    cancelled,
    deploy,
    destroy,
    duplicated,
    in_turn,
    leave,
    nothing,
    taken_back,
)
from tests.support.environment import SERVING, Wanted

FIRST: Final = Wanted(rungs=1)
SECOND: Final = FIRST.but(hyper_parameters={"epochCount": "3"})
MORE_UNITS: Final = FIRST.but(model_units=2)
KEEPING: Final = FIRST.but(kept=frozenset({"UpdateReplacePolicy"}))
MORE_UNITS_KEEPING: Final = KEEPING.but(model_units=2)
TAGGED: Final = MORE_UNITS_KEEPING.but(tags={"team": "another"})
NAMED: Final = FIRST.but(served_model="ServedModel")
RENAMED: Final = NAMED.but(hyper_parameters=SECOND.hyper_parameters, renamed="Renamed")
BEYOND_THE_QUOTA: Final = FIRST.but(model_units=1000)
_TRAINED: Final = FIRST.but(model_units=None)
_ALL: Final = (FIRST, SECOND, MORE_UNITS)
_RETAINED: Final = frozenset({FIRST.throughput_name})

SCENARIOS: Final = (
    Scenario("create", nothing, deploy(FIRST), FIRST, _ALL),
    Scenario("retrain and swap", deploy(FIRST), deploy(SECOND), SECOND, _ALL),
    Scenario("replace", deploy(FIRST), deploy(MORE_UNITS), MORE_UNITS, _ALL),
    Scenario("rollback", deploy(FIRST), deploy(BEYOND_THE_QUOTA), FIRST, _ALL),
    Scenario("cancelled replacement", deploy(FIRST), cancelled(MORE_UNITS), FIRST, _ALL, rolls_back=True),
    Scenario("replacement taken back", deploy(FIRST), taken_back(MORE_UNITS), FIRST, _ALL, rolls_back=True),
    Scenario("renamed", deploy(NAMED), deploy(RENAMED), NAMED, _ALL),
    Scenario("replace and keep", deploy(FIRST), deploy(MORE_UNITS_KEEPING, TAGGED), TAGGED, _ALL, kept=_RETAINED),
    Scenario(
        "cancelled replacement that would keep",
        deploy(KEEPING),
        cancelled(MORE_UNITS_KEEPING),
        KEEPING,
        _ALL,
        rolls_back=True,
    ),
    Scenario("delete", deploy(FIRST), destroy, None, _ALL),
    Scenario("duplicate delivery", nothing, duplicated(FIRST), FIRST, _ALL),
    Scenario("cancelled create", deploy(_TRAINED), cancelled(FIRST), FIRST, _ALL),
    Scenario("destroy and redeploy", in_turn(deploy(FIRST), destroy), deploy(FIRST), FIRST, _ALL),
    Scenario(
        "retained, other units", in_turn(deploy(FIRST), leave), deploy(MORE_UNITS), FIRST, _ALL, retained=_RETAINED
    ),
    Scenario(
        "retained, beyond the quota",
        in_turn(deploy(FIRST), leave),
        deploy(BEYOND_THE_QUOTA),
        FIRST,
        _ALL,
        retained=_RETAINED,
    ),
    Scenario(
        "retained, refused",
        in_turn(deploy(FIRST), leave),
        lambda account: account.cloudformation.deploy(SERVING, SECOND.serving()),
        FIRST,
        _ALL,
        retained=_RETAINED,
    ),
)
