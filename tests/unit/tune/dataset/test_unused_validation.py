"""Validation data that a training makes no use of: warned of by every command, and nothing is refused."""

import json
from pathlib import Path

import pytest
from mypy_boto3_s3 import S3Client

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import base_model
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.dataset.data import NOVA, conversations, run
from tests.unit.tune.dataset.test_push import SETTINGS, WHERE, Account, account, keys

__all__ = ["account"]

NOVA_2 = "amazon.nova-2-lite-v1:0:256k"
TOLD = ("Amazon Nova 2 Lite", "nova-2-sft-data-prep.html", "test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings_folder(tmp_path, "dev", WHERE, {"faq": SETTINGS.replace(NOVA, NOVA_2)})
    folder = tmp_path / "dev"
    conversations(folder / "train.jsonl", 250)
    conversations(folder / "validation.jsonl", 20, start=1000)
    return folder


def test_the_profile_names_its_page() -> None:
    told = base_model(NOVA_2).unused_validation(FINE_TUNING)
    assert says(told, *TOLD)
    assert base_model(NOVA).unused_validation(FINE_TUNING) is None


@pytest.mark.parametrize("base_model", [NOVA_2, NOVA])
def test_check_warns_of_it_at_its_file(folder: Path, base_model: str) -> None:
    options = ("--validation", folder / "validation.jsonl", "--base-model", base_model)
    result = run("check", folder / "train.jsonl", *options, "--format", "json")
    document = json.loads(result.stdout)
    found = [(file["split"], each["rule"]) for file in document["files"] for each in file["findings"]]
    assert (result.exit_code, found) == (0, [("validation", "validation-not-used")] if base_model == NOVA_2 else [])
    assert says(run("check", folder / "train.jsonl", *options).stdout, *TOLD) == (base_model == NOVA_2)
    assert run("check", folder / "train.jsonl", "--test", folder / "validation.jsonl", *options[2:]).exit_code == 0


def test_check_counts_it_not_among_the_records_of_the_training(folder: Path) -> None:
    conversations(folder / "train.jsonl", 19_990)
    options = ("--validation", folder / "validation.jsonl")
    assert run("check", folder / "train.jsonl", *options, "--base-model", NOVA_2).exit_code == 0
    assert run("check", folder / "train.jsonl", *options, "--base-model", NOVA).exit_code == 1


def test_stats_warns_of_it(folder: Path) -> None:
    options = ("--validation", folder / "validation.jsonl", "--base-model")
    for output in ("text", "json"):
        result = run("stats", folder / "train.jsonl", *options, NOVA_2, "--format", output)
        assert (result.exit_code, says(result.stderr, "warning", *TOLD)) == (0, True)
    assert run("stats", folder / "train.jsonl", *options, NOVA).stderr == ""
    assert run("stats", folder / "train.jsonl", *options[2:], NOVA_2).stderr == ""


def test_split_warns_of_it(folder: Path) -> None:
    shares = ("--validation", "10%", "--base-model", NOVA_2)
    result = run("split", folder / "train.jsonl", folder / "parts", *shares)
    assert (result.exit_code, says(result.stderr, "warning", *TOLD)) == (0, True)
    assert run("split", folder / "train.jsonl", folder / "other", "--test", "10%", *shares[2:]).stderr == ""


def test_push_leaves_it_here(account: Account, folder: Path, s3: S3Client) -> None:
    result = run("push", "dev", "--environments", folder.parent)
    assert result.exit_code == 0, result.output
    assert says(result.stdout, "validation.jsonl", *TOLD)
    assert [key.partition("/")[0] for key in keys(s3)] == ["train"]
    assert 'validation = { path = "validation.jsonl" }' in (folder / "faq.toml").read_text()
