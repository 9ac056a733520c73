"""Advice: each rule says something of the losses that it is for, and of no others."""

from typing import Final

import pytest

from tests.support.messages import says
from tests.unit.tune.metrics.losses import PUBLISHED, training
from tune.metrics.advice import RULES, WHEN, advice, compared
from tune.metrics.training import TrainingLosses

FALLING: Final = (0.9, 0.8, 0.6)

# Of each training the rules that say something, and what they name.
CASES: Final[dict[str, tuple[TrainingLosses, dict[str, tuple[object, ...]]]]] = {
    "it learns and was stopped early": (training((0.9, 0.8, 0.8), (2.0, 1.5, 1.49), threshold=0.0, patience=1), {}),
    "it rises after the lowest": (
        training(PUBLISHED, epoch_count=7),
        {"not-below-lowest": ("2 epochs", "epoch 5", "epochCount = 5"), "by-heart": ("epoch 5", "fewer epochs")},
    ),
    "early stopping ended it": (
        training(PUBLISHED, epoch_count=10, threshold=0.0, patience=2),
        {"by-heart": ("early stopping", "model of epoch 5")},
    ),
    "one epoch after the lowest is not enough": (training((0.9, 0.8, 0.801), (2.0, 1.5, 1.5), epoch_count=3), {}),
    "all epochs, and it still falls": (training(FALLING, epoch_count=3), {"still-falls": ("validation", "25%")}),
    "not all epochs": (training(FALLING, epoch_count=5), {}),
    "it falls by too little to say": (training((0.9, 0.8, 0.799), epoch_count=3), {}),
    "without validation": (
        training((), FALLING, epoch_count=3),
        {"no-validation-loss": ("validation",), "still-falls": ("training", "25%")},
    ),
    "validation data that was not used": (
        training((), FALLING, epoch_count=9, validation_data="s3://b/validation/x.jsonl"),
        {"no-validation-loss": ("validation data",)},
    ),
    "no training loss falls": (
        training((0.9, 0.9), (1.0, 1.0), epoch_count=2),
        {"did-not-fall": ("epoch 1", "epoch 2", "learning rate")},
    ),
    "one epoch": (training((0.9,), epoch_count=1), {"one-epoch": ("epoch",)}),
    "it is running": (training((), (1.0,), epoch_count=3, status="InProgress"), {}),
    "nothing was left": (training(status="Failed"), {}),
}


@pytest.mark.parametrize(("its", "expected"), CASES.values(), ids=CASES)
def test_what_is_said_of_a_training(its: TrainingLosses, expected: dict[str, tuple[object, ...]]) -> None:
    found = {each.rule: each.text for each in advice(its)}
    assert list(found) == list(expected)
    for rule, (first, *others) in expected.items():
        assert says(found[rule], first, *others)


def test_each_rule_is_shown_to_say_something() -> None:
    assert {rule for _, expected in CASES.values() for rule in expected} == {rule.id for rule in RULES}


def test_of_trainings_on_the_same_data_the_one_with_the_lowest_loss_is_named() -> None:
    one, other = training((0.9, 0.7), id="1-1"), training((0.9, 0.6, 0.65), id="2-1")
    (only,) = compared([one, other])
    assert only.rule == "lowest-of-all"
    assert says(only.text, "2-1", "0.6", "epoch 2")


@pytest.mark.parametrize(
    "other",
    [
        training((0.9, 0.6), validation_data="s3://b/validation/y.jsonl"),
        training((0.9, 0.6), base_model="amazon.nova-micro-v1:0:128k"),
        training((), (0.9, 0.6)),
    ],
    ids=["data", "base model", "no validation"],
)
def test_trainings_that_cannot_be_compared_are_not(other: TrainingLosses) -> None:
    (only,) = compared([training((0.9, 0.7)), other])
    assert only.rule == "not-comparable"


def test_a_training_without_losses_is_not_compared() -> None:
    assert compared([training((0.9, 0.7)), training()]) == ()


def test_every_rule_says_when_it_speaks() -> None:
    assert [*WHEN] == [*(rule.id for rule in RULES), "lowest-of-all", "not-comparable"]
    assert all(WHEN.values())
