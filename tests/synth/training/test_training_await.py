"""The rungs that wait for a training."""

import math
from collections.abc import Callable

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.training_await import LOSSES
from bedrock_tuning import TrainingAwait
from tests.support.messages import saying
from tests.synth.foreign import ForeignStack
from tests.synth.templates import Json, readable, resources_of_type


def rungs(template: Json) -> dict[str, Json]:
    """Return the properties of the rungs by logical id, in order."""
    found = {
        name: readable(each["Properties"])
        for name, each in resources_of_type(template, contract.TRAINING_AWAIT).items()
    }
    return dict(sorted(found.items(), key=lambda item: int(item[1]["Rung"])))


def waiting(foreign: ForeignStack, hours: int) -> dict[str, Json]:
    TrainingAwait(
        foreign.stack,
        "Training-Await",
        customization=foreign.customization(),
        workflow=foreign.workflow,
        max_training_hours=hours,
    )
    return rungs(foreign.template())


@pytest.mark.parametrize(("hours", "expected"), [(0, 0), (1, 2), (5, 7), (6, 8), (12, 16), (120, 160)])
def test_has_as_many_rungs_as_the_hours_need(foreign: ForeignStack, hours: int, expected: int) -> None:
    found = waiting(foreign, hours)
    assert len(found) == expected == math.ceil(hours * 60 / contract.RUNG_MINUTES)
    assert {each["Rungs"] for each in found.values()} <= {str(expected)}


def test_waits_for_twelve_hours_by_default(foreign: ForeignStack) -> None:
    TrainingAwait(foreign.stack, "Await", customization=foreign.customization(), workflow=foreign.workflow)
    assert len(rungs(foreign.template())) == 16


def test_hands_the_training_from_rung_to_rung(foreign: ForeignStack) -> None:
    found = waiting(foreign, 6)
    job = next(iter(resources_of_type(foreign.template(), contract.MODEL_CUSTOMIZATION)))
    before = [job, *found]
    for rung, (name, each) in zip(before, found.items(), strict=False):
        assert each["TrainingName"] == f"<{rung}.TrainingName>", name
    assert [each["Rung"] for each in found.values()] == [str(number) for number in range(1, 9)]


def test_says_only_what_does_not_change_from_training_to_training(foreign: ForeignStack) -> None:
    first, last = waiting(foreign, 1).values()
    assert first.keys() == {"ServiceToken", "ContractVersion", "TrainingName", "Rung", "Rungs"}
    assert last.keys() == {*first.keys(), "TellsLosses"}
    for each in (first, last):
        assert all(isinstance(value, str) for value in each.values())


def test_the_last_rung_alone_tells_the_losses_and_a_foundation_that_cannot_refuses_it(foreign: ForeignStack) -> None:
    *before, last = waiting(foreign, 6).values()
    assert (last["TellsLosses"], last["ContractVersion"]) == ("true", contract.LOSSES_CONTRACT_VERSION)
    assert {each["ContractVersion"] for each in before} == {contract.CONTRACT_VERSION}


@pytest.mark.parametrize(("hours", "told"), [(0, []), (2, list(LOSSES))])
def test_losses_are_attributes_of_the_last_rung(hours: int, told: list[str], foreign: ForeignStack) -> None:
    its = TrainingAwait(
        foreign.stack,
        "Training-Await",
        customization=foreign.customization(),
        workflow=foreign.workflow,
        max_training_hours=hours,
    )
    last = list(rungs(foreign.template()))[-1:]
    assert list(its.losses) == told
    assert [foreign.stack.resolve(each) for each in its.losses.values()] == [
        {"Fn::GetAtt": [name, each]} for name in last for each in told
    ]


def test_keeps_the_names_of_its_rungs_when_another_is_added(
    foreign: ForeignStack, foreign_stack: Callable[..., ForeignStack]
) -> None:
    few = list(waiting(foreign, 1))
    many = list(waiting(foreign_stack(), 6))
    assert many[: len(few)] == few


@pytest.mark.parametrize("hours", [-1, 121])
def test_refuses_hours_that_no_training_takes(foreign: ForeignStack, hours: int) -> None:
    with pytest.raises(ValueError, match=saying("`max_training_hours`", hours, 0, 120)):
        waiting(foreign, hours)


def test_leaves_room_in_a_stack_for_the_longest_wait(foreign: ForeignStack) -> None:
    # CloudFormation quotas: 500 resources in a template.
    waiting(foreign, 120)
    assert len(foreign.template()["Resources"]) < 500
