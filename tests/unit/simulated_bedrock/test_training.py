"""What a training yields: losses, early stopping, files, duration."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bedrock import Durations, Settings, early_stopping
from sandbox.bedrock.training.losses import curve
from tests.unit.simulated_bedrock.scenario import BUCKET, NOVA_TUNABLE, TRAIN_KEY, Account, nova_record, records, uri

PATIENT = {"epochCount": "10", "earlyStoppingThreshold": "0", "earlyStoppingPatience": "10"}
EAGER = {"epochCount": "10", "earlyStoppingThreshold": "0.01", "earlyStoppingPatience": "2"}


def metrics(account: Account, kind: str, name: str = "job") -> list[dict[str, str]]:
    """Return the rows of a job's metrics file."""
    job_id = account.job(name)["jobArn"].rsplit("/", 1)[1]
    path = {
        "training": "training_artifacts/step_wise_training_metrics.csv",
        "validation": "validation_artifacts/post_fine_tuning_validation/validation_metrics.csv",
    }[kind]
    body = account.world.objects[BUCKET, f"output/model-customization-job-{job_id}/{path}"]
    return list(csv.DictReader(StringIO(body.decode())))


def validation_losses(account: Account, name: str = "job") -> list[Decimal]:
    return [Decimal(row["validation_loss"]) for row in metrics(account, "validation", name)]


def test_writes_a_row_for_every_step(account: Account) -> None:
    account.tuned_model(hyperParameters={"epochCount": "3", "batchSize": "24"})
    rows = metrics(account, "training")
    assert list(rows[0]) == ["step_number", "epoch_number", "training_loss", "perplexity"]
    assert [int(row["step_number"]) for row in rows] == list(range(9))
    assert [int(row["epoch_number"]) for row in rows] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert float(rows[0]["training_loss"]) > float(rows[-1]["training_loss"]) > 0


def test_writes_a_row_for_every_epoch_of_validation(account: Account) -> None:
    account.tuned_model(hyperParameters={"epochCount": "3", "batchSize": "24"})
    rows = metrics(account, "validation")
    assert list(rows[0]) == ["step_number", "epoch_number", "validation_loss", "perplexity"]
    assert [(row["step_number"], row["epoch_number"]) for row in rows] == [("2", "1"), ("5", "2"), ("8", "3")]


def test_writes_no_validation_metrics_without_validation_data(account: Account) -> None:
    account.tuned_model(validationDataConfig=None)
    assert not any("validation_artifacts" in key for _, key in account.world.objects)


@pytest.mark.parametrize("output", [uri("output"), uri("output/")])
def test_takes_an_output_folder_with_or_without_a_slash(account: Account, output: str) -> None:
    account.tuned_model(outputDataConfig={"s3Uri": output})
    assert metrics(account, "training")


def test_writes_nothing_before_the_end(account: Account) -> None:
    account.create_job()
    account.pass_time(timedelta(minutes=89))
    account.job()
    assert not any(key.startswith("output/") for _, key in account.world.objects)


def test_early_stopping_ends_a_training_that_no_longer_improves(account: Account) -> None:
    account.tuned_model("patient", hyperParameters=PATIENT)
    account.tuned_model("eager", hyperParameters=EAGER)
    every, run = validation_losses(account, "patient"), validation_losses(account, "eager")
    expected = early_stopping.run(every, threshold="0.01", patience=2)
    assert len(every) == 10
    assert len(run) == expected.last_epoch < 10
    assert run == every[: expected.last_epoch]
    loss = account.job("eager")["validationMetrics"][0]["validationLoss"]
    assert loss == pytest.approx(float(run[expected.best_epoch - 1]))
    assert loss == pytest.approx(float(min(run)))


def test_a_training_that_stops_early_is_shorter_and_cheaper(account: Account) -> None:
    for name, parameters in (("patient", PATIENT), ("eager", EAGER)):
        account.tuned_model(name, hyperParameters=parameters)
    durations = {}
    for name in ("patient", "eager"):
        training = account.job(name)["statusDetails"]["trainingDetails"]
        durations[name] = training["lastModifiedTime"] - training["creationTime"]
    epochs = len(validation_losses(account, "eager"))
    assert durations["eager"] == durations["patient"] * epochs / 10
    tokens = {job["jobName"]: job["trainedTokens"] for job in account.simulated.handle_control("meter", {})["jobs"]}
    assert tokens["eager"] * 10 == tokens["patient"] * epochs


def test_without_validation_data_all_epochs_are_run(account: Account) -> None:
    account.tuned_model(hyperParameters=EAGER, validationDataConfig=None)
    assert metrics(account, "training")[-1]["epoch_number"] == "10"


def test_nova_knows_no_early_stopping() -> None:
    account = Account(region="us-east-1")
    account.put(TRAIN_KEY, records(64, nova_record))
    account.put("validation/data.jsonl", records(32, nova_record))
    account.tuned_model(baseModelIdentifier=NOVA_TUNABLE, hyperParameters={"epochCount": "5", "learningRate": "1e-4"})
    losses = validation_losses(account)
    assert len(losses) == 5
    assert float(losses[-1]) == pytest.approx(account.job()["validationMetrics"][0]["validationLoss"])


def test_the_same_training_gives_the_same_numbers(account: Account) -> None:
    other = Account()
    for each in (account, other):
        each.tuned_model(hyperParameters=EAGER)
    assert metrics(account, "training") == metrics(other, "training")
    assert metrics(account, "validation") == metrics(other, "validation")


@pytest.mark.parametrize("change", [{"learningRateMultiplier": "0.5"}, {"batchSize": "8"}])
def test_other_hyper_parameters_give_other_numbers(account: Account, change: dict[str, str]) -> None:
    account.tuned_model("first", hyperParameters=PATIENT)
    account.tuned_model("second", hyperParameters={**PATIENT, **change})
    assert validation_losses(account, "first") != validation_losses(account, "second")


def test_other_data_gives_other_numbers(account: Account) -> None:
    account.tuned_model("first")
    account.put(TRAIN_KEY, records(65))
    account.tuned_model("second")
    assert validation_losses(account, "first") != validation_losses(account, "second")


@given(
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.sampled_from(["0.1", "0.5", "1", "2"]),
)
def test_losses_fall_and_the_validation_loss_turns_up_again(digest: str, multiplier: str) -> None:
    losses = curve(digest, {"learningRateMultiplier": Decimal(multiplier)})
    training = [losses.training(epoch) for epoch in range(1, 11)]
    validation = [losses.validation(epoch) for epoch in range(1, 31)]
    assert training[0] > training[4] > training[9] > 0
    assert validation[0] > min(validation)
    assert validation[-1] > min(validation)


@pytest.mark.parametrize(
    ("durations", "expected"),
    [
        (Durations(training=timedelta(hours=5)), timedelta(hours=5)),
        (Durations(epoch_minimum=timedelta(hours=1)), timedelta(hours=2)),
        (Durations(epoch_minimum=timedelta(0), per_thousand_tokens=timedelta(days=1)), None),
    ],
)
def test_a_training_lasts_as_the_settings_say(durations: Durations, expected: timedelta | None) -> None:
    account = Account(Settings(durations=durations))
    account.create_job()
    account.pass_time(timedelta(days=90))
    training: dict[str, Any] = account.job()["statusDetails"]["trainingDetails"]
    if expected is None:
        tokens = account.simulated.handle_control("meter", {})["trainedTokens"]
        expected = timedelta(days=1) * (tokens / 1000)
    assert training["lastModifiedTime"] - training["creationTime"] == pytest.approx(
        expected, abs=timedelta(milliseconds=2)
    )
