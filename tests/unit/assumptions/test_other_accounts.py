"""A life of an environment in accounts that answer an entry otherwise: what follows is what the register says."""

import dataclasses
from typing import Final

import pytest

from sandbox.assumptions.register import Assumption, register
from sandbox.bedrock.assumed import Assumed
from tests.support.environment import NOVA, NOVA_RECORDS, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import RECORDS
from tests.support.messages import says
from tests.support.quick import quick

ON_DEMAND: Final = Wanted(rungs=2, model_units=None, on_demand=True, base_model=NOVA, data=NOVA_RECORDS)
BY_THE_HOUR: Final = Wanted(rungs=2)
OTHER_DATA: Final = {NOVA: NOVA_RECORDS * 2, BY_THE_HOUR.base_model: RECORDS * 2}
# With these answers nothing can be deployed; what the reason then says.
STOPPED_BY: Final = {
    ("found-by-name", "not-found"): "no customization job is named",
    ("variant-tunable", "not-found"): "not offered in this Region",
}
OTHERWISE: Final = [
    (entry, answer)
    for entry in register().values()
    if entry.tests
    for answer in (entry.assumed, *entry.answers, *([entry.another] if entry.unit else []))
    if answer != entry.holds
]


def account(wanted: Wanted, entry: Assumption, answer: str) -> Account:
    settings = dataclasses.replace(quick(), assumed=Assumed({**entry.needs, entry.id: answer}))
    return Account(settings=settings, region=NOVA_REGION if wanted is ON_DEMAND else wanted.region)


@pytest.mark.parametrize("wanted", [BY_THE_HOUR, ON_DEMAND], ids=["by the hour", "on demand"])
@pytest.mark.parametrize(("entry", "answer"), OTHERWISE, ids=[f"{entry.id} {answer}" for entry, answer in OTHERWISE])
def test_it_is_trained_served_retrained_and_destroyed_or_stopped_in_words(
    entry: Assumption, answer: str, wanted: Wanted
) -> None:
    theirs = account(wanted, entry, answer)
    retrained = wanted.but(data=OTHER_DATA[wanted.base_model])
    first = theirs.deploy(wanted)
    if stopped := STOPPED_BY.get((entry.id, answer)):
        assert first == "ROLLBACK_COMPLETE"
        assert says(theirs.reason, stopped)
        assert len(theirs.jobs()) <= 1
    else:
        assert (first, theirs.deploy(retrained)) == ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        assert theirs.served_model(retrained) == retrained.training_name
        assert len(theirs.jobs()) == 2
    assert set(theirs.destroy()) == {"DELETE_COMPLETE"}
    assert theirs.serving_names() == []
