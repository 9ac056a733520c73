"""Numbers of data files, and what a training on them comes to."""

import json
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle.dataset.rules.limits import CHARACTERS_PER_TOKEN
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.dataset.data import NOVA, SECRET, conversation, conversations, pair, run, write

WHERE = 'account = "111122223333"\nregion = "us-east-1"\n'
MODEL = """\
[training]
base_model = "amazon.nova-micro-v1:0:128k"
[training.hyper_parameters]
epochCount = 3
[data]
train = { path = "../train.jsonl" }
validation = { path = "../validation.jsonl" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    conversations(tmp_path / "train.jsonl", 40)
    conversations(tmp_path / "validation.jsonl", 10, start=100)
    settings_folder(tmp_path, "dev", WHERE, {"faq": MODEL})
    return tmp_path


def document(*arguments: object) -> dict[str, Any]:
    result = run("stats", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_records_turns_and_tokens_are_counted(folder: Path) -> None:
    path = folder / "train.jsonl"
    [file] = document(path, "--base-model", NOVA)["files"]
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    characters = sum(
        len(block["text"]) for record in records for said in record["messages"] for block in said["content"]
    )
    assert (file["records"], file["turns"], file["characters"]) == (40, 80, characters)
    assert file["tokens"]["low"] == characters // CHARACTERS_PER_TOKEN
    assert file["tokens"]["low"] < file["tokens"]["high"] < characters
    assert sum(bucket["records"] for bucket in file["histogram"]) == 40
    assert file["bytes"] == path.stat().st_size


def test_duplicates_and_records_of_another_length_are_counted(tmp_path: Path) -> None:
    long = conversation(99, system=[{"text": "x" * 5000}])
    path = write(tmp_path / "train.jsonl", *map(conversation, range(20)), conversation(3), conversation(4), long)
    [file] = document(path, "--base-model", NOVA)["files"]
    assert (file["duplicates"], file["lengthOutliers"]) == (2, 1)
    told = run("stats", path, "--base-model", NOVA).stdout
    assert says(told, "duplicates", 2, 23)
    assert says(told, "outliers", 1, "lines 23")


@pytest.mark.parametrize(
    ("options", "epochs", "source"),
    [
        (("--base-model", NOVA), 2, "the default of Amazon Nova Micro"),
        (("--environment", "dev"), 3, "epochCount of dev/faq.toml"),
        (("--environment", "dev", "--epochs", "5"), 5, "as given"),
    ],
)
def test_the_estimate_is_that_of_the_training_data_times_the_epochs(
    folder: Path, options: tuple[str, ...], epochs: int, source: str
) -> None:
    told = document(folder / "train.jsonl", *options, "--environments", folder)
    [train] = told["files"]
    training = told["training"]
    assert (training["epochs"], training["epochsSource"]) == (epochs, source)
    assert training["tokens"] == {side: count * epochs for side, count in train["tokens"].items()}
    assert "characters" in training["basis"]
    assert training["cost"] is None
    assert training["pricePerMillionTokens"] is None


def test_validation_data_is_not_billed(folder: Path) -> None:
    alone = document(folder / "train.jsonl", "--base-model", NOVA)
    both = document("--environment", "dev", "--environments", folder, "--epochs", "2")
    assert [each["split"] for each in both["files"]] == ["train", "validation"]
    assert both["training"]["tokens"] == alone["training"]["tokens"]


def test_the_cost_is_at_the_price_that_was_given_and_exact(folder: Path) -> None:
    told = document(folder / "train.jsonl", "--base-model", NOVA, "--price-per-million-tokens", "1.10")
    low = told["training"]["tokens"]["low"]
    assert float(told["training"]["cost"]["low"]) == pytest.approx(low * 1.10 / 1_000_000)
    assert told["training"]["pricePerMillionTokens"] == "1.10"
    text = run("stats", folder / "train.jsonl", "--base-model", NOVA, "--price-per-million-tokens", "1000").stdout
    assert f"cost        {low / 1000:.2f} to " in text
    assert says(text, "cost", 1000)


def test_without_a_price_there_is_none(folder: Path) -> None:
    assert "cost" not in run("stats", folder / "train.jsonl", "--base-model", NOVA).stdout


@pytest.mark.parametrize("price", ["-1", "NaN", "Infinity", "1,5", "$2", ""])
def test_what_is_no_price_is_a_usage_error(folder: Path, price: str) -> None:
    result = run("stats", folder / "train.jsonl", "--base-model", NOVA, "--price-per-million-tokens", price)
    assert result.exit_code == 2
    assert says(result.stderr, "--price-per-million-tokens")


def test_the_text_has_every_number_and_no_content(folder: Path) -> None:
    told = run("stats", "--environment", "dev", "--environments", folder).stdout
    assert says(told, "train.jsonl", "40 records", "80 turns")
    assert says(told, "validation.jsonl", "10 records", "20 turns")
    assert says(told, "training", "3 epochs", "epochCount of dev/faq.toml")
    assert says(told, "basis", "estimated")
    assert "█" in told
    assert SECRET not in told


def test_records_with_errors_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", *map(conversation, range(10)), b"no JSON\n")
    result = run("stats", path, "--base-model", NOVA)
    assert result.exit_code == 0
    assert "10 records" in result.stdout
    assert says(result.stdout, "10 records", "1 error", "check")


def test_an_empty_file_has_no_numbers_and_is_no_crash(tmp_path: Path) -> None:
    result = run("stats", write(tmp_path / "train.jsonl"), "--base-model", NOVA)
    assert result.exit_code == 0
    assert "0 records" in result.stdout


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    assert run("stats", tmp_path / "none.jsonl", "--base-model", NOVA).exit_code == 2


def test_a_file_of_which_nothing_can_be_counted_has_no_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "train.jsonl", *map(pair, range(3)))
    result = run("stats", path, "--base-model", NOVA, "--price-per-million-tokens", "1")
    first, training, advice = result.stdout.splitlines()
    assert says(first, "0 records", "0 turns", "225 bytes", "1 error", "check")
    assert says(training, "training")
    assert says(advice, f"python -m tune dataset convert {path} NEW --to converse")
    assert document(path, "--base-model", NOVA)["training"] is None
