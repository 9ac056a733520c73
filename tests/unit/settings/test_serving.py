"""Serving: each way has its own bill, so everything about it is asked for and nothing is assumed."""

from pathlib import Path

import pytest

from bedrock_tuning.base_models import BaseModels, base_model
from settings import Model
from tests.support.messages import saying, says
from tests.unit.settings.settings_files import ABSENT, NOVA_MICRO, changed, load_file, problems, write

PURCHASE = "serving.provisioned_throughput"


def load(folder: Path, *changes: tuple[str, object]) -> Model:
    return load_file(write(folder, changed(*changes)))


def test_refuses_a_serving_mode_that_the_base_model_does_not_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nova = base_model(NOVA_MICRO)
    serving = nova.serving.model_copy(update={"provisioned_throughput": None})
    only_on_demand = nova.model_copy(update={"serving": serving})
    monkeypatch.setattr(BaseModels, "shipped", lambda: BaseModels([only_on_demand]))
    nova_there = (("training.base_model", NOVA_MICRO), ("region", "us-east-1"))
    found = problems(tmp_path, *nova_there)
    assert set(found) == {"serving.provisioned_throughput"}
    assert says(*found.values(), "Amazon Nova Micro", "on_demand", "base model", "us-east-1")
    load(tmp_path, *nova_there, ("serving", ABSENT))


@pytest.mark.parametrize("duration", ["OneMonth", "SixMonths"])
def test_takes_a_commitment_that_is_acknowledged(tmp_path: Path, duration: str) -> None:
    acknowledged = (f"{PURCHASE}.acknowledge_commitment", duration)
    model = load(tmp_path, (f"{PURCHASE}.commitment_duration", duration), acknowledged)
    assert model.serving is not None
    assert model.serving.provisioned_throughput is not None
    assert model.serving.provisioned_throughput.commitment_duration == duration


@pytest.mark.parametrize(
    ("duration", "acknowledgement", "named"),
    [
        ("OneMonth", ABSENT, ['"OneMonth"', "repeat"]),
        ("OneMonth", "SixMonths", ["'SixMonths'", '"OneMonth"']),
        ("SixMonths", "sixmonths", ["'sixmonths'", '"SixMonths"']),
        ("SixMonths", True, ["true", '"SixMonths"']),
        (ABSENT, "OneMonth", ["commitment_duration"]),
    ],
)
def test_refuses_a_commitment_that_is_not_acknowledged(
    tmp_path: Path, duration: object, acknowledgement: object, named: list[str]
) -> None:
    given_values = {"model_units": 1, "commitment_duration": duration, "acknowledge_commitment": acknowledgement}
    table = {key: value for key, value in given_values.items() if value is not ABSENT}
    found = problems(tmp_path, (PURCHASE, table))
    assert set(found) == {f"{PURCHASE}.acknowledge_commitment"}
    assert says(*found.values(), *named)


@pytest.mark.parametrize("duration", ["OneYear", "onemonth", 1])
def test_refuses_an_unknown_commitment_without_asking_to_acknowledge_it(tmp_path: Path, duration: object) -> None:
    found = problems(tmp_path, (f"{PURCHASE}.commitment_duration", duration))
    assert set(found) == {f"{PURCHASE}.commitment_duration"}
    assert says(*found.values(), "OneMonth, SixMonths")


NOVA_THERE = (("training", {"base_model": NOVA_MICRO}), ("region", "us-east-1"))
GIVEN_ARN = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
GIVEN = {"model_arn": GIVEN_ARN, "base_model": NOVA_MICRO, "on_demand": {}}
GIVEN_THERE = (("training", ABSENT), ("data", ABSENT), ("region", "us-east-1"))


def on_demand() -> tuple[str, object]:
    return "serving", {"on_demand": {}}


def given(**changes: object) -> tuple[str, object]:
    """Return the change to a model that is given; ABSENT takes a key out."""
    return "serving", {key: value for key, value in (GIVEN | changes).items() if value is not ABSENT}


def test_takes_on_demand_without_anything_to_say_about_it(tmp_path: Path) -> None:
    model = load(tmp_path, *NOVA_THERE, on_demand())
    assert model.serving is not None
    assert model.serving.on_demand is not None
    assert model.serving.provisioned_throughput is None


def test_trains_only_without_serving(tmp_path: Path) -> None:
    assert load(tmp_path, ("serving", ABSENT)).serving is None


@pytest.mark.parametrize("table", [{}, {"keep_models": 3}])
def test_refuses_serving_without_a_way_to_serve(tmp_path: Path, table: dict[str, object]) -> None:
    found = problems(tmp_path, ("serving", table))
    assert found.keys() == {"serving"}
    assert says(*found.values(), "[serving.on_demand]", "[serving.provisioned_throughput]", "add", "[serving]")


