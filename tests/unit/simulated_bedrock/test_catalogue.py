"""The catalogue: it agrees with the profiles that the checks before a job use, and takes models from other files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bedrock_tuning.base_models import BaseModelProfile, profiles
from sandbox.bedrock.catalogue import FINE_TUNING, FoundationModel, LifecycleDates, load_catalogue
from tests.support.messages import saying
from tests.support.profiles import fine_tuning
from tests.unit.simulated_bedrock.scenario import HAIKU_TUNABLE, TRAIN_KEY, Account, claude_record, records

REGIONS = ("us-east-1", "us-west-2")
EARLY = datetime(2024, 11, 15, tzinfo=UTC)
DIALECTS = {
    "claude": "anthropic_messages",
    "nova": "nova_messages",
    "llama": "llama_prompt",
    "titan": "titan_text",
    "cohere": "cohere_prompt",
}

OWN = """
[[models]]
id = "acme.writer-v1:0"
name = "Writer"
provider = "Acme"
dialect = "nova"
converse = "chat"
input_modalities = ["TEXT"]
regions = ["us-west-2"]
inference_types = ["ON_DEMAND"]
variants = [{ suffix = "8k", inference_types = ["PROVISIONED"], tunable_in = ["us-west-2"] }]

[models.recipe]
record_format = "messages"
train_records = [2, 4]
"""


def found(profile: BaseModelProfile, region: str) -> FoundationModel | None:
    return load_catalogue().find(profile.id, region, EARLY)


def catalogued(profile: BaseModelProfile) -> FoundationModel:
    model = next(filter(None, (found(profile, region) for region in REGIONS)), None)
    assert model, f"{profile.id} is not in the catalogue"
    return model


@pytest.fixture(params=profiles(), ids=lambda profile: str(profile.id))
def profile(request: pytest.FixtureRequest) -> BaseModelProfile:
    each: BaseModelProfile = request.param
    return each


def test_tunes_where_the_profile_says(profile: BaseModelProfile) -> None:
    tunable = [region for region in REGIONS if (model := found(profile, region)) and model.customizations(region)]
    # Where no Region is listed any more, the simulation's are an assumption.
    assert tunable == (list(profile.regions) or list(REGIONS))


def test_serves_as_the_profile_says(profile: BaseModelProfile) -> None:
    model = catalogued(profile)
    assert model.deployable_in == set(profile.regions if profile.serving.on_demand else ())
    if profile.serving_modes:
        assert ("PROVISIONED" in model.inference_types) == (profile.serving.provisioned_throughput is not None)


def test_has_the_dates_of_the_profile(profile: BaseModelProfile) -> None:
    model, lifecycle = catalogued(profile).lifecycle, profile.lifecycle
    if not profile.regions:
        assert model == LifecycleDates(end_of_life=datetime(2026, 11, 23, tzinfo=UTC)), (
            "an assumption of the simulation"
        )
        return
    legacy = lifecycle and (lifecycle.legacy or (lifecycle.as_of if lifecycle.status == "legacy" else None))
    dates = (legacy, lifecycle.end_of_life, lifecycle.public_extended_access) if lifecycle else (None, None, None)
    known = (model.legacy, model.end_of_life, model.public_extended_access)
    assert tuple(each and each.date() for each in known) == dates


def test_asks_of_data_what_the_profile_says(profile: BaseModelProfile) -> None:
    recipe, data = catalogued(profile).recipe, fine_tuning(profile).data
    assert recipe.record_format == data.format
    for bounds, limits in (
        (recipe.train_records, data.records.train),
        (recipe.validation_records, data.records.validation),
        (recipe.total_records, data.records.sum),
    ):
        assert bounds == (limits.min or 1, limits.max)
    tokens = (recipe.max_record_tokens, recipe.max_input_tokens, recipe.max_output_tokens)
    assert tokens == (data.tokens_per_record.max, data.tokens_per_input.max, data.tokens_per_output.max)
    words = data.reserved_words
    assert recipe.reserved_words == (words.words if words else ())
    assert recipe.reserved_in == set(words.roles if words else ())


def test_takes_the_hyper_parameters_of_the_profile(profile: BaseModelProfile) -> None:
    known = catalogued(profile).recipe.hyper_parameters
    if not fine_tuning(profile).hyper_parameters.documented:
        assert known is None
        return
    assert known
    documented = fine_tuning(profile).hyper_parameters.known
    assert known.keys() == documented.keys() | set(fine_tuning(profile).hyper_parameters.seen)
    assert {name: (each.kind, each.minimum, each.maximum, each.default) for name, each in known.items()}.items() >= {
        name: (each.type, each.min, each.max, each.default) for name, each in documented.items()
    }.items()


def test_is_asked_as_the_profile_says(profile: BaseModelProfile) -> None:
    model = catalogued(profile)
    assert profile.invocation.format in (DIALECTS[model.dialect], "converse")
    assert model.converse == profile.invocation.converse


def test_takes_a_model_from_another_file_and_trains_on_it(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(OWN, encoding="utf-8")
    account = Account(catalogue=load_catalogue(path))
    account.put(TRAIN_KEY, records(3, claude_record))
    changes: dict[str, Any] = {"baseModelIdentifier": "acme.writer-v1:0:8k", "validationDataConfig": None}
    model = account.tuned_model(**changes, hyperParameters={"epochCount": "3", "schedule": "cosine"})
    assert ":custom-model/acme.writer-v1:0:8k/" in model
    offered = account.bedrock.list_foundation_models(byCustomizationType=FINE_TUNING)["modelSummaries"]
    assert {"acme.writer-v1:0:8k", HAIKU_TUNABLE} <= {each["modelId"] for each in offered}
    account.put(TRAIN_KEY, records(5, claude_record))
    account.create_job("too-many", **changes, hyperParameters={})
    account.pass_time()
    assert "holds 5 records, between 2 and 4 are required" in account.job("too-many")["failureMessage"]


@pytest.mark.parametrize("epochs", ["0", "many", "1001"])
def test_an_undocumented_model_must_still_be_told_a_number_of_epochs(tmp_path: Path, epochs: str) -> None:
    path = tmp_path / "acme.toml"
    path.write_text(OWN, encoding="utf-8")
    account = Account(catalogue=load_catalogue(path))
    with pytest.raises(account.bedrock.exceptions.ValidationException, match=saying("epochCount", "integer")):
        account.create_job(baseModelIdentifier="acme.writer-v1:0:8k", hyperParameters={"epochCount": epochs})
