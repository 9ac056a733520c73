"""One settings file: what it gives the stacks, and how each mistake in it is told."""

from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from bedrock_tuning.base_models import base_model
from bedrock_tuning.data.sources import DataSource
from settings import SettingsError, load_model
from settings.model import Model
from tests.support.messages import says
from tests.unit.settings.settings_files import (
    ABSENT,
    HAIKU,
    changed,
    data_of,
    load_file,
    problems,
    problems_of,
    training_of,
    write,
)

NOVA_PRO = "amazon.nova-pro-v1:0:300k"
FOUNDATION_MODELS = "arn:aws:bedrock:us-east-1::foundation-model"


def load(folder: Path, *changes: tuple[str, object], environment: str = "dev") -> Model:
    return load_file(write(folder, changed(*changes), environment=environment))


def test_gives_what_the_file_says(tmp_path: Path) -> None:
    model = load(tmp_path, ("training.hyper_parameters.batchSize", "8"))
    assert model.environment.name == "dev"
    assert model.name == "docstrings"
    assert model.environment.account == "111122223333"
    assert model.environment.region == "us-west-2"
    assert training_of(model).profile is base_model(HAIKU)
    assert list(training_of(model).hyper_parameters.items()) == [("batchSize", "8"), ("epochCount", "2")]
    assert data_of(model).train == DataSource.file(tmp_path / "dev" / "train.jsonl")
    assert model.serving is not None
    assert model.serving.provisioned_throughput is not None
    assert model.serving.provisioned_throughput.model_units == 1
    assert model.tags == {"CostCentre": "1234"}


def test_fills_in_the_documented_defaults(tmp_path: Path) -> None:
    absent = ("training.hyper_parameters", "data.validation", "serving", "tags")
    model = load(tmp_path, *((key, ABSENT) for key in absent))
    assert training_of(model).customization_type == "FINE_TUNING"
    assert training_of(model).attempt == 1
    assert training_of(model).max_training_hours == 12
    assert training_of(model).hyper_parameters == {}
    assert data_of(model).validation is None
    assert data_of(model).test is None
    assert model.serving is None
    assert model.tags == {}


def test_cannot_be_changed_after_loading(tmp_path: Path) -> None:
    model = load(tmp_path)
    with pytest.raises(ValidationError):
        training_of(model).attempt = 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "a"),
        ("name", "a" * 24),
        ("name", "a-1-B"),
        ("account", "000000000000"),
        ("training.attempt", 1),
        ("training.attempt", 99),
        ("training.max_training_hours", 0),
        ("training.max_training_hours", 120),
        ("training.customization_type", "FINE_TUNING"),
        ("serving.provisioned_throughput.model_units", 1),
    ],
)
def test_takes_values_at_their_bounds(tmp_path: Path, key: str, value: object) -> None:
    load(tmp_path, (key, value))