def test_refuses_two_ways_to_serve(tmp_path: Path) -> None:
    both = {"on_demand": {}, "provisioned_throughput": {"model_units": 1}}
    found = problems(tmp_path, *NOVA_THERE, ("serving", both))
    assert set(found) == {"serving"}
    assert says(found["serving"], "[serving.on_demand]", "[serving.provisioned_throughput]", "remove")


def test_refuses_on_demand_for_a_base_model_without_it(tmp_path: Path) -> None:
    found = problems(tmp_path, on_demand())
    assert found.keys() == {"serving.on_demand"}
    assert says(*found.values(), "Claude 3 Haiku", "provisioned_throughput", "base model")


def test_refuses_on_demand_in_a_region_without_it(tmp_path: Path) -> None:
    elsewhere = GIVEN_ARN.replace("us-east-1", "eu-west-1")
    found = problems(tmp_path, *GIVEN_THERE, ("region", "eu-west-1"), given(model_arn=elsewhere))
    assert found.keys() == {"serving.on_demand"}
    assert says(*found.values(), "Amazon Nova Micro", "eu-west-1", "us-east-1")


@pytest.mark.parametrize("key", ["serving.on_demand.description", "serving.on_demand.model_units"])
def test_takes_nothing_about_on_demand(tmp_path: Path, key: str) -> None:
    found = problems(tmp_path, *NOVA_THERE, on_demand(), (key, 1))
    assert found.keys() == {key}
    assert says(found[key], "remove")


def test_refuses_on_demand_that_is_no_table(tmp_path: Path) -> None:
    found = problems(tmp_path, *NOVA_THERE, ("serving", {"on_demand": True}))
    assert found.keys() == {"serving.on_demand"}
    assert says(*found.values(), "true", "table", "[serving.on_demand]")


# A model that is there already.


def test_serves_a_model_that_is_given_and_trains_nothing(tmp_path: Path) -> None:
    model = load(tmp_path, *GIVEN_THERE, given())
    assert model.serving is not None
    assert model.serving.model_arn == GIVEN_ARN
    assert (model.training, model.data) == (None, None)
    assert model.profile.id == NOVA_MICRO
    with pytest.raises(ValueError, match=saying("docstrings", "dev")):
        _ = model.training_id


def test_serves_a_given_model_where_its_base_cannot_be_tuned(tmp_path: Path) -> None:
    elsewhere = GIVEN_ARN.replace("us-east-1", "eu-west-1")
    bought = given(model_arn=elsewhere, on_demand=ABSENT, provisioned_throughput={"model_units": 1})
    assert load(tmp_path, *GIVEN_THERE, ("region", "eu-west-1"), bought).environment.region == "eu-west-1"


@pytest.mark.parametrize("base_model", ["imported", "amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0:128k"])
def test_takes_a_given_model_whose_arn_does_not_rule_its_base_model_out(tmp_path: Path, base_model: str) -> None:
    arn = f"arn:aws:bedrock:us-east-1:111122223333:custom-model/{base_model}/abcdefghijkl"
    load(tmp_path, *GIVEN_THERE, given(model_arn=arn))


@pytest.mark.parametrize("base_model", ["amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0:128k"])
def test_takes_the_base_model_of_a_given_model_from_its_arn(tmp_path: Path, base_model: str) -> None:
    arn = GIVEN_ARN.replace(NOVA_MICRO, base_model)
    model = load(tmp_path, *GIVEN_THERE, given(model_arn=arn, base_model=ABSENT))
    assert model.profile.id == NOVA_MICRO
    assert model.serving is not None
    assert model.serving.base_model == NOVA_MICRO


def test_the_base_model_of_an_arn_is_judged_like_a_named_one(tmp_path: Path) -> None:
    arn = GIVEN_ARN.replace(NOVA_MICRO, "meta.llama3-1-8b-instruct-v1:0:128k")
    found = problems(tmp_path, *GIVEN_THERE, given(model_arn=arn, base_model=ABSENT))
    assert says(found["serving.on_demand"], "Llama 3.1 8B Instruct")


