"""When a training stops early, and which checkpoint it keeps.

The rule, in words. After every epoch its validation loss is compared with the lowest loss of the epochs before. The
epoch has improved when it is lower, and lower by at least the threshold ("the minimum improvement required").
Epochs in a row that have not improved are counted; one that has improved sets the count back to zero. When the
count reaches the patience, training stops with that epoch. The checkpoint kept is that of the lowest loss among the
epochs run, the earliest of them if several are equal: a gain that was too small to count is kept as well.

The published description has two sentences and two examples, and both examples come out of this rule. They would come
out of others too, so these are choices:

- the loss to compare with: the lowest before (here), that of the epoch before, or that of the last epoch which counted
  as an improvement;
- an improvement that equals the threshold counts (here), or does not. Under a threshold of 0 an equal loss is no
  improvement either way: "has not decreased" is what the patience counts;
- the count starts again after an improvement (here), or runs on.

Losses and threshold are compared as the decimal numbers they are written as. In binary floating point 0.7 - 0.66 is
less than 0.04, and a threshold of 0.04 would stop a training that it should not.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

Number = Decimal | float | int | str


class TrainingOutcome(NamedTuple):
    """How a training went: the last epoch that was run and the one whose checkpoint is kept, counted from 1."""

    last_epoch: int
    best_epoch: int


def run(losses: Sequence[Number], *, threshold: Number, patience: int) -> TrainingOutcome:
    """Apply the rule to the validation losses that all epochs would have, one for each.

    Raise ValueError without any loss, for a threshold below 0 and a patience below 1.
    """
    minimum_gain = _decimal(threshold)
    if not losses or minimum_gain < 0 or patience < 1:
        msg = "at least one loss, a threshold of at least 0 and a patience of at least 1 are needed"
        raise ValueError(msg)
    lowest, best_epoch, stagnant = _decimal(losses[0]), 1, 0
    for epoch, written in enumerate(losses[1:], start=2):
        loss = _decimal(written)
        gain = lowest - loss
        stagnant = 0 if gain > 0 and gain >= minimum_gain else stagnant + 1
        if gain > 0:
            lowest, best_epoch = loss, epoch
        if stagnant == patience:
            return TrainingOutcome(epoch, best_epoch)
    return TrainingOutcome(len(losses), best_epoch)


def _decimal(number: Number) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(str(number))
