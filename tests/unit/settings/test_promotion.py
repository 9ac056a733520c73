"""`[promotion]`: a model of another environment, told by what it was trained from, and from where it may come."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from bedrock_lifecycle.contract.identity import training_id
from settings import SettingsError, load_environment
from tests.support.messages import says
from tests.unit.settings.promotion_files import DEV, INPUTS, KEY, written
from tests.unit.settings.settings_files import ABSENT, NOVA_MICRO, load_file, problems_of


def test_a_promoted_model_is_the_giving_environments(tmp_path: Path) -> None:
    model = load_file(written(tmp_path))
    assert model.promotion is not None
    assert (model.promotion.giver, model.training_id, model.promotion.attempt) == ("dev", training_id(INPUTS), 3)
    assert model.model_name == f"docstrings-dev-{training_id(INPUTS)}-3"
    assert model.training_name is None
    assert model.profile.id == NOVA_MICRO
    assert model.stack_kinds == ["Promotion", "Serving"]


@pytest.mark.parametrize(("prefix", "stack"), [(ABSENT, "bedrock-tuning-dev-Foundation"), ("a-", "a-dev-Foundation")])
def test_the_environment_knows_the_foundation_of_the_giving_one(tmp_path: Path, prefix: object, stack: str) -> None:
    dev = DEV if prefix is ABSENT else {**DEV, "stack_prefix": prefix}
    assert load_file(written(tmp_path, dev=dev)).environment.givers == {"dev": stack}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("base_model", "amazon.nova-lite-v1:0:300k"),
        ("train_sha256", "c" * 64),
        ("validation_sha256", "c" * 64),
        ("validation_sha256", ABSENT),
        ("hyper_parameters", {"epochCount": 3}),
        ("training", "0123456789ab-3"),
    ],
)
def test_refuses_a_training_that_is_not_of_these_inputs(tmp_path: Path, key: str, value: object) -> None:
    found = problems_of(written(tmp_path, (f"promotion.{key}", value)))
    assert set(found) == {"promotion.training"}
    assert says(*found.values(), "tune promote")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("training", "0123456789ab"),
        ("training", f"{training_id(INPUTS)}-0"),
        ("training", 3),
        ("train_sha256", "A" * 64),
        ("train_sha256", ABSENT),
        ("kms_key_arn", "alias/mine"),
        ("from", 1),
        ("from", ABSENT),
        ("attempt", 1),
    ],
)
def test_refuses_a_line_that_tune_promote_would_not_write(tmp_path: Path, key: str, value: object) -> None:
    assert set(problems_of(written(tmp_path, (f"promotion.{key}", value)))) == {f"promotion.{key}"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ([("training", {"base_model": NOVA_MICRO})], "training"),
        ([("data", {"train": {"path": "train.jsonl"}})], "data"),
        ([("serving", ABSENT)], "serving"),
        ([("serving.keep_models", 2)], "serving.keep_models"),
        ([("serving.base_model", NOVA_MICRO)], "serving.base_model"),
        (
            [("serving.model_arn", f"arn:aws:bedrock:us-east-1:111122223333:custom-model/{NOVA_MICRO}/abcdefghijkl")],
            "serving.model_arn",
        ),
        ([("promotion.from", "qa")], "promotion.from"),
        ([("allow.train", True)], "allow.train"),
        ([("allow.train", ABSENT)], "allow.train"),
        ([("allow.delete_models", True)], "allow.delete_models"),
        ([("allow.promote_from", ["staging"]), ("promotion.from", "staging")], "allow.promote_from"),
        ([("allow.promote_from", ["dev", "qa"])], "allow.promote_from"),
        ([("allow.promote_from", [])], "allow.promote_from"),
        ([("allow.promote_from", [1, "dev"])], "allow.promote_from"),
    ],
)
def test_refuses_what_does_not_go_together(tmp_path: Path, changes: list[tuple[str, object]], place: str) -> None:
    assert place in problems_of(written(tmp_path, *changes))


@pytest.mark.parametrize("elsewhere", [{"account": "999922223333"}, {"region": "us-west-2"}])
def test_refuses_a_model_of_another_account_or_region_and_says_what_remains(
    tmp_path: Path, elsewhere: Mapping[str, str]
) -> None:
    found = problems_of(written(tmp_path, dev={**DEV, **elsewhere}))
    assert set(found) == {"allow.promote_from"}
    assert says(*found.values(), *elsewhere.values(), "tune promote dev staging --again")


def test_refuses_a_folder_without_the_giving_environment(tmp_path: Path) -> None:
    found = problems_of(written(tmp_path, dev=None))
    assert set(found) == {"allow.promote_from"}
    assert says(*found.values(), "'dev'", "none")


OWN_KEY: Final[Mapping[str, Any]] = {**DEV, "organization": {"key_arn": KEY}}


def test_refuses_the_giving_environments_own_key_where_the_roles_may_not_use_it(tmp_path: Path) -> None:
    found = problems_of(written(tmp_path, dev=OWN_KEY))
    assert set(found) == {"promotion.kms_key_arn"}
    assert says(*found.values(), KEY, "dev", f'model_key_arns = ["{KEY}"]')


@pytest.mark.parametrize(
    ("changes", "dev"),
    [
        ([("allow.model_key_arns", [KEY])], OWN_KEY),
        ([("organization.key_arn", KEY)], OWN_KEY),
        ([], DEV),
        ([], {**OWN_KEY, "organization": {"key_arn": KEY.replace("1111", "9999")}}),
    ],
)
def test_a_key_that_is_named_here_or_made_there_is_taken(
    tmp_path: Path, changes: list[tuple[str, object]], dev: Mapping[str, Any]
) -> None:
    assert load_file(written(tmp_path, *changes, dev=dev)).promotion is not None


def test_a_giving_environment_that_cannot_be_read_says_nothing_of_its_key(tmp_path: Path) -> None:
    path = written(tmp_path, dev=OWN_KEY)
    (tmp_path / "dev" / "environment.toml").write_text("[organization", encoding="utf-8")
    assert set(problems_of(path)) == {"allow.promote_from"}


def test_a_giving_environment_that_does_not_say_where_it_is_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "dev" / "environment.toml").write_text('account = "1"\n', encoding="utf-8")
    assert says(problems_of(path)["allow.promote_from"], "dev", "environment.toml")


def test_models_of_the_giving_environment_may_be_wrong(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "dev" / "broken.toml").write_text("[training", encoding="utf-8")
    assert load_file(path).environment.givers.keys() == {"dev"}
    with pytest.raises(SettingsError):
        load_environment(tmp_path, "dev")