@pytest.mark.parametrize(
    ("changes", "place", "named"),
    [
        (
            (given(base_model=ABSENT, model_arn=GIVEN_ARN.replace("amazon.nova-micro-v1:0:128k", "imported")),),
            "serving.base_model",
            ["ARN", "profile"],
        ),
        (
            (given(base_model=ABSENT, model_arn=GIVEN_ARN.replace("micro", "unheard")),),
            "serving.base_model",
            ["ARN", "profile"],
        ),
        ((given(keep_models=3),), "serving.keep_models", ["serving.model_arn", "remove"]),
        (
            (given(), ("data", {"train": {"path": "train.jsonl"}})),
            "data",
            ["serving.model_arn", "remove"],
        ),
        (
            (given(model_arn=GIVEN_ARN.replace("us-east-1", "us-west-2")),),
            "serving.model_arn",
            ["'us-west-2'", "'us-east-1'", "train", "region"],
        ),
        (
            (given(model_arn=GIVEN_ARN.replace("111122223333", "444455556666")),),
            "serving.model_arn",
            ["'444455556666'", "'111122223333'", "train", "account"],
        ),
        (
            (given(model_arn=GIVEN_ARN.replace("micro", "lite")),),
            "serving.base_model",
            [f"'{NOVA_MICRO}'", "amazon.nova-lite-v1:0:128k", "correct"],
        ),
    ],
)
def test_refuses_what_does_not_go_with_a_given_model(
    tmp_path: Path, changes: tuple[tuple[str, object], ...], place: str, named: list[str]
) -> None:
    found = problems(tmp_path, *GIVEN_THERE, *changes)
    assert found.keys() == {place}
    assert says(found[place], *named)


def test_refuses_training_beside_a_given_model(tmp_path: Path) -> None:
    found = problems(tmp_path, ("region", "us-east-1"), ("data", ABSENT), ("training.base_model", NOVA_MICRO), given())
    assert set(found) == {"training"}
    assert says(found["training"], "serving.model_arn", "remove")


def test_refuses_a_base_model_in_serving_without_a_given_model(tmp_path: Path) -> None:
    found = problems(tmp_path, *NOVA_THERE, ("serving", {"on_demand": {}, "base_model": NOVA_MICRO}))
    assert found.keys() == {"serving.base_model"}
    assert says(*found.values(), "serving.model_arn", "remove", "[training]")


@pytest.mark.parametrize(
    ("arn", "named"),
    [
        (7, ["7", "quotes"]),
        ("any-model", ["'any-model'", "arn:aws:bedrock:<Region>"]),
        (GIVEN_ARN.replace("custom-model/", "custom-model-deployment/"), ["arn:aws:bedrock:<Region>"]),
        (GIVEN_ARN + "m", ["arn:aws:bedrock:<Region>"]),
        (GIVEN_ARN + "\n", ["arn:aws:bedrock:<Region>"]),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0", ["arn:aws:bedrock:<Region>"]),
    ],
)
def test_refuses_what_is_no_arn_of_a_custom_model(tmp_path: Path, arn: object, named: list[str]) -> None:
    found = problems(tmp_path, *GIVEN_THERE, given(model_arn=arn))
    assert set(found) == {"serving.model_arn"}
    assert says(found["serving.model_arn"], *named)


# Models under other keys.

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
ELSEWHERE = KEY.replace("us-east-1", "eu-west-1")


def model_keys_of(folder: Path, *changes: tuple[str, object]) -> tuple[str, ...]:
    return load(folder, *changes).environment.allow.model_key_arns


@pytest.mark.parametrize("keys", [[KEY], [KEY, KEY.replace("1111-", "2222-")]])
def test_takes_further_keys_for_a_given_model_and_for_one_that_is_trained(tmp_path: Path, keys: list[str]) -> None:
    further = ("allow.model_key_arns", keys)
    assert model_keys_of(tmp_path, *GIVEN_THERE, given(), further) == tuple(keys)
    assert model_keys_of(tmp_path, *NOVA_THERE, on_demand(), further) == tuple(keys)


def test_serves_models_of_no_further_key_unless_told(tmp_path: Path) -> None:
    assert model_keys_of(tmp_path) == ()


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        (KEY, ["list", "1 to 10", "brackets"]),
        ([], [0, "1 to 10", "leave it out"]),
        ([KEY, KEY], ["1 to 10", "twice", "remove"]),
        ([f"{KEY[:-2]}{number}" for number in range(10, 21)], ["1 to 10"]),
        (["alias/team"], ["'alias/team'", "arn:aws:kms:<region>:<account>:key/<id>"]),
        ([1], [1, "arn:aws:kms:<region>:<account>:key/<id>"]),
        ([KEY, ELSEWHERE], ["eu-west-1", "us-east-1"]),
    ],
)
def test_refuses_further_keys_that_cannot_be_meant(tmp_path: Path, keys: object, named: list[object]) -> None:
    found = problems(tmp_path, *GIVEN_THERE, given(), ("allow.model_key_arns", keys))
    assert found.keys() == {"allow.model_key_arns"}
    assert says(found["allow.model_key_arns"], *named)
