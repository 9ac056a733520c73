"""The losses that Bedrock reports of a job."""

import pytest

from bedrock_lifecycle.resources.reported_losses import training_loss, validation_loss


@pytest.mark.parametrize(
    ("told", "loss"),
    [(0.25, 0.25), (0, 0.0), (-1.0, None), (float("nan"), None), (float("inf"), None), (None, None)],
)
def test_reads_a_loss_that_can_be_one_and_none_otherwise(told: float | None, loss: float | None) -> None:
    assert training_loss({"trainingMetrics": {"trainingLoss": told}}) == loss
    assert validation_loss({"validationMetrics": [{"validationLoss": told}]}) == loss


def test_of_a_job_that_tells_none_there_is_none() -> None:
    assert (training_loss({}), validation_loss({}), validation_loss({"validationMetrics": []})) == (None, None, None)
