"""What the losses of a training suggest, each with the rule by which it is said. Only numbers decide."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tune.metrics.early_stopping import has_stopped
from tune.metrics.training import TrainingLosses
from tune.metrics.words import told
from tune.terminal.counting import counted

# A change smaller than this is not taken for one: two trainings on the same data differ by as much.
_NOTICEABLE: Final = 0.01
_SINCE_LOWEST: Final = 2


@dataclass(frozen=True)
class Advice:
    """A sentence, and the id of the rule that says it."""

    rule: str
    text: str


@dataclass(frozen=True)
class AdviceRule:
    """When something is said of a training, in words and as a function: nothing is said where it returns None."""

    id: str
    when: str
    say: Callable[[TrainingLosses], str | None]


def _no_validation(training: TrainingLosses) -> str | None:
    if training.losses.validated or not training.losses.trained or training.is_running:
        return None
    if training.validation_data:
        return "There is no validation loss, though the job has validation data: not every base model uses it."
    return (
        "There is no validation loss, so nobody sees here whether the model has learned the task or these records by "
        "heart: give [data] validation, if the base model uses it."
    )


def _not_below_lowest(training: TrainingLosses) -> str | None:
    best, last = training.losses.best, training.losses.last
    if best is None or last - best.number < _SINCE_LOWEST or has_stopped(training):
        return None
    since = counted(last - best.number, "epoch")
    return (
        f"For {since} after epoch {best.number} the validation loss was never as low again: epochCount = "
        f"{best.number}, or early stopping where the base model has it, trains less for the same loss."
    )


def _memorizes(training: TrainingLosses) -> str | None:
    losses = training.losses
    best, last = losses.best, losses.epochs[-1] if losses.epochs else None
    if best is None or last is None or last.number == best.number:
        return None
    if not (_falls(best.training_loss, last.training_loss) and _falls(last.validation_loss, best.validation_loss)):
        return None
    then = (
        f"early stopping, as AWS describes it, keeps the model of epoch {best.number}"
        if has_stopped(training)
        else "fewer epochs may give a better one"
    )
    return (
        f"After epoch {best.number} the training loss fell on and the validation loss rose: the model began to "
        f"learn the training records by heart; {then}."
    )


def _still_falls(training: TrainingLosses) -> str | None:
    if training.status != "Completed" or training.epoch_count != training.losses.last:
        return None
    name, losses = "validation", training.losses.validated
    if not losses:
        name, losses = "training", training.losses.trained
    if len(losses) < 2 or losses[-1][1] > min(loss for _, loss in losses) or not _falls(losses[-2][1], losses[-1][1]):
        return None
    share = 1 - losses[-1][1] / losses[-2][1]
    return f"The {name} loss still fell in the last epoch, by {share:.0%}: more epochs may lower it further."


def _did_not_fall(training: TrainingLosses) -> str | None:
    losses = training.losses.trained
    if len(losses) < 2 or _falls(losses[0][1], losses[-1][1]):
        return None
    return (
        f"The training loss did not fall from epoch {losses[0][0]} ({told(losses[0][1])}) to epoch {losses[-1][0]} "
        f"({told(losses[-1][1])}): look at the data and at the learning rate."
    )


def _one_epoch(training: TrainingLosses) -> str | None:
    if len(training.losses.epochs) != 1 or training.is_running:
        return None
    return "One epoch has no trend: with two or more you see whether the loss falls from one to the next."


RULES: Final = (
    AdviceRule("no-validation-loss", "there is a training loss and no validation loss", _no_validation),
    AdviceRule(
        "not-below-lowest",
        "the lowest validation loss is at least 2 epochs before the last, and early stopping did not end the training",
        _not_below_lowest,
    ),
    AdviceRule(
        "by-heart",
        "from the epoch of the lowest validation loss to the last, the training loss fell by 1% or more and the "
        "validation loss rose by 1% or more",
        _memorizes,
    ),
    AdviceRule(
        "still-falls",
        "all epochs were run, and the last one has the lowest validation loss, 1% or more below the one before; "
        "without validation losses, the same of the training loss",
        _still_falls,
    ),
    AdviceRule(
        "did-not-fall",
        "the mean training loss of the last epoch is not 1% or more below that of the first",
        _did_not_fall,
    ),
    AdviceRule("one-epoch", "there are losses of one epoch only", _one_epoch),
)

_SAME_DATA: Final = "the same base model and the same validation data"
_COMPARED, _NOT_COMPARED = "lowest-of-all", "not-comparable"
WHEN: Final[Mapping[str, str]] = {
    **{rule.id: rule.when for rule in RULES},
    _COMPARED: f"all have {_SAME_DATA}, and a validation loss",
    _NOT_COMPARED: f"not all have {_SAME_DATA}, or one has no validation loss",
}
"""When each rule says something, those of several trainings last."""


def advice(training: TrainingLosses) -> tuple[Advice, ...]:
    """Return what the losses of a training suggest, in the order of the rules."""
    return tuple(Advice(rule.id, text) for rule in RULES if (text := rule.say(training)))


def compared(trainings: Sequence[TrainingLosses]) -> tuple[Advice, ...]:
    """Return which of several trainings has the lowest validation loss, or why that cannot be said."""
    return tuple(_compared(trainings))


def _compared(trainings: Sequence[TrainingLosses]) -> Iterator[Advice]:
    drawn = [its for its in trainings if its.losses.epochs]
    if len(drawn) < 2:
        return
    if not all(its.losses.validated for its in drawn):
        yield Advice(_NOT_COMPARED, "Not all have a validation loss, so which one is best is not said.")
    elif len({(its.base_model, its.validation_data) for its in drawn}) > 1:
        yield Advice(
            _NOT_COMPARED,
            "They have other base models or other validation data, so their losses do not say which one is best.",
        )
    else:
        lowest = min(drawn, key=lambda its: min(loss for _, loss in its.losses.validated))
        best = lowest.losses.best
        if best is not None and best.validation_loss is not None:
            at = f"{told(best.validation_loss)}, after epoch {best.number}"
            yield Advice(_COMPARED, f"{lowest.id} has the lowest validation loss: {at}.")


def _falls(before: float | None, after: float | None) -> bool:
    """Tell whether a loss is noticeably lower than another."""
    return before is not None and after is not None and after <= before * (1 - _NOTICEABLE) and after < before
