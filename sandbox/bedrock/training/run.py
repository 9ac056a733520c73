"""A training: epochs, early stopping, and the metrics that it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Final

from sandbox.bedrock import early_stopping
from sandbox.bedrock.training.datasets import TrainingData
from sandbox.bedrock.training.losses import curve, perplexity

# Some base models' hyper-parameters have no batch size; what a step is there is not documented.
_DEFAULT_BATCH_SIZE: Final = Decimal(32)


@dataclass(frozen=True)
class Point:
    """One row of a metrics file."""

    step: int
    epoch: int
    loss: Decimal


@dataclass(frozen=True)
class TrainingRun:
    """What a training comes to: the epochs it runs, the checkpoint it keeps, and a loss per step and per epoch."""

    epochs: int
    best_epoch: int
    training: tuple[Point, ...]
    validation: tuple[Point, ...]

    @property
    def training_loss(self) -> Decimal:
        """The training loss of the checkpoint that was kept."""
        return [point.loss for point in self.training if point.epoch == self.best_epoch][-1]

    @property
    def validation_loss(self) -> Decimal | None:
        """The validation loss of the checkpoint that was kept, None without validation data."""
        return next((point.loss for point in self.validation if point.epoch == self.best_epoch), None)


def train(data: TrainingData, parameters: dict[str, Decimal]) -> TrainingRun:
    """Compute a training.

    Early stopping needs validation data and a base model with that hyper-parameter. Without it the last epoch is kept.
    """
    losses = curve(data.digest, parameters)
    epoch_count = int(parameters["epochCount"])
    steps = ceil(len(data.examples) / int(parameters.get("batchSize", _DEFAULT_BATCH_SIZE)))
    validation = [losses.validation(epoch) for epoch in range(1, epoch_count + 1)]
    outcome = early_stopping.TrainingOutcome(epoch_count, epoch_count)
    if data.validation_records and "earlyStoppingPatience" in parameters:
        outcome = early_stopping.run(
            validation,
            threshold=parameters["earlyStoppingThreshold"],
            patience=int(parameters["earlyStoppingPatience"]),
        )
    if not data.validation_records:
        validation = []
    return TrainingRun(
        epochs=outcome.last_epoch,
        best_epoch=outcome.best_epoch,
        training=tuple(
            Point(step, step // steps + 1, losses.training((step + 1) / steps))
            for step in range(outcome.last_epoch * steps)
        ),
        validation=tuple(
            Point(epoch * steps - 1, epoch, loss)
            for epoch, loss in enumerate(validation[: outcome.last_epoch], start=1)
        ),
    )


def metrics_files(run: TrainingRun) -> Mapping[str, bytes]:
    """Return the files that a training leaves, by their path under the job's output folder."""
    files = {
        "training_artifacts/step_wise_training_metrics.csv": _csv("training_loss", run.training),
    }
    if run.validation:
        path = "validation_artifacts/post_fine_tuning_validation/validation_metrics.csv"
        files[path] = _csv("validation_loss", run.validation)
    return files


def _csv(loss_column: str, points: tuple[Point, ...]) -> bytes:
    rows = [f"step_number,epoch_number,{loss_column},perplexity"]
    rows += [f"{point.step},{point.epoch},{point.loss},{perplexity(point.loss)}" for point in points]
    return ("\n".join(rows) + "\n").encode()
