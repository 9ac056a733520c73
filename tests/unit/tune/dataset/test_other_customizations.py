"""Data for another way of customizing than fine-tuning: every command asks the base model for that way."""

from pathlib import Path
from typing import Final

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.base_models import BaseModels, base_model
from tests.support.messages import says
from tests.support.profiles import OTHER_WAY, customized_otherwise_too
from tests.unit.settings.settings_files import changed, load_file, training_of
from tests.unit.settings.settings_files import write as write_settings
from tests.unit.tune.dataset.data import HAIKU, pair, run, write
from tune.dataset.checking import checked, measured
from tune.dataset.epochs import epochs_of
from tune.dataset.formats import other_format
from tune.dataset.shares import out_of_bounds
from tune.dataset.split import warnings_of
from tune.dataset.subject import Rules, rules_of_model

PROFILE: Final = customized_otherwise_too(base_model(HAIKU))
FINE_TUNED: Final = Rules(PROFILE, FINE_TUNING)
OTHERWISE: Final = Rules(PROFILE, OTHER_WAY)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return write(tmp_path / "train.jsonl", pair(1), pair(2))


def test_the_rules_of_a_model_are_those_of_the_way_that_it_names(tmp_path: Path) -> None:
    model = load_file(write_settings(tmp_path, changed()))
    training = training_of(model).model_copy(update={"customization_type": OTHER_WAY})
    assert rules_of_model(model).customization_type == FINE_TUNING
    assert rules_of_model(model.model_copy(update={"training": training})).customization_type == OTHER_WAY


def test_its_format_and_its_numbers_of_records_are_checked(pairs: Path) -> None:
    assert OTHERWISE.record_format is RecordFormat.PROMPT_COMPLETION
    assert checked({"train": pairs}, OTHERWISE)["train"].report.accepted
    assert not checked({"train": pairs}, FINE_TUNED)["train"].report.accepted
    assert len(measured({"train": pairs}, OTHERWISE)) == 1
    assert other_format(pairs, OTHERWISE) is None
    assert other_format(pairs, FINE_TUNED)


def test_its_bounds_and_its_use_of_validation_data_are_told_of_a_split(pairs: Path) -> None:
    assert list(out_of_bounds({"train": 2, "validation": 2}, OTHERWISE)) == []
    (told,) = warnings_of(pairs, {"train": 2, "validation": 2}, OTHERWISE)
    assert told == OTHERWISE.unused_validation
    assert FINE_TUNED.unused_validation is None
    assert len(list(out_of_bounds({"train": 4}, OTHERWISE))) == 2


def test_its_default_epochs_are_counted() -> None:
    passes = epochs_of(None, OTHERWISE)
    assert passes is not None
    assert passes.count == 7


def test_a_base_model_alone_is_that_of_a_fine_tuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only = PROFILE.model_copy(update={"customizations": {OTHER_WAY: PROFILE.customization(OTHER_WAY)}})
    monkeypatch.setattr(BaseModels, "of", lambda _known, _id: only)
    result = run("check", write(tmp_path / "any.jsonl", pair()), "--base-model", HAIKU)
    assert (result.exit_code, says(result.stderr, "--base-model", FINE_TUNING, OTHER_WAY)) == (2, True)
