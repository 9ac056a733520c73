"""Serving: each way has its own bill, so everything about it is asked for and nothing is assumed."""

from pathlib import Path

import pytest

from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from stacks.settings import Environment, load_environment
from tests.settings.settings_files import ABSENT, NOVA_MICRO, changed, problems_of, write

PURCHASE = "serving.provisioned_throughput"


def load(folder: Path, *changes: tuple[str, object]) -> Environment:
    return load_environment(write(folder, changed(*changes)))


def problems(folder: Path, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(write(folder, changed(*changes)))


def test_refuses_a_serving_mode_that_the_base_model_does_not_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nova = BaseModelProfile.of(NOVA_MICRO)
    serving = nova.serving.model_copy(update={"provisioned_throughput": None})
    only_on_demand = nova.model_copy(update={"serving": serving})
    monkeypatch.setattr(BaseModels, "shipped", lambda: BaseModels([only_on_demand]))
    nova_there = (("training.base_model", NOVA_MICRO), ("region", "us-east-1"))
    found = problems(tmp_path, *nova_there)
    assert set(found) == {"serving.provisioned_throughput"}
    assert found["serving.provisioned_throughput"] == (
        "is not documented for Amazon Nova Micro; allowed on_demand; leave it out, or use another base model; "
        "no other base model for us-east-1: none in any Region"
    )
    load(tmp_path, *nova_there, ("serving", ABSENT))


@pytest.mark.parametrize("duration", ["OneMonth", "SixMonths"])
def test_takes_a_commitment_that_is_acknowledged(tmp_path: Path, duration: str) -> None:
    acknowledged = (f"{PURCHASE}.acknowledge_commitment", duration)
    environment = load(tmp_path, (f"{PURCHASE}.commitment_duration", duration), acknowledged)
    assert environment.serving is not None
    assert environment.serving.provisioned_throughput is not None
    assert environment.serving.provisioned_throughput.commitment_duration == duration


@pytest.mark.parametrize(
    ("duration", "acknowledgement", "expected"),
    [
        ("OneMonth", ABSENT, 'is missing; allowed "OneMonth"; repeat it'),
        ("OneMonth", "SixMonths", "'SixMonths' is not the commitment; allowed \"OneMonth\""),
        ("SixMonths", "sixmonths", "'sixmonths' is not the commitment; allowed \"SixMonths\""),
        ("SixMonths", True, 'true is not the commitment; allowed "SixMonths"'),
        (ABSENT, "OneMonth", "acknowledges a commitment that commitment_duration does not ask for"),
    ],
)
def test_refuses_a_commitment_that_is_not_acknowledged(
    tmp_path: Path, duration: object, acknowledgement: object, expected: str
) -> None:
    given_values = {"model_units": 1, "commitment_duration": duration, "acknowledge_commitment": acknowledgement}
    table = {key: value for key, value in given_values.items() if value is not ABSENT}
    found = problems(tmp_path, (PURCHASE, table))
    assert set(found) == {f"{PURCHASE}.acknowledge_commitment"}
    assert expected in found[f"{PURCHASE}.acknowledge_commitment"]


@pytest.mark.parametrize("duration", ["OneYear", "onemonth", 1])
def test_refuses_an_unknown_commitment_without_asking_to_acknowledge_it(tmp_path: Path, duration: object) -> None:
    found = problems(tmp_path, (f"{PURCHASE}.commitment_duration", duration))
    assert set(found) == {f"{PURCHASE}.commitment_duration"}
    assert "allowed OneMonth, SixMonths" in found[f"{PURCHASE}.commitment_duration"]


NOVA_THERE = (("training", {"base_model": NOVA_MICRO}), ("region", "us-east-1"))
SOME_BASE_MODEL = next(profile.id for profile in BaseModels.shipped() if profile.regions)
GIVEN_ARN = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
GIVEN = {"model_arn": GIVEN_ARN, "base_model": NOVA_MICRO, "on_demand": {}}
GIVEN_THERE = (("training", ABSENT), ("data", ABSENT), ("region", "us-east-1"))


def on_demand() -> tuple[str, object]:
    return "serving", {"on_demand": {}}


def given(**changes: object) -> tuple[str, object]:
    """Return the change to a model that is given; ABSENT takes a key out."""
    return "serving", {key: value for key, value in (GIVEN | changes).items() if value is not ABSENT}


def test_takes_on_demand_without_anything_to_say_about_it(tmp_path: Path) -> None:
    environment = load(tmp_path, *NOVA_THERE, on_demand())
    assert environment.serving is not None
    assert environment.serving.on_demand is not None
    assert environment.serving.provisioned_throughput is None


def test_trains_only_without_serving(tmp_path: Path) -> None:
    assert load(tmp_path, ("serving", ABSENT)).serving is None


@pytest.mark.parametrize("table", [{}, {"keep_models": 3}])
def test_refuses_serving_without_a_way_to_serve(tmp_path: Path, table: dict[str, object]) -> None:
    assert problems(tmp_path, ("serving", table)) == {
        "serving": "names no way to serve; allowed [serving.on_demand], paid by the token, or "
        "[serving.provisioned_throughput], billed by the hour; add one of them, or leave [serving] out"
    }


def test_refuses_two_ways_to_serve(tmp_path: Path) -> None:
    both = {"on_demand": {}, "provisioned_throughput": {"model_units": 1}}
    found = problems(tmp_path, *NOVA_THERE, ("serving", both))
    assert set(found) == {"serving"}
    assert found["serving"].startswith("names two ways to serve; allowed [serving.on_demand]")
    assert found["serving"].endswith("remove one of them")


def test_refuses_on_demand_for_a_base_model_without_it(tmp_path: Path) -> None:
    found = problems(tmp_path, on_demand())
    assert found.keys() == {"serving.on_demand"}
    assert found["serving.on_demand"].startswith(
        "is not documented for Claude 3 Haiku; allowed provisioned_throughput; leave it out, or use another base model"
    )


def test_refuses_on_demand_in_a_region_without_it(tmp_path: Path) -> None:
    elsewhere = GIVEN_ARN.replace("us-east-1", "eu-west-1")
    found = problems(tmp_path, *GIVEN_THERE, ("region", "eu-west-1"), given(model_arn=elsewhere))
    assert found.keys() == {"serving.on_demand"}
    assert found["serving.on_demand"].startswith("is not offered for Amazon Nova Micro in eu-west-1 (source: ")
    assert "; allowed us-east-1; " in found["serving.on_demand"]


@pytest.mark.parametrize("key", ["serving.on_demand.description", "serving.on_demand.model_units"])
def test_takes_nothing_about_on_demand(tmp_path: Path, key: str) -> None:
    found = problems(tmp_path, *NOVA_THERE, on_demand(), (key, 1))
    assert found == {key: "is not a key here; allowed none; remove it"}


def test_refuses_on_demand_that_is_no_table(tmp_path: Path) -> None:
    found = problems(tmp_path, *NOVA_THERE, ("serving", {"on_demand": True}))
    assert found == {"serving.on_demand": "true is not a table; allowed a table; write [serving.on_demand]"}


# A model that is there already.


def test_serves_a_model_that_is_given_and_trains_nothing(tmp_path: Path) -> None:
    environment = load(tmp_path, *GIVEN_THERE, given())
    assert environment.serving is not None
    assert environment.serving.model_arn == GIVEN_ARN
    assert (environment.training, environment.data) == (None, None)
    assert environment.profile.id == NOVA_MICRO
    with pytest.raises(ValueError, match="environment dev trains nothing"):
        _ = environment.training_id


def test_serves_a_given_model_where_its_base_cannot_be_tuned(tmp_path: Path) -> None:
    elsewhere = GIVEN_ARN.replace("us-east-1", "eu-west-1")
    bought = given(model_arn=elsewhere, on_demand=ABSENT, provisioned_throughput={"model_units": 1})
    assert load(tmp_path, *GIVEN_THERE, ("region", "eu-west-1"), bought).region == "eu-west-1"


@pytest.mark.parametrize("base_model", ["imported", "amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0:128k"])
def test_takes_a_given_model_whose_arn_does_not_rule_its_base_model_out(tmp_path: Path, base_model: str) -> None:
    arn = f"arn:aws:bedrock:us-east-1:111122223333:custom-model/{base_model}/abcdefghijkl"
    load(tmp_path, *GIVEN_THERE, given(model_arn=arn))


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        (
            (given(base_model=ABSENT),),
            "serving.base_model",
            f'is missing, and nothing stands in for it; add it, for example base_model = "{SOME_BASE_MODEL}"',
        ),
        (
            (given(keep_models=3),),
            "serving.keep_models",
            (
                "is about models that are trained here, and serving.model_arn gives one that is never deleted; allowed "
                "without model_arn; remove the line"
            ),
        ),
        (
            (given(), ("data", {"train": {"path": "train.jsonl"}})),
            "data",
            (
                "has no effect, since serving.model_arn gives a model that is there already; allowed one of the two; "
                "remove the table, or model_arn"
            ),
        ),
        (
            (given(model_arn=GIVEN_ARN.replace("us-east-1", "us-west-2")),),
            "serving.model_arn",
            (
                "is a model of region 'us-west-2'; allowed this environment's, 'us-east-1'; copy the model there "
                "first, or correct region"
            ),
        ),
        (
            (given(model_arn=GIVEN_ARN.replace("111122223333", "444455556666")),),
            "serving.model_arn",
            (
                "is a model of account '444455556666'; allowed this environment's, '111122223333'; copy the model "
                "there first, or correct account"
            ),
        ),
        (
            (given(model_arn=GIVEN_ARN.replace("micro", "lite")),),
            "serving.base_model",
            (
                f"'{NOVA_MICRO}' is not what the model was tuned from; allowed amazon.nova-lite-v1:0:128k, as its ARN "
                "says; correct one of the two"
            ),
        ),
    ],
)
def test_refuses_what_does_not_go_with_a_given_model(
    tmp_path: Path, changes: tuple[tuple[str, object], ...], place: str, message: str
) -> None:
    assert problems(tmp_path, *GIVEN_THERE, *changes) == {place: message}


