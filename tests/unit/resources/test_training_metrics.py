"""What is read of the files that Bedrock leaves, whole, broken or missing."""

import csv
from io import BytesIO
from typing import Any

import pytest

from bedrock_lifecycle.resources import training_metrics as metrics
from bedrock_lifecycle.resources.metrics_files import Epoch, Losses, TrainingStep, parse
from tests.support.messages import saying, says

TRAINING = "step_number,epoch_number,training_loss,perplexity\n0,1,2.0,7.4\n1,1,1.0,2.7\n2,2,0.5,1.6\n3,2,1.0,2.7\n"
VALIDATION = "step_number,epoch_number,validation_loss\n1,1,0.9\n3,2,0.6\n"


class Bucket:
    """An S3 client with these objects."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._objects = objects

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, *, Prefix: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803 - the API's name
        return [{"Contents": [{"Key": key}]} for key in self._objects if key.startswith(Prefix)] or [{}]

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        return {"Body": BytesIO(self._objects[Key])}


def remark(losses: Losses) -> str:
    """Return the only remark."""
    (only,) = losses.remarks
    return only


def test_averages_the_training_loss_of_an_epoch_and_takes_its_validation_loss() -> None:
    found = parse(TRAINING, VALIDATION)
    assert found.epochs == (Epoch(1, 1.5, 0.9), Epoch(2, 0.75, 0.6))
    assert found.steps == (TrainingStep(1, 2.0), TrainingStep(1, 1.0), TrainingStep(2, 0.5), TrainingStep(2, 1.0))
    assert found.remarks == ()


def test_epochs_that_are_counted_from_0_are_the_same_epochs() -> None:
    # As files of real jobs of Amazon Nova count them; the example in the API's reference counts from 1.
    training = "step_number,epoch_number,training_loss\n1,0,2.0\n2,0,1.0\n3,1,0.5\n4,1,1.0\n"
    validation = "step_number,epoch_number,validation_loss\n2,0,0.9\n4,1,0.6\n"
    assert parse(training, validation) == parse(TRAINING, VALIDATION)
    assert parse(None, validation) == parse(None, VALIDATION)
    assert parse(training).last == 2


def test_a_validation_before_the_first_epoch_is_epoch_0() -> None:
    found = parse(TRAINING, VALIDATION.replace("1,1,0.9", "0,0,1.4\n1,1,0.9"))
    assert found.validated == ((0, 1.4), (1, 0.9), (2, 0.6))


def test_reads_a_training_without_validation_data() -> None:
    found = parse(TRAINING)
    assert [epoch.validation_loss for epoch in found.epochs] == [None, None]
    assert (found.best, found.remarks) == (None, ())


def test_a_file_without_perplexity_and_with_blanks_is_whole() -> None:
    # As the API reference of S3's output writes an example.
    found = parse("step_number, epoch_number, training_loss\n1, 1, 0.2\n2, 1, 0.18", None)
    assert found.epochs == (Epoch(1, (0.2 + 0.18) / 2),)
    assert found.remarks == ()


def test_the_last_validation_of_an_epoch_is_at_its_end() -> None:
    found = parse(None, "step_number,epoch_number,validation_loss\n1,1,0.12\n2,1,0.09\n3,2,0.06\n")
    assert found.validated == ((1, 0.09), (2, 0.06))
    assert found.trained == ()


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
            f"{prefix}training_artifacts/step_wise_training_metrics.csv": TRAINING.encode(),
            f"{prefix}{folder}validation_metrics.csv": VALIDATION.encode(),
            "output/model-customization-job-other/validation_artifacts/validation_metrics.csv": b"",
        }
    )
    assert metrics.read(bucket, "b", prefix).best == Epoch(2, 0.75, 0.6)
    assert metrics.look(bucket, "b", prefix).validation_key == f"{prefix}{folder}validation_metrics.csv"


def test_says_where_training_metrics_are_missed() -> None:
    with pytest.raises(FileNotFoundError, match=saying("s3://b/output/x/", "step_wise_training_metrics.csv")):
        metrics.read(Bucket({}), "b", "output/x/")
    assert metrics.look(Bucket({}), "b", "output/x/") == metrics.StoredMetrics(Losses(()))


@pytest.mark.parametrize("content", ["", "\n", " \n\n"])
def test_an_empty_file_is_told(content: str) -> None:
    found = parse(content, VALIDATION)
    assert says(remark(found), "step_wise_training_metrics.csv", "empty")
    assert found.validated == ((1, 0.9), (2, 0.6))


def test_a_file_with_nothing_but_its_columns_is_told() -> None:
    found = parse(TRAINING, "step_number,epoch_number,validation_loss\n")
    assert says(remark(found), "validation_metrics.csv", "loss")
    assert len(found.trained) == 2


@pytest.mark.parametrize("missing", ["epoch_number", "training_loss"])
def test_a_column_that_is_missed_is_named_beside_those_there_are(missing: str) -> None:
    found = parse(TRAINING.replace(missing, "other"))
    assert says(remark(found), "step_wise_training_metrics.csv", missing, "other")
    assert found.epochs == ()


def test_a_cut_last_line_is_left_out_while_the_training_goes_on() -> None:
    cut = TRAINING.removesuffix("0,2.7\n")  # 1.0 is cut to 1.
    found = parse(cut, is_finished=False)
    assert found.epochs == (Epoch(1, 1.5), Epoch(2, 0.5))
    assert says(remark(found), "step_wise_training_metrics.csv", "last line")


def test_a_last_line_without_an_end_counts_when_the_training_has_ended() -> None:
    whole = TRAINING.removesuffix("\n")
    assert parse(whole) == parse(TRAINING)
    cut = TRAINING.removesuffix(",1.0,2.7\n")
    found = parse(cut)
    assert found.epochs == (Epoch(1, 1.5), Epoch(2, 0.5))
    assert says(remark(found), "last line")


def test_a_file_of_which_only_the_head_is_written_says_so() -> None:
    found = parse("step_number,epoch_number,training_loss\n0,1,1.", is_finished=False)
    assert found.epochs == ()
    assert len(found.remarks) == 2


@pytest.mark.parametrize("value", ["nan", "inf", "-1.0", "", "n/a"])
def test_what_is_no_loss_is_left_out_with_its_line(value: str) -> None:
    found = parse(TRAINING.replace("1,1,1.0,2.7", f"1,1,{value},2.7"))
    assert found.epochs == (Epoch(1, 2.0), Epoch(2, 0.75))
    assert says(remark(found), "step_wise_training_metrics.csv", "line 3", value or "1,")


@pytest.mark.parametrize("epoch", ["1.5", "first", "nan", "-1"])
def test_what_is_no_epoch_is_left_out(epoch: str) -> None:
    found = parse(TRAINING.replace("1,1,1.0,2.7", f"1,{epoch},1.0,2.7"))
    assert found.epochs == (Epoch(1, 2.0), Epoch(2, 0.75))


def test_many_lines_without_a_loss_are_one_remark() -> None:
    found = parse("epoch_number,training_loss\n" + "1,nan\n" * 1000)
    assert says(remark(found), "line 2", 999)
    assert len(remark(found)) < 200


def test_a_file_that_is_no_text_is_told_and_shown_in_part() -> None:
    bucket = Bucket({"output/x/training_artifacts/step_wise_training_metrics.csv": b"\xff\xfe\x00" * 1000})
    found = metrics.look(bucket, "b", "output/x/")
    assert len(found.losses.remarks) == 1
    assert len(found.losses.remarks[0]) < 400
    assert found.losses.remarks[0].isprintable()


def test_a_field_that_is_too_long_for_csv_is_told() -> None:
    # Other modules of the process may have raised it: the limit of the csv module is one for all.
    limit = csv.field_size_limit(131_072)
    try:
        found = parse(TRAINING, "epoch_number,validation_loss\n1," + "9" * 200_000)
    finally:
        csv.field_size_limit(limit)
    assert says(remark(found), "validation_metrics.csv", "CSV")
    assert len(found.trained) == 2


def test_the_last_epoch_is_that_of_the_last_loss() -> None:
    assert parse(TRAINING).last == 2
    assert parse(None).last == 0


def test_a_file_that_begins_with_a_byte_order_mark_is_read() -> None:
    content = "epoch_number,training_loss\n1,2.0\n"
    bucket = Bucket({"output/x/step_wise_training_metrics.csv": b"\xef\xbb\xbf" + content.encode()})
    assert metrics.read(bucket, "b", "output/x/") == parse(content)


def test_the_first_of_equal_epochs_is_the_best() -> None:
    rows = "".join(f"{n},{n},{loss}\n" for n, loss in enumerate((0.9, 0.7, 0.7), start=1))
    best = parse(None, f"step_number,epoch_number,validation_loss\n{rows}").best
    assert best is not None
    assert best.number == 2
