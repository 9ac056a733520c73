"""The rule of early stopping: the published table, near misses, and what holds for all losses."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bedrock import early_stopping
from sandbox.bedrock.early_stopping import TrainingOutcome

TABLE = (0.9, 0.8, 0.7, 0.66, 0.64, 0.65, 0.65)

losses_ = st.lists(st.decimals("0.01", "5", places=3), min_size=1, max_size=12)
thresholds = st.decimals("0", "0.1", places=3)
patiences = st.integers(1, 10)


@pytest.mark.parametrize(
    ("threshold", "patience", "expected"),
    [(0, 2, TrainingOutcome(last_epoch=7, best_epoch=5)), (0.05, 1, TrainingOutcome(last_epoch=4, best_epoch=4))],
)
def test_reproduces_the_published_table(threshold: float, patience: int, expected: TrainingOutcome) -> None:
    assert early_stopping.run(TABLE, threshold=threshold, patience=patience) == expected


@pytest.mark.parametrize(
    ("losses", "threshold", "patience", "expected"),
    [
        # An improvement that equals the threshold counts, in decimals: 0.7 - 0.66 is less than 0.04 in binary.
        ((0.8, 0.7, 0.66), 0.04, 1, TrainingOutcome(3, 3)),
        ((0.8, 0.7, 0.66), 0.040001, 1, TrainingOutcome(3, 3)),
        ((0.8, 0.7, 0.66, 0.5), 0.04, 1, TrainingOutcome(4, 4)),
        ((0.8, 0.7, 0.66, 0.5), 0.040001, 1, TrainingOutcome(3, 3)),
        # One epoch short of the patience goes on, and an improvement starts the count again.
        (TABLE[:6], 0, 2, TrainingOutcome(6, 5)),
        ((0.9, 0.95, 0.8, 0.85, 0.7, 0.75), 0, 2, TrainingOutcome(6, 5)),
        # A loss that stands still does not decrease, whatever the threshold.
        ((0.5, 0.5, 0.5), 0, 2, TrainingOutcome(3, 1)),
        ((0.5, 0.5, 0.5), 0, 1, TrainingOutcome(2, 1)),
        # The loss is compared with the lowest before it, not with the one before.
        ((0.5, 0.9, 0.8, 0.7), 0, 3, TrainingOutcome(4, 1)),
        # Gains that are each too small do not add up.
        ((0.50, 0.49, 0.48, 0.47), 0.02, 2, TrainingOutcome(3, 3)),
        ((0.7,), 0, 1, TrainingOutcome(1, 1)),
    ],
)
def test_near_misses(losses: tuple[float, ...], threshold: float, patience: int, expected: TrainingOutcome) -> None:
    assert early_stopping.run(losses, threshold=threshold, patience=patience) == expected


@given(st.integers(1, 12), thresholds, patiences)
def test_never_stops_while_every_epoch_improves_enough(epochs: int, threshold: Decimal, patience: int) -> None:
    step = max(threshold, Decimal("0.001"))
    losses = [5 - step * epoch for epoch in range(epochs)]
    assert early_stopping.run(losses, threshold=threshold, patience=patience) == TrainingOutcome(epochs, epochs)


@given(losses_, thresholds, patiences)
def test_keeps_the_lowest_loss_of_the_epochs_run(losses: list[Decimal], threshold: Decimal, patience: int) -> None:
    last, best = early_stopping.run(losses, threshold=threshold, patience=patience)
    run = losses[:last]
    assert best == run.index(min(run)) + 1


@given(losses_, thresholds, patiences)
def test_stops_only_after_as_many_stagnant_epochs_as_the_patience(
    losses: list[Decimal], threshold: Decimal, patience: int
) -> None:
    last, _ = early_stopping.run(losses, threshold=threshold, patience=patience)
    gains = [min(losses[:epoch]) - losses[epoch] for epoch in range(1, len(losses))]
    stagnant = [not (gain > 0 and gain >= threshold) for gain in gains]
    windows = [all(stagnant[i : i + patience]) for i in range(len(stagnant) - patience + 1)]
    expected = windows.index(True) + patience + 1 if True in windows else len(losses)
    assert last == expected


@given(losses_, thresholds, st.integers(1, 9))
def test_more_patience_never_stops_sooner(losses: list[Decimal], threshold: Decimal, patience: int) -> None:
    shorter = early_stopping.run(losses, threshold=threshold, patience=patience)
    longer = early_stopping.run(losses, threshold=threshold, patience=patience + 1)
    assert longer.last_epoch >= shorter.last_epoch


@given(losses_, thresholds, patiences)
def test_epochs_after_the_stop_do_not_matter(losses: list[Decimal], threshold: Decimal, patience: int) -> None:
    outcome = early_stopping.run(losses, threshold=threshold, patience=patience)
    again = early_stopping.run(losses[: outcome.last_epoch], threshold=threshold, patience=patience)
    assert again == outcome


@given(losses_, thresholds, patiences)
def test_floats_mean_what_they_are_written_as(losses: list[Decimal], threshold: Decimal, patience: int) -> None:
    as_floats = early_stopping.run([float(x) for x in losses], threshold=float(threshold), patience=patience)
    assert as_floats == early_stopping.run(losses, threshold=threshold, patience=patience)


@pytest.mark.parametrize(("losses", "threshold", "patience"), [([], 0, 1), ([1], -0.1, 1), ([1], 0, 0)])
def test_refuses_what_has_no_meaning(losses: list[float], threshold: float, patience: int) -> None:
    with pytest.raises(ValueError, match="loss"):
        early_stopping.run(losses, threshold=threshold, patience=patience)
