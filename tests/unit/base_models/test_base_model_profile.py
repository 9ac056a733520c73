"""Profiles: found by id, complete, and true to the documented ranges."""

from datetime import date
from decimal import Decimal

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.base_models import BaseModels, HyperParameterError, UnknownBaseModelError, base_model, profiles
from tests.support.messages import saying, says
from tests.support.profiles import fine_tuning
from tests.unit.settings.settings_files import HAIKU, NOVA_MICRO

COHERE = "cohere.command-text-v14:7:4k"
COHERE_LIGHT = "cohere.command-light-text-v14:7:4k"
LLAMA_SIZES = ("1-8b", "1-70b", "2-1b", "2-3b", "2-11b", "2-90b")

# Documented minimum, maximum and default: Bedrock user guide, "Custom model hyperparameters".
TABLES = {
    (HAIKU,): [
        ("epochCount", "1", "10", "2"),
        ("batchSize", "4", "256", "32"),
        ("learningRateMultiplier", "0.1", "2", "1"),
        ("earlyStoppingThreshold", "0", "0.1", "0.001"),
        ("earlyStoppingPatience", "1", "10", "2"),
    ],
    (NOVA_MICRO, "amazon.nova-lite-v1:0:300k", "amazon.nova-pro-v1:0:300k"): [
        ("epochCount", "1", "5", "2"),
        ("learningRate", "0.000001", "0.0001", "0.00001"),
        ("learningRateWarmupSteps", "0", "100", "10"),
    ],
    tuple(f"meta.llama3-{size}-instruct-v1:0:128k" for size in LLAMA_SIZES): [
        ("epochCount", "1", "10", "5"),
        ("batchSize", "1", "1", "1"),
        ("learningRate", "0.000005", "0.1", "0.0001"),
    ],
    ("amazon.titan-text-premier-v1:0",): [
        ("epochCount", "1", "5", "2"),
        ("batchSize", "1", "1", "1"),
        ("learningRate", "0.0000001", "0.00001", "0.000001"),
        ("learningRateWarmupSteps", "0", "20", "5"),
    ],
    ("amazon.titan-text-lite-v1:0:4k", "amazon.titan-text-express-v1:0:8k"): [
        ("epochCount", "1", "10", "5"),
        ("batchSize", "1", "64", "1"),
        ("learningRate", "0", "1", "0.00001"),
        ("learningRateWarmupSteps", "0", "250", "5"),
    ],
    (COHERE, COHERE_LIGHT): [
        ("epochCount", "1", "100", "1"),
        ("learningRate", "0.000005", "0.1", "0.00001"),
        ("earlyStoppingThreshold", "0", "0.1", "0.01"),
        ("earlyStoppingPatience", "1", "10", "6"),
        ("evalPercentage", "5", "50", "20"),
    ],
    (COHERE,): [("batchSize", "8", "8", "8")],
    (COHERE_LIGHT,): [("batchSize", "8", "32", "8")],
}
DOCUMENTED = [(model, *row) for models, rows in TABLES.items() for model in models for row in rows]


def refusal(base_model_id: str, name: str, value: object) -> str:
    with pytest.raises(HyperParameterError) as caught:
        base_model(base_model_id).canonical_hyper_parameters({name: value}, FINE_TUNING)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_profiles_are_sorted_by_id_and_hold_no_id_twice() -> None:
    ids = [profile.id for profile in profiles()]
    assert ids == sorted(set(ids))


def test_what_can_be_tuned_can_be_served_and_asked() -> None:
    tunable = [profile for profile in profiles() if profile.regions]
    assert len(tunable) == 12
    for profile in tunable:
        assert profile.serving_modes
        assert profile.invocation.converse
        assert profile.lifecycle


def test_says_of_models_that_no_region_tunes_any_more_only_what_is_established() -> None:
    gone = [profile for profile in profiles() if not profile.regions]
    assert {profile.id.partition(".")[0] for profile in gone} == {"amazon", "cohere"}
    assert all((profile.lifecycle, profile.serving_modes) == (None, ()) for profile in gone)


def test_documents_no_hyper_parameters_of_the_models_that_the_page_leaves_out() -> None:
    undocumented = {profile.name for profile in profiles() if not fine_tuning(profile).hyper_parameters.documented}
    assert undocumented == {"Amazon Nova 2 Lite", "Llama 3.3 70B Instruct"}


