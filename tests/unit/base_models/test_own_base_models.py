"""A team's own base models: a file beside the settings, and no code."""

from pathlib import Path

import pytest

from bedrock_tuning.base_models import BaseModels
from settings import SettingsError, load_environments
from tests.support.messages import says
from tests.unit.base_models.base_model_files import OWN, OWN_ID, write_base_model
from tests.unit.settings.settings_files import HAIKU, changed, load_file, problems_of, refused, training_of, write

OWN_SETTINGS = changed(
    ("region", "eu-central-1"), ("training.base_model", OWN_ID), ("training.hyper_parameters", {"epochCount": 3})
)


def test_an_environment_may_name_a_base_model_of_the_team(tmp_path: Path) -> None:
    write_base_model(tmp_path)
    path = write(tmp_path, OWN_SETTINGS)
    (environment,) = load_environments(tmp_path)
    for model in (load_file(path), *environment.models):
        training = training_of(model)
        assert model.profile == training.profile
        assert training.profile.name == "Acme Writer"
        assert training.profile.account.custom_models_quota_code == "L-CB5B847D"
        assert training.hyper_parameters == {"epochCount": "3"}
        assert {OWN_ID, HAIKU} <= {profile.id for profile in training.base_models}
    assert OWN_ID not in BaseModels.shipped()


def test_without_its_file_the_same_settings_are_refused(tmp_path: Path) -> None:
    assert set(problems_of(write(tmp_path, OWN_SETTINGS))) == {"training.base_model"}


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("region", "us-west-2", ["us-west-2", "Acme Writer", "https://example.com/regions", "eu-central-1"]),
        ("training.hyper_parameters.epochCount", 4, [4, "1 to 3"]),
        ("training.hyper_parameters.batchSize", 4, ["Acme Writer", "epochCount"]),
        ("training.base_model", "acme.writer-8b-v1:0:32k", [f"{OWN_ID}, amazon.nova", f"{OWN_ID}?"]),
    ],
)
def test_its_file_says_what_is_allowed(tmp_path: Path, key: str, value: object, named: list[object]) -> None:
    write_base_model(tmp_path)
    found = problems_of(write(tmp_path, changed((key, value), document=OWN_SETTINGS)))
    assert says(found["training.base_model" if key == "region" else key], *named)


def test_a_profile_that_is_wrong_is_reported_like_settings_that_are(tmp_path: Path) -> None:
    path = write_base_model(tmp_path, OWN.replace('source = "https://example.com/quotas"', 'sourse = "x"'))
    broken = write_base_model(tmp_path, "id = ", name="broken.toml")
    write(tmp_path, OWN_SETTINGS)
    lines = refused(tmp_path)
    table = "serving.provisioned_throughput"
    assert lines[0].startswith(f"{path}: {table}: ")
    assert says(lines[0], "no_commitment_model_units_quota_code", "source")
    assert any(line.startswith(f"{path}: {table}.sourse: ") for line in lines)
    assert any(line.startswith(f"{broken}: line 1: ") for line in lines)
    assert not [line for line in lines if "training.base_model" in line], "it is unknown only because its file is wrong"


def test_a_profile_that_is_wrong_stops_one_environment_too(tmp_path: Path) -> None:
    write_base_model(tmp_path, "id = ")
    with pytest.raises(SettingsError, match="TOML"):
        load_file(write(tmp_path, changed()))


def test_an_id_has_one_profile(tmp_path: Path) -> None:
    of_the_library = write_base_model(tmp_path, OWN.replace(OWN_ID, HAIKU).replace("acme.writer-7b-v1:0", HAIKU[:-5]))
    first = write_base_model(tmp_path, name="first.toml")
    second = write_base_model(tmp_path, name="second.toml")
    write(tmp_path, changed())
    in_the_library, in_first = refused(tmp_path)
    assert in_the_library.startswith(f"{of_the_library}: id: ")
    assert says(in_the_library, f"'{HAIKU}'", "bedrock_tuning/base_models", "remove")
    assert in_first.startswith(f"{second}: id: ")
    assert says(in_first, f"'{OWN_ID}'", first, "remove")


@pytest.mark.parametrize("word", ["", "\\n "])
def test_a_reserved_word_is_more_than_white_space(tmp_path: Path, word: str) -> None:
    write_base_model(tmp_path, OWN.replace('["<secret>"]', f'["<secret>", "{word}"]'))
    write(tmp_path, OWN_SETTINGS)
    (line,) = refused(tmp_path)
    assert ": customizations.FINE_TUNING.data.reserved_words.words[1]: " in line


def test_a_base_model_without_a_table_for_the_customization_type_is_refused_with_those_it_has(tmp_path: Path) -> None:
    write_base_model(tmp_path, OWN.replace("FINE_TUNING", "DISTILLATION"))
    found = problems_of(write(tmp_path, OWN_SETTINGS))
    assert found.keys() == {"training.customization_type"}
    assert says(found["training.customization_type"], "'FINE_TUNING'", "Acme Writer", "DISTILLATION")
