"""Trainings with losses that are given."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle.resources.metrics_files import Epoch, Losses, TrainingStep
from tune.metrics.training import TrainingLosses

# AWS Machine Learning Blog, "Fine-tune Anthropic's Claude 3 Haiku in Amazon Bedrock to boost model accuracy and
# quality": the validation losses of its example, and what two settings make of them.
PUBLISHED: Final = (0.9, 0.8, 0.7, 0.66, 0.64, 0.65, 0.65)
# Threshold, patience, the epoch after which the training is stopped, and the best checkpoint.
SCENARIOS: Final = ((0.0, 2, 7, 5), (0.05, 1, 4, 4))


def training(
    validation: Sequence[float] = (),
    trained: Sequence[float] | None = None,
    *,
    epoch_count: int | None = 10,
    threshold: float | None = None,
    patience: int | None = None,
    **its: Any,
) -> TrainingLosses:
    """Return a training with a validation loss for each epoch, and a training loss that falls by a tenth each time."""
    falling = [1.5 * 0.9**number for number in range(len(validation))] if trained is None else list(trained)
    count = max(len(validation), len(falling))
    epochs = tuple(Epoch(number + 1, _at(falling, number), _at(validation, number)) for number in range(count))
    steps = tuple(
        TrainingStep(each.number, each.training_loss or 0.0) for each in epochs if each.training_loss is not None
    )
    given: Mapping[str, float | None] = {
        "epochCount": epoch_count,
        "earlyStoppingThreshold": threshold,
        "earlyStoppingPatience": patience,
    }
    parameters = {key: str(value) for key, value in given.items() if value is not None}
    whole: dict[str, Any] = {
        "name": "faq-dev-4ffdfb6d0000-1",
        "id": "4ffdfb6d0000-1",
        "status": "Completed",
        "base_model": "anthropic.claude-3-haiku-20240307-v1:0:200k",
        "hyper_parameters": parameters,
        "where": "s3://b/output/model-customization-job-abc/",
        "losses": Losses(epochs, steps),
        "has_file": True,
        **its,
    }
    return TrainingLosses(**whole)


def _at(numbers: Sequence[float], place: int) -> float | None:
    return numbers[place] if place < len(numbers) else None
