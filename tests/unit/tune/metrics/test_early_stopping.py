"""How a training ended, by the published description of early stopping and its two examples."""

import pytest

from sandbox.bedrock import early_stopping as simulated
from tests.support.messages import says
from tests.unit.tune.metrics.losses import PUBLISHED, SCENARIOS, training
from tune.metrics.early_stopping import ending, has_stopped, stops_after


@pytest.mark.parametrize(("threshold", "patience", "stopped", "best"), SCENARIOS)
def test_the_published_examples(threshold: float, patience: int, stopped: int, best: int) -> None:
    assert stops_after(PUBLISHED, threshold=threshold, patience=patience) == stopped
    its = training(PUBLISHED[:stopped], epoch_count=10, threshold=threshold, patience=patience)
    assert has_stopped(its)
    assert its.losses.best is not None
    assert its.losses.best.number == best
    assert says(ending(its), f"epoch {stopped} of 10", f"epoch {best}", PUBLISHED[best - 1])


@pytest.mark.parametrize("threshold", [0, 0.001, 0.01, 0.04, 0.05])
@pytest.mark.parametrize("patience", [1, 2, 3])
def test_it_is_the_rule_that_the_sandbox_plays(threshold: float, patience: int) -> None:
    for losses in ([*PUBLISHED, 0.6, 0.59, 0.595, 0.2], [0.9, 0.7, 0.8, 0.75, 0.74, 0.2]):
        played = simulated.run(losses, threshold=threshold, patience=patience).last_epoch
        assert (stops_after(losses, threshold=threshold, patience=patience) or len(losses)) == played


def test_a_gain_is_compared_as_it_is_written() -> None:
    assert stops_after([0.7, 0.66, 0.66], threshold=0.04, patience=2) is None


def test_a_training_that_ran_all_its_epochs_was_not_stopped() -> None:
    its = training(PUBLISHED, epoch_count=7, threshold=0.0, patience=2)
    assert not has_stopped(its)
    assert says(ending(its), "7 epochs", "epoch 5")


def test_it_is_not_called_early_stopping_when_its_rule_would_not_have_ended_it() -> None:
    its = training(PUBLISHED[:3], epoch_count=10, threshold=0.0, patience=2)
    assert not has_stopped(its)
    assert says(ending(its), "3 of 10 epochs")
    assert "stopping" not in ending(its)


def test_without_a_patience_nothing_is_said_of_why() -> None:
    its = training(PUBLISHED, epoch_count=10)
    assert not has_stopped(its)
    assert says(ending(its), "epoch 7 of 10", "does not say")


@pytest.mark.parametrize("status", ["InProgress", "Stopped", "Failed"])
def test_the_status_of_a_training_that_has_not_completed_is_told(status: str) -> None:
    its = training(PUBLISHED[:3], epoch_count=10, threshold=0.0, patience=2, status=status)
    assert says(ending(its), "3 of 10", status)


def test_an_unknown_number_of_epochs_is_not_made_up() -> None:
    assert says(ending(training((), (1.0,), epoch_count=None)), "1 epoch")
    assert says(ending(training((), (1.0, 0.9), epoch_count=None)), "2 epochs")
