"""Trainings and their losses for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from bedrock_lifecycle.resources.metrics_files import Epoch
from tune.metrics.advice import WHEN, Advice
from tune.metrics.early_stopping import ending
from tune.metrics.training import TrainingLosses
from tune.metrics.words import told, written
from tune.pictures.lines import LineChart
from tune.pictures.style import STYLES
from tune.pictures.terminal import rows

_MOST_EPOCHS: Final = 24
_AT_EACH_END: Final = 8
_SKIPPED: Final = "…"


def heading(training: TrainingLosses) -> Text:
    """Return which training it is, and how it stands."""
    return Text(f"Training {training.name}, {training.status}, of {training.base_model}", style="bold")


def picture(chart: LineChart, width: int) -> Text:
    """Return a chart, each line in its color where the terminal has colors."""
    return Text("\n").join(
        Text.assemble(*((run.text, "" if run.series is None else STYLES[run.series].terminal) for run in row))
        for row in rows(chart, width)
    )


def epochs(training: TrainingLosses) -> Table:
    """Return the losses of each epoch; of very many the first, the last, and those around the lowest."""
    losses = training.losses
    table = _table(("epoch", "training loss", "validation loss", ""))
    before = 0
    for epoch in _some(losses.epochs, losses.best):
        if epoch.number > before + 1 and before:
            table.add_row(_SKIPPED, _SKIPPED, _SKIPPED, "")
        before = epoch.number
        lowest = "lowest" if epoch == losses.best else ""
        table.add_row(str(epoch.number), written(epoch.training_loss), written(epoch.validation_loss), lowest)
    return table


def side_by_side(trainings: Sequence[TrainingLosses]) -> Table:
    """Return a row for each training, with the hyper-parameters in which they differ."""
    keys = {key for its in trainings for key in its.hyper_parameters}
    differing = sorted(key for key in keys if len({its.hyper_parameters.get(key) for its in trainings}) > 1)
    table = _table(("training", "epochs", "lowest validation", "last training", "they differ in"))
    for its in trainings:
        best, trained = its.losses.best, its.losses.trained
        table.add_row(
            its.id,
            str(its.losses.last or ""),
            f"{written(best.validation_loss)} (epoch {best.number})" if best else "",
            written(trained[-1][1]) if trained else "",
            ", ".join(f"{key} {its.hyper_parameters.get(key, 'not known')}" for key in differing),
        )
    return table


def sentences(training: TrainingLosses) -> Iterator[str]:
    """Yield how a training ended, or why there is nothing to show, and what could not be read."""
    reason = why_nothing(training)
    yield f"Nothing to show of {training.name}: {reason}." if reason else ending(training)
    yield from (f"{its}." for its in training.losses.remarks)
    if reason and training.reported_loss is not None:
        yield f"Bedrock itself reports a training loss of {told(training.reported_loss)}."


def advised(found: Sequence[Advice]) -> Iterator[Text]:
    """Yield advice, each with its rule."""
    for its in found:
        yield Text.assemble(f"• {its.text}", (f" Said when {WHEN[its.rule]} ({its.rule}).", "dim"))


def why_nothing(training: TrainingLosses) -> str:
    """Return why a training has no losses to show; nothing where it has some."""
    if training.losses.epochs:
        return ""
    if training.has_file:
        return "its metrics files have no loss that can be read"
    if training.is_running:
        return f"it is {training.status} and has no metrics file yet; run the same command when it has ended"
    if training.status != "Completed":
        failure = f" ({training.failure.rstrip('.')})" if training.failure else ""
        return f"it is {training.status}{failure} and left no metrics file"
    return f"{training.where} has no metrics file: none was written, or somebody has deleted it"


def _some(every: Sequence[Epoch], best: Epoch | None) -> list[Epoch]:
    if len(every) <= _MOST_EPOCHS:
        return list(every)
    around = {best.number - 1, best.number, best.number + 1} if best else set()
    ends = {*every[:_AT_EACH_END], *every[-_AT_EACH_END:]}
    return [its for its in every if its in ends or its.number in around]


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in columns:
        is_text = name in ("", "training", "they differ in")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=name == "training", overflow="fold")
    return table
