"""What the metrics files of a training say: a loss for each step and each epoch, and what of it could not be read.

Columns are found by name: a file of a real job has no perplexity, others have it, and a loss is all that is read.
Files of real jobs of Amazon Nova count epochs from 0, the example in the API's reference from 1: both become 1, 2, 3.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

TRAINING_FILE: Final = "step_wise_training_metrics.csv"
VALIDATION_FILE: Final = "validation_metrics.csv"
_EPOCH: Final = "epoch_number"
_TRAINING_LOSS: Final = "training_loss"
_VALIDATION_LOSS: Final = "validation_loss"
_MOST_SHOWN: Final = 60
_WRITING: Final = ": it may be still being written"


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data: its mean training loss, and the validation loss at its end."""

    number: int
    training_loss: float | None = None
    validation_loss: float | None = None


@dataclass(frozen=True)
class TrainingStep:
    """One step of a training, in the order of the file."""

    epoch: int
    loss: float


@dataclass(frozen=True)
class Losses:
    """A training by epochs. `remarks` say what of its files could not be read."""

    epochs: tuple[Epoch, ...]
    steps: tuple[TrainingStep, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def validated(self) -> tuple[tuple[int, float], ...]:
        """The epochs with a validation loss, and that loss."""
        return tuple((its.number, its.validation_loss) for its in self.epochs if its.validation_loss is not None)

    @property
    def trained(self) -> tuple[tuple[int, float], ...]:
        """The epochs with a training loss, and that loss."""
        return tuple((its.number, its.training_loss) for its in self.epochs if its.training_loss is not None)

    @property
    def best(self) -> Epoch | None:
        """The epoch with the lowest validation loss, the first of equals; None without validation data."""
        lowest = min(self.validated, key=lambda each: each[1], default=None)
        return next((its for its in self.epochs if lowest and its.number == lowest[0]), None)

    @property
    def last(self) -> int:
        """The last epoch of which there is a loss; 0 where there is none."""
        return self.epochs[-1].number if self.epochs else 0


def parse(training: str | None, validation: str | None = None, *, is_finished: bool = True) -> Losses:
    """Return what both files say; None is a file that does not exist.

    is_finished: Whether nothing more is written. As long as something may be, a last line without an end is left out.
    """
    steps, remarks = _losses(training, TRAINING_FILE, _TRAINING_LOSS, is_finished=is_finished)
    at_end, more = _losses(validation, VALIDATION_FILE, _VALIDATION_LOSS, is_finished=is_finished)
    if min((its.epoch for its in steps or at_end), default=1) == 0:
        steps, at_end = ([TrainingStep(its.epoch + 1, its.loss) for its in some] for some in (steps, at_end))
    by_epoch: dict[int, list[float]] = {}
    for step in steps:
        by_epoch.setdefault(step.epoch, []).append(step.loss)
    # Where an epoch was validated several times, the last one is at its end.
    validated = {its.epoch: its.loss for its in at_end}
    epochs = tuple(
        Epoch(number, _mean(by_epoch.get(number)), validated.get(number)) for number in sorted({*by_epoch, *validated})
    )
    return Losses(epochs, tuple(steps), (*remarks, *more))


def _mean(losses: Sequence[float] | None) -> float | None:
    return sum(losses) / len(losses) if losses else None


def _losses(content: str | None, name: str, column: str, *, is_finished: bool) -> tuple[list[TrainingStep], list[str]]:
    """Return the losses of a file, and what could not be read of it."""
    if content is None:
        return [], []
    if not content.strip():
        return [], [f"{name} is empty"]
    try:
        reader = csv.DictReader(io.StringIO(content), skipinitialspace=True)
        columns = [each.strip() for each in reader.fieldnames or ()]
        reader.fieldnames = columns
        rows = list(reader)
    except csv.Error as error:
        return [], [f"{name} cannot be read as CSV ({error})"]
    if missing := [each for each in (_EPOCH, column) if each not in columns]:
        return [], [f"{name} has no column {' and no column '.join(missing)}; it has {_shown(', '.join(columns))}"]
    remarks = []
    ends = content.endswith("\n")
    if rows and not ends and (not is_finished or None in rows[-1].values()):
        del rows[-1]
        remarks.append(f"the last line of {name} has no end and is left out{'' if is_finished else _WRITING}")
    if not rows:
        return [], [*remarks, f"{name} has no loss{'' if is_finished else ' yet'}"]
    return _steps(rows, name, column, remarks)


def _steps(
    rows: Iterable[Mapping[str, str | None]], name: str, column: str, remarks: list[str]
) -> tuple[list[TrainingStep], list[str]]:
    steps, bad = list[TrainingStep](), list[tuple[int, str]]()
    for line, row in enumerate(rows, start=2):
        step = _step(row.get(_EPOCH), row.get(column))
        if step:
            steps.append(step)
        else:
            bad.append((line, f"{row.get(_EPOCH)}, {row.get(column)}"))
    if bad:
        line, value = bad[0]
        others = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        why = f"has no epoch with a loss of 0 or more ({_shown(value)})"
        remarks.append(f"{name}: line {line} {why}{others}; left out")
    return steps, remarks


def _step(epoch: str | None, loss: str | None) -> TrainingStep | None:
    """Return a row; None where it has no number that can be a loss. Bedrock has written -1.0 for none."""
    try:
        number, value = float(epoch or ""), float(loss or "")
    except ValueError:
        return None
    return TrainingStep(int(number), value) if number.is_integer() and number >= 0 and 0 <= value < math.inf else None


def _shown(text: str) -> str:
    return repr(text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…")
