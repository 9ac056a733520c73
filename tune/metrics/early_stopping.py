"""When early stopping ends a training, and in words how a training ended.

AWS describes it so: "If the validation loss has not decreased enough (determined by earlyStoppingThreshold) for
earlyStoppingPatience times, the training process will be stopped" (AWS Machine Learning Blog, "Fine-tune Anthropic's
Claude 3 Haiku in Amazon Bedrock to boost model accuracy and quality").
With what a loss is compared is not said: here with the lowest before it, with which both examples of that post come
out right.
"""

from collections.abc import Iterable
from decimal import Decimal

from bedrock_lifecycle.resources.metrics_files import Losses
from tune.metrics.training import TrainingLosses
from tune.metrics.words import told
from tune.terminal.counting import counted


def stops_after(losses: Iterable[float], *, threshold: float, patience: int) -> int | None:
    """Return how many of the validation losses there are until early stopping ends; None where it does not."""
    # In binary floating point 0.7 - 0.66 is less than 0.04.
    exact = [Decimal(str(each)) for each in losses]
    stagnant = 0
    for number, loss in enumerate(exact[1:], start=2):
        gain = min(exact[: number - 1]) - loss
        stagnant = 0 if gain > 0 and gain >= Decimal(str(threshold)) else stagnant + 1
        if stagnant >= patience:
            return number
    return None


def has_stopped(training: TrainingLosses) -> bool:
    """Tell whether early stopping, as it is described, ended a training where it ended."""
    losses, patience, threshold = training.losses, training.patience, training.threshold
    if patience is None or threshold is None or not _ended_before_all(training):
        return False
    validated = [loss for _, loss in losses.validated]
    return stops_after(validated, threshold=threshold, patience=patience) == len(validated)


def ending(training: TrainingLosses) -> str:
    """Say in sentences how many epochs were run, why no more, and which one's validation loss was the lowest."""
    return f"{_ending(training)}{_best(training.losses)}"


def _ending(training: TrainingLosses) -> str:
    last, asked = training.losses.last, training.epoch_count
    of_all = counted(last, "epoch") if asked is None else f"{last} of {counted(asked, 'epoch')}"
    if training.status != "Completed":
        return f"The files have the losses of {of_all}; the training is {training.status}."
    if asked is not None and last >= asked:
        return f"All {counted(asked, 'epoch')} were run." if asked > 1 else "The one epoch was run."
    if has_stopped(training):
        return f"Early stopping ended the training run after epoch {last} of {asked}: {_why(training)}."
    if asked is not None and training.losses.validated and training.patience is None:
        why = "and the job does not say how early stopping was set"
        return f"The training run ended after epoch {last} of {asked}, {why}."
    return f"{of_all} were run." if last != 1 else f"{of_all} was run."


def _why(training: TrainingLosses) -> str:
    threshold = training.threshold or 0
    enough = f" by {told(threshold)} or more" if threshold else ""
    return f"for {counted(training.patience or 0, 'epoch')} the validation loss had not fallen{enough}"


def _best(losses: Losses) -> str:
    if losses.best is None or losses.best.validation_loss is None:
        return ""
    return f" The validation loss was lowest after epoch {losses.best.number} ({told(losses.best.validation_loss)})."


def _ended_before_all(training: TrainingLosses) -> bool:
    asked = training.epoch_count
    return training.status == "Completed" and asked is not None and 0 < training.losses.last < asked