def test_every_model_knows_the_limits_of_the_account() -> None:
    assert {profile.account.custom_models_quota_code for profile in profiles()} == {"L-CB5B847D"}
    assert {profile.account.scheduled_customization_jobs for profile in profiles()} == {10}


def test_no_quota_of_one_model_is_that_of_another() -> None:
    sums = [fine_tuning(profile).data.records.sum_quota_code for profile in profiles()]
    bought = [profile.serving.provisioned_throughput for profile in profiles()]
    units = [serving.model_units_quota_code for serving in bought if serving]
    for codes in (sums, units):
        known = [code for code in codes if code]
        assert len(known) > 5
        assert len(known) == len(set(known))


def test_gives_data_limits_as_plain_json_values() -> None:
    limits = fine_tuning(base_model(HAIKU)).data.model_dump(mode="json")
    assert limits["records"]["train"] == {"min": 32, "max": 10_000}
    assert limits["tokens_per_record"]["max"] == 32_000
    assert limits["reserved_words"]["words"] == ["\nHuman:", "\nAssistant:"]


@pytest.mark.parametrize(
    ("base_model_id", "modes"),
    [
        (NOVA_MICRO, ("provisioned_throughput", "on_demand")),
        (HAIKU, ("provisioned_throughput",)),
        ("meta.llama3-1-8b-instruct-v1:0:128k", ("provisioned_throughput",)),
        ("meta.llama3-3-70b-instruct-v1:0:128k", ("on_demand",)),
    ],
)
def test_serves_in_the_modes_that_are_documented(base_model_id: str, modes: tuple[str, ...]) -> None:
    assert base_model(base_model_id).serving_modes == modes


@pytest.mark.parametrize("wrong", [HAIKU.removesuffix(":200k"), HAIKU.replace("200k", "48k"), HAIKU.upper()])
def test_proposes_the_closest_id_for_an_unknown_base_model(wrong: str) -> None:
    with pytest.raises(UnknownBaseModelError, match=saying(NOVA_MICRO, f"did you mean {HAIKU}")) as caught:
        base_model(wrong)
    told = str(caught.value)
    assert told.index(f"did you mean {HAIKU}") < told.index(NOVA_MICRO)


@pytest.mark.parametrize(("day", "is_named"), [(date(2024, 11, 15), True), (date(2026, 11, 23), False)])
def test_lists_the_ids_that_can_be_tuned_that_day_when_none_is_close(day: date, is_named: bool) -> None:
    with pytest.raises(UnknownBaseModelError, match=saying("gpt", "profile", NOVA_MICRO, "base-models.md")) as caught:
        BaseModels.shipped().of("gpt", day)
    assert (HAIKU in str(caught.value)) is is_named
    assert "titan" not in str(caught.value)


@pytest.mark.parametrize(("base_model_id", "name", "low", "high", "default"), DOCUMENTED)
def test_takes_the_documented_bounds_and_nothing_beyond(
    base_model_id: str, name: str, low: str, high: str, default: str
) -> None:
    profile = base_model(base_model_id)
    for inside in (low, high, default):
        assert profile.canonical_hyper_parameters({name: inside}, FINE_TUNING) == {name: inside}
    assert fine_tuning(profile).hyper_parameters.known[name].default == Decimal(default)
    step = Decimal("0.0000001")
    for outside in (Decimal(low) - step, Decimal(high) + step):
        message = refusal(base_model_id, name, outside)
        assert says(message, name, low, high)


def test_documents_no_other_hyper_parameters() -> None:
    assert len(DOCUMENTED) == len(set(DOCUMENTED))
    known = {(profile.id, name) for profile in profiles() for name in fine_tuning(profile).hyper_parameters.known}
    assert known == {(base_model_id, name) for base_model_id, name, *_ in DOCUMENTED}


def test_refuses_the_learning_rate_multiplier_of_a_well_known_sample_with_the_range() -> None:
    message = refusal(HAIKU, "learningRateMultiplier", "0.05")
    assert says(message, "learningRateMultiplier", "'0.05'", "0.1", 2, "leave it out", 1)