WRONG: Final[list[tuple[str, Any, list[Any]]]] = [
    ("name", "a" * 25, ["a" * 25, "1 to 24"]),
    ("name", "1a", ["'1a'"]),
    ("name", "a--b", ["'a--b'"]),
    ("name", "a-", ["'a-'"]),
    ("name", "a_b", ["'a_b'"]),
    ("name", "é", ["'é'"]),
    ("account", "11112222333", ["'11112222333'", "12 digits"]),
    ("account", "1111222233334", ["'1111222233334'", "12 digits"]),
    ("account", "11112222333٣", ["12 digits"]),
    ("account", 111122223333, [111122223333, "12 digits", "quotes"]),
    ("region", ["us-west-2"], ["list", "Region"]),
    ("training.base_model", HAIKU[:-1], [f"{HAIKU}?"]),
    ("training.base_model", "amazon.nova-pro-v1:0", [f"{NOVA_PRO}?"]),
    ("training.base_model", "eu.amazon.nova-pro-v1:0", [f"{NOVA_PRO}?"]),
    ("training.base_model", f"{FOUNDATION_MODELS}/amazon.nova-pro-v1:0", [FOUNDATION_MODELS, f"{NOVA_PRO}?"]),
    ("training.base_model", f"{FOUNDATION_MODELS}/{NOVA_PRO}", [f"{NOVA_PRO}'", f"{NOVA_PRO}?"]),
    (
        "training.base_model",
        "arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.amazon.nova-pro-v1:0",
        [f"{NOVA_PRO}?"],
    ),
    (
        "training.base_model",
        f"arn:aws:bedrock:us-west-2:111122223333:custom-model/{NOVA_PRO}/abcdefghijkl",
        ["custom-model/amazon.nova-pro-v1:0:300k", "serving.model_arn"],
    ),
    ("training.epochs", 3, ["epochCount", "[training.hyper_parameters]"]),
    ("training.learning_rate", 0.1, ["learningRate", "[training.hyper_parameters]"]),
    ("data.train", "s3://bucket/train.jsonl", ["'s3://bucket/train.jsonl'", "s3 =", "version_id"]),
    ("training.base_model", 3, [3, "base model"]),
    ("training.customization_type", "fine_tuning", ["FINE_TUNING", "FINE_TUNING?"]),
    ("training.customization_type", "DISTILLATION", ["FINE_TUNING", "leave it out"]),
    ("training.attempt", 0, [0, "1 to 99"]),
    ("training.attempt", 100, [100, "1 to 99"]),
    ("training.attempt", True, ["true", "whole", "1 to 99"]),
    ("training.attempt", "1", ["'1'", "whole"]),
    ("training.attempt", 1.0, ["1.0", "whole"]),
    ("training.max_training_hours", -1, ["-1", "0 to 120"]),
    ("training.max_training_hours", 121, [121, "0 to 120"]),
    ("training.max_training_hours", 0.5, ["0.5", "whole"]),
    ("training.hyper_parameters", 3, [3, "table"]),
    ("serving.provisioned_throughput.model_units", 0, [0, "whole", 1]),
    ("serving.provisioned_throughput.model_units", "1", ["'1'", "whole"]),
    ("training", 3, [3, "table", "[training]"]),
    ("data", [], ["list", "table", "[data]"]),
    ("serving.provisioned_throughput", 1, ["[serving.provisioned_throughput]"]),
]


@pytest.mark.parametrize(("key", "value", "named"), WRONG)
def test_refuses_a_value_with_what_is_allowed(tmp_path: Path, key: str, value: object, named: list[Any]) -> None:
    found = problems(tmp_path, (key, value))
    place = {"name": "file name"}.get(key, key)
    assert set(found) == {place}
    assert says(found[place], *named)


@pytest.mark.parametrize("region", ["us-east-1", "local"])
def test_refuses_a_base_model_that_the_region_of_its_environment_does_not_tune(tmp_path: Path, region: str) -> None:
    found = problems(tmp_path, ("region", region))
    assert set(found) == {"training.base_model"}
    assert says(*found.values(), region, "Claude 3 Haiku", "https://docs.aws", "us-west-2", "base model")


@pytest.mark.parametrize(
    ("changes", "place", "key"),
    [
        ([("allow.train", False), ("serving", ABSENT)], "training", "train"),
        ([("allow.buy", False)], "serving.provisioned_throughput", "buy"),
        ([("allow", ABSENT)], "serving.provisioned_throughput", "buy"),
        ([("allow.delete_models", False), ("serving.keep_models", 2)], "serving.keep_models", "delete_models"),
    ],
)
def test_refuses_what_the_environment_does_not_allow(
    tmp_path: Path, changes: list[tuple[str, object]], place: str, key: str
) -> None:
    found = problems(tmp_path, *changes)
    assert set(found) == {place}
    assert says(found[place], f"allow.{key} = true", "environment.toml", "remove")


@pytest.mark.parametrize("name", ["a", "a" * 12, "a-1", "a-b-c"])
def test_takes_the_environment_from_the_name_of_the_folder(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, environment=name).environment.name == name


@pytest.mark.parametrize("name", ["a" * 13, "Dev", "1a", "a--b", "a-", "-a", "a_b", "a.b", "é", "a b"])
def test_refuses_folder_names_that_cannot_be_part_of_a_name_in_bedrock(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, environment=name)
    assert set(found) == {"folder name"}
    assert says(found["folder name"], "1 to 12", "rename")


