"""The metrics that a training leaves in the bucket: a loss for each epoch, and when it stopped."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

TRAINING_FILE: Final = "step_wise_training_metrics.csv"
VALIDATION_FILE: Final = "validation_metrics.csv"


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data: its mean training loss, and the validation loss at its end, if there is one."""

    number: int
    training_loss: float
    validation_loss: float | None = None


@dataclass(frozen=True)
class Losses:
    """A training by epochs."""

    epochs: tuple[Epoch, ...]

    @property
    def best(self) -> Epoch | None:
        """The epoch with the lowest validation loss, the first of equals; None without validation data."""
        validated = [epoch for epoch in self.epochs if epoch.validation_loss is not None]
        return min(validated, key=lambda epoch: epoch.validation_loss or 0.0, default=None)

    def stopped_early(self, epoch_count: int) -> bool:
        """Tell whether fewer epochs were run than the settings allow."""
        return len(self.epochs) < epoch_count


def output_prefix(prefix: str, job_arn: str) -> str:
    """Return where a job's metrics are: the folder is named after the last part of its ARN."""
    return f"{prefix}model-customization-job-{job_arn.rsplit('/', 1)[-1]}/"


def with_suffix(keys: Iterable[str], name: str) -> str | None:
    """Return the key of a metrics file. The folders above it differ between base models, its own name does not."""
    return next((key for key in sorted(keys) if key.rsplit("/", 1)[-1] == name), None)


def read(s3: Any, bucket: str, prefix: str) -> Losses:
    """Return the losses found below a prefix; raise FileNotFoundError when there is no training metrics file."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    training, validation = with_suffix(keys, TRAINING_FILE), with_suffix(keys, VALIDATION_FILE)
    if training is None:
        raise FileNotFoundError(f"s3://{bucket}/{prefix} has no {TRAINING_FILE}")
    return parse(_text(s3, bucket, training), _text(s3, bucket, validation) if validation else None)


def parse(training_csv: str, validation_csv: str | None = None) -> Losses:
    """Read both files. Columns are found by name: perplexity, for one, is not always there."""
    by_epoch: dict[int, list[float]] = {}
    for row in csv.DictReader(io.StringIO(training_csv)):
        by_epoch.setdefault(int(row["epoch_number"]), []).append(float(row["training_loss"]))
    validation = {
        int(row["epoch_number"]): float(row["validation_loss"])
        for row in csv.DictReader(io.StringIO(validation_csv or ""))
    }
    return Losses(
        tuple(
            Epoch(number, sum(losses) / len(losses), validation.get(number))
            for number, losses in sorted(by_epoch.items())
        )
    )


def early_stopping(losses: Losses, epoch_count: int) -> str:
    """Say in a sentence how many epochs were run, and which one's validation loss was the lowest."""
    last = len(losses.epochs)
    best = f" The validation loss was lowest after epoch {losses.best.number}." if losses.best else ""
    if losses.stopped_early(epoch_count):
        return f"Early stopping ended the training after epoch {last} of {epoch_count}.{best}"
    return f"All {epoch_count} epochs were run.{best}"


def _text(s3: Any, bucket: str, key: str) -> str:
    return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8"))