def test_refuses_training_beside_a_given_model(tmp_path: Path) -> None:
    found = problems(tmp_path, ("region", "us-east-1"), ("data", ABSENT), ("training.base_model", NOVA_MICRO), given())
    assert set(found) == {"training"}
    assert found["training"].startswith("has no effect, since serving.model_arn gives a model that is there already")


def test_refuses_a_base_model_in_serving_without_a_given_model(tmp_path: Path) -> None:
    found = problems(tmp_path, *NOVA_THERE, ("serving", {"on_demand": {}, "base_model": NOVA_MICRO}))
    assert found == {
        "serving.base_model": "is what a model of serving.model_arn was tuned from; allowed only beside it; remove the "
        "line: [training] names the base model"
    }


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (7, "7 is not text; allowed the ARN of a custom model; put it in quotes"),
        (
            "any-model",
            "'any-model' is not the ARN of a custom model; allowed arn:aws:bedrock:<Region>",
        ),
        (GIVEN_ARN.replace("custom-model/", "custom-model-deployment/"), "is not the ARN of a custom model"),
        (GIVEN_ARN + "m", "is not the ARN of a custom model"),
        (GIVEN_ARN + "\n", "is not the ARN of a custom model"),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0", "is not the ARN of a custom model"),
    ],
)
def test_refuses_what_is_no_arn_of_a_custom_model(tmp_path: Path, arn: object, expected: str) -> None:
    found = problems(tmp_path, *GIVEN_THERE, given(model_arn=arn))
    assert set(found) == {"serving.model_arn"}
    assert expected in found["serving.model_arn"]