def test_refuses_the_environment_as_a_key(tmp_path: Path) -> None:
    assert says(problems(tmp_path, ("environment", "dev"))["environment"], "rename")


@pytest.mark.parametrize(("file", "place"), [("environment.toml", "name"), ("docstrings.toml", "name")])
def test_refuses_a_name_as_a_key(tmp_path: Path, file: str, place: str) -> None:
    path = write(tmp_path, changed())
    wrong = path.parent / file
    wrong.write_text(f'name = "other"\n{wrong.read_text()}')
    found = problems_of(path)
    assert set(found) == {place}
    assert says(found[place], "rename")


def test_refuses_hyper_parameters_by_name_and_range(tmp_path: Path) -> None:
    wrong = {"epochCount": 20, "learningRateMultiplier": 0.05, "batchsize": 4}
    found = problems(tmp_path, ("training.hyper_parameters", wrong))
    place = "training.hyper_parameters"
    assert found.keys() == {f"{place}.{name}" for name in wrong}
    assert says(found[f"{place}.epochCount"], 20, "1 to 10", "leave it out", 2)
    assert says(found[f"{place}.learningRateMultiplier"], "0.05", "0.1 to 2", "leave it out", 1)
    allowed = "batchSize, earlyStoppingPatience, earlyStoppingThreshold, epochCount, learningRateMultiplier"
    assert says(found[f"{place}.batchsize"], "Claude 3 Haiku", allowed, "batchSize?")


def test_does_not_judge_hyper_parameters_of_an_unknown_base_model(tmp_path: Path) -> None:
    unknown = ("training.base_model", "unknown")
    assert set(problems(tmp_path, unknown, ("training.hyper_parameters.x", 1))) == {"training.base_model"}


def test_refuses_early_stopping_without_validation_data(tmp_path: Path) -> None:
    early = {"epochCount": 2, "earlyStoppingThreshold": 0.01, "earlyStoppingPatience": 2}
    load(tmp_path, ("training.hyper_parameters", early))
    found = problems(tmp_path, ("training.hyper_parameters", early), ("data.validation", ABSENT))
    place = "training.hyper_parameters.earlyStopping"
    assert set(found) == {f"{place}Patience", f"{place}Threshold"}
    assert says(found[f"{place}Patience"], "validation", "remove")


def test_reports_every_problem_of_a_file_together(tmp_path: Path) -> None:
    wrong: list[tuple[str, Any]] = [
        ("name", "a--b"),
        ("region", "eu-west-1"),
        ("training.attempt", 0),
        ("training.hyper_parameters", {"epochCount": 20, "earlyStoppingPatience": 2}),
        ("data", {"train": {"path": "missing.jsonl"}}),
        ("serving.provisioned_throughput", {"commitment_duration": "OneMonth"}),
        ("tags", {"aws:x": "1"}),
        ("extra", 1),
    ]
    assert set(problems(tmp_path, *wrong, environment="Prod")) == {
        "folder name",
        "file name",
        "training.base_model",
        "training.attempt",
        "training.hyper_parameters.epochCount",
        "training.hyper_parameters.earlyStoppingPatience",
        "data.train.path",
        "serving.provisioned_throughput.model_units",
        "serving.provisioned_throughput.acknowledge_commitment",
        "tags.'aws:x'",
        "extra",
    }


def test_the_name_of_a_file_breaks_no_line(tmp_path: Path) -> None:
    write(tmp_path, changed(("name", "a\n")))
    with pytest.raises(SettingsError, match=r"a\\n\.toml': file name: ") as caught:
        load_model(tmp_path, "dev", "a\n")
    assert len(str(caught.value).splitlines()) == 1


def test_shows_the_file_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, changed(("name", "a--b")))
    with pytest.raises(SettingsError, match=r"^dev/a--b\.toml: file name: .*'a--b'"):
        load_model(tmp_path, "dev", "a--b")
