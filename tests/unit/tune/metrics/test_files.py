"""Losses and early stopping, from the files that Bedrock leaves."""

from io import BytesIO
from typing import Any

import pytest

from tests.support.messages import saying, says
from tune.account import metrics

TRAINING = "step_number,epoch_number,training_loss,perplexity\n0,1,2.0,7.4\n1,1,1.0,2.7\n2,2,0.5,1.6\n3,2,1.0,2.7\n"
VALIDATION = "step_number,epoch_number,validation_loss\n1,1,0.9\n3,2,0.6\n"


class Bucket:
    """An S3 client with these objects."""

    def __init__(self, objects: dict[str, str]) -> None:
        self._objects = objects

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Prefix: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803 - the API's name
        return [{"Contents": [{"Key": key}]} for key in self._objects if key.startswith(Prefix)] or [{}]

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        return {"Body": BytesIO(self._objects[Key].encode())}


def losses(*validation: float) -> metrics.Losses:
    return metrics.Losses(tuple(metrics.Epoch(n, 1.0, loss) for n, loss in enumerate(validation, start=1)))


def test_averages_the_training_loss_of_an_epoch_and_takes_its_validation_loss() -> None:
    assert metrics.parse(TRAINING, VALIDATION).epochs == (
        metrics.Epoch(1, 1.5, 0.9),
        metrics.Epoch(2, 0.75, 0.6),
    )


def test_reads_a_training_without_validation_data() -> None:
    found = metrics.parse(TRAINING)
    assert [epoch.validation_loss for epoch in found.epochs] == [None, None]
    assert found.best is None


@pytest.mark.parametrize(
    "folder",
    [
        "validation_artifacts/post_fine_tuning_validation/",
        "validation_artifacts/post_fine_tuning_validation/validation/",
        "validation_artifacts/",
    ],
)
def test_finds_the_validation_metrics_in_whichever_folder_they_are(folder: str) -> None:
    prefix = metrics.output_prefix("output/", "arn:aws:bedrock:us-west-2:1:model-customization-job/base/abc")
    assert prefix == "output/model-customization-job-abc/"
    bucket = Bucket(
        {
            f"{prefix}training_artifacts/step_wise_training_metrics.csv": TRAINING,
            f"{prefix}{folder}validation_metrics.csv": VALIDATION,
            "output/model-customization-job-other/validation_artifacts/validation_metrics.csv": "",
        }
    )
    assert metrics.read(bucket, "b", prefix).best == metrics.Epoch(2, 0.75, 0.6)


def test_says_where_training_metrics_are_missed() -> None:
    with pytest.raises(FileNotFoundError, match=saying("s3://b/output/x/", "step_wise_training_metrics.csv")):
        metrics.read(Bucket({}), "b", "output/x/")


def test_tells_when_early_stopping_acted_and_which_epoch_was_best() -> None:
    sentence = metrics.early_stopping(losses(0.9, 0.8, 0.7, 0.66, 0.64, 0.65, 0.65), 10)
    assert says(sentence, "epoch 7 of 10", "epoch 5")


def test_tells_when_every_epoch_was_run() -> None:
    assert says(metrics.early_stopping(losses(0.9, 0.8), 2), "2 epochs")


def test_the_first_of_equal_epochs_is_the_best() -> None:
    best = losses(0.9, 0.7, 0.7).best
    assert best is not None
    assert best.number == 2