# Models under other keys.

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
ELSEWHERE = KEY.replace("us-east-1", "eu-west-1")


def model_keys_of(folder: Path, *changes: tuple[str, object]) -> tuple[str, ...]:
    serving = load(folder, *changes).serving
    assert serving is not None
    return serving.model_key_arns


@pytest.mark.parametrize("keys", [[KEY], [KEY, KEY.replace("1111-", "2222-")]])
def test_takes_further_keys_for_a_given_model_and_for_one_that_is_trained(tmp_path: Path, keys: list[str]) -> None:
    assert model_keys_of(tmp_path, *GIVEN_THERE, given(model_key_arns=keys)) == tuple(keys)
    trained = ("serving", {"on_demand": {}, "model_key_arns": keys})
    assert model_keys_of(tmp_path, *NOVA_THERE, trained) == tuple(keys)


def test_serves_models_of_no_further_key_unless_told(tmp_path: Path) -> None:
    assert model_keys_of(tmp_path) == ()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (KEY, "is not a list; allowed 1 to 10 ARNs of keys in quotes, each once; put them in brackets"),
        ([], "allowed 1 to 10 ARNs of keys in quotes, each once; correct the list, or leave it out"),
        ([KEY, KEY], "allowed 1 to 10 ARNs of keys in quotes, each once; correct the list"),
        ([f"{KEY[:-2]}{number}" for number in range(10, 21)], "allowed 1 to 10 ARNs of keys"),
        (["alias/team"], "'alias/team' is not the ARN of a key; allowed arn:aws:kms:<region>:<account>:key/<id>"),
        ([1], "1 is not the ARN of a key"),
        (
            [KEY, ELSEWHERE],
            "is a key of Region eu-west-1; allowed keys of us-east-1, where the model is served",
        ),
    ],
)
def test_refuses_further_keys_that_cannot_be_meant(tmp_path: Path, keys: object, message: str) -> None:
    found = problems(tmp_path, *GIVEN_THERE, given(model_key_arns=keys))
    assert found.keys() == {"serving.model_key_arns"}
    assert message in found["serving.model_key_arns"]