@pytest.mark.parametrize("value", [True, False, None, "two", "", " 2", "2 ", "٢", "1_0", "0x2", [2], {}, b"2"])
def test_refuses_what_is_not_a_number(value: object) -> None:
    assert says(refusal(HAIKU, "epochCount", value), "epochCount", 1, 10)


@pytest.mark.parametrize(
    "value", ["NaN", "-inf", "Infinity", float("nan"), float("inf"), Decimal("sNaN"), "1e99999999999999999999"]
)
def test_refuses_numbers_that_are_not_finite(value: object) -> None:
    assert says(refusal(HAIKU, "earlyStoppingThreshold", value), "earlyStoppingThreshold", 0, "0.1")


@pytest.mark.parametrize("value", [2.5, "2.5", Decimal("9.9999999999999999999999999999999999999")])
def test_refuses_a_fraction_for_an_integer(value: object) -> None:
    assert says(refusal(HAIKU, "epochCount", value), "epochCount", "whole", 1, 10)


@pytest.mark.parametrize("value", ["1e-999999999", 5e-324, Decimal("0.0" + "1" * 31)])
def test_refuses_more_decimal_places_than_a_value_can_need(value: object) -> None:
    assert says(refusal(HAIKU, "earlyStoppingThreshold", value), "earlyStoppingThreshold", 30)


def test_refuses_huge_numbers_in_one_short_line() -> None:
    for value in (10**5000, 2**129, "9" * 64, -(10**5000)):
        assert len(refusal(HAIKU, "epochCount", value)) < 250


@pytest.mark.parametrize(
    ("name", "spellings", "text"),
    [
        ("epochCount", [2, 2.0, "2", "2.0", "+2", "2e0", "0.2e1", Decimal("2.00")], "2"),
        ("epochCount", [10, "1e1", 1e1, Decimal("1E+1")], "10"),
        ("learningRateMultiplier", [1, 1.0, "1", "1.", "1.000", Decimal("1.0")], "1"),
        ("learningRateMultiplier", [0.1, "0.1", ".1", "1e-1", "1E-1", "0.10" + "0" * 40], "0.1"),
        ("earlyStoppingThreshold", [1e-05, "1e-5", "0.00001", "10e-6"], "0.00001"),
        ("earlyStoppingThreshold", [0, 0.0, -0.0, "-0", "0e-999999999", "0.000"], "0"),
        ("earlyStoppingThreshold", [1e-30, "1e-30"], "0." + "0" * 29 + "1"),
    ],
)
def test_spells_one_value_in_one_way(name: str, spellings: list[object], text: str) -> None:
    for value in spellings:
        assert base_model(HAIKU).canonical_hyper_parameters({name: value}, FINE_TUNING) == {name: text}


def test_sorts_by_name_and_adds_no_defaults() -> None:
    values = {"epochCount": 3, "batchSize": 8}
    canonical = base_model(HAIKU).canonical_hyper_parameters(values, FINE_TUNING)
    assert list(canonical.items()) == [("batchSize", "8"), ("epochCount", "3")]


def test_proposes_the_closest_name_for_an_unknown_hyper_parameter() -> None:
    message = refusal(HAIKU, "epoch_count", 2)
    assert says(message, "epoch_count", "Claude 3 Haiku", "batchSize", "epochCount?")
    assert says(refusal(HAIKU, "top\nsecret", 2), r"'top\nsecret'")


def test_proposes_the_known_name_that_an_unknown_one_begins_with() -> None:
    assert says(refusal(NOVA_MICRO, "learningRateMultiplier", 1), "mean learningRate?")


def test_reports_every_hyper_parameter_that_is_wrong() -> None:
    with pytest.raises(HyperParameterError) as caught:
        base_model(NOVA_MICRO).canonical_hyper_parameters({"epochCount": 6, "topK": 1}, FINE_TUNING)
    assert [name for name, _ in caught.value.problems] == ["epochCount", "topK"]
    assert len(str(caught.value).splitlines()) == 2


def test_tells_which_hyper_parameters_need_validation_data() -> None:
    names = ["epochCount", "earlyStoppingThreshold", "earlyStoppingPatience", "unheard"]
    expected = ("earlyStoppingPatience", "earlyStoppingThreshold")
    assert base_model(HAIKU).needing_validation_data(names, FINE_TUNING) == expected
    assert base_model(NOVA_MICRO).needing_validation_data(names, FINE_TUNING) == ()
