"""What is spent, in words: pure, in a resource's metadata, in the outputs and in the descriptions of the stacks."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from aws_cdk import CfnParameter, CfnResource
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from bedrock_tuning import DataSource, ServingIntent
from bedrock_tuning.spending.metadata import SPENDING
from bedrock_tuning.spending.words import (
    FOUNDATION,
    MEANINGS,
    DataFile,
    Spending,
    bake_spending,
    deployment_spending,
    evaluation_spending,
    gate_spending,
    promotion_spending,
    sentence,
    served_by,
    served_spending,
    throughput_spending,
    training_spending,
)
from stacks.environment_stage import EnvironmentStage
from tests.support.messages import says
from tests.synth.foreign import HAIKU, NOVA_MICRO, ForeignStack
from tests.synth.stages import place_of
from tests.synth.templates import Json, readable, resource

# CloudFormation's bound for the description of a template and of an output (quotas; botocore 1.43.106), and for a value
# that is exported (aws-cloudformation/cloudformation-coverage-roadmap#685). For other values none is documented.
MOST_BYTES: Final = 1024
SHA: Final = "0123456789abcdef" * 4
TRAIN: Final = DataFile(split="train", sha256=SHA, records=32, characters=6000)


# --- any words -----------------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "a-B-9", "a" * contract.MAX_NAME_LENGTH])
environments = st.sampled_from(["dev", "a" * contract.MAX_ENVIRONMENT_LENGTH])
bedrock_names = st.text("abcXYZ019-", min_size=1, max_size=contract.MAX_BEDROCK_NAME_LENGTH)
# As long as a profile's id may be (`ModelId`).
base_models = st.sampled_from([HAIKU.id, "a" * 63 + "." + ":".join(["b" * 63] * 3)])
numbers = st.integers(1) | st.sampled_from([1, 2, 10**18, 10**5000])
counts = st.none() | st.integers(0)
texts = st.text(min_size=1, max_size=64) | st.just("\U0001f600" * 64)
terms = st.sampled_from([None, "OneMonth", "SixMonths"])
splits: tuple[Split, ...] = ("train", "validation", "test")


@st.composite
def data_files(draw: st.DrawFn) -> list[DataFile]:
    some = splits[: draw(st.integers(1, 3))]
    sha256 = st.text("0123456789abcdef", min_size=64, max_size=64)
    return [DataFile(split=each, sha256=draw(sha256), records=draw(counts), characters=draw(counts)) for each in some]


trainings = st.builds(
    training_spending,
    training_name=bedrock_names,
    base_model=base_models,
    epochs=st.none() | texts,
    attempt=st.sampled_from([1, 2, contract.MAX_ATTEMPT]),
    data=data_files(),
)
throughputs = st.builds(
    throughput_spending,
    name=bedrock_names,
    model_units=numbers,
    commitment_duration=terms,
    detach_when_committed=st.booleans(),
)
served = st.builds(
    served_spending,
    model=bedrock_names | st.text(min_size=1, max_size=60),
    base_model=base_models,
    keep_models=st.none() | st.integers(1, contract.MAX_KEEP_MODELS),
    is_given=st.booleans(),
)
intents = st.sampled_from([None, ServingIntent(mode="on_demand")]) | st.builds(
    ServingIntent, mode=st.just("provisioned_throughput"), model_units=numbers, commitment_duration=terms
)


def is_plain(words: str) -> bool:
    """Tell whether words are one line that CloudFormation takes and gives back as it is."""
    return words.isascii() and words.isprintable() and 0 < len(words) <= MOST_BYTES


@given(trainings, throughputs, served, intents, names, environments)
def test_any_words_are_one_plain_line_within_the_bound(
    training: Spending,
    throughput: Spending,
    serves: Spending,
    intent: ServingIntent | None,
    name: str,
    environment: str,
) -> None:
    deployment = deployment_spending(name=name)
    for spending in (training, throughput, serves, deployment, served_by(intent, ended_by=environment), FOUNDATION):
        assert spending.keys() <= MEANINGS.keys()
        assert [words for words in spending.values() if not is_plain(words)] == []
    assert is_plain(sentence(f"Fine-tuning of {name}, billed once for each training", training, "Trains"))
    for bought in (throughput, deployment):
        assert is_plain(sentence(f"Serving of {name}", bought, "Buys", "Bills"))


def test_every_word_has_its_meaning_and_no_other_has() -> None:
    training = training_spending(training_name="any", base_model="any", epochs=None, attempt=1, data=[TRAIN])
    bought = throughput_spending(name="any", model_units=1, commitment_duration=None, detach_when_committed=False)
    serves = served_spending(model="any", base_model="any", keep_models=None, is_given=False)
    promoted = promotion_spending(
        model="any", giver="dev", base_model="any", hyper_parameters={}, data=[TRAIN], kms_key_arn=None
    )
    baked = bake_spending(questions=2, right=1, max_output_tokens=10, alarms=1, minutes=30)
    evaluated = evaluation_spending(
        evaluation_id="any",
        models={"tuned": "any"},
        test=DataFile(split="test", sha256="any"),
        records=None,
        metrics=["rouge_l"],
        judge=None,
        max_output_tokens=1,
        max_tokens=1,
    )
    gated = gate_spending(requirements=[("rouge_l", 0.5, None)], confidence=0.95, accepted=("any", "2026-12-31", "any"))
    once = [training, promoted, evaluated, gated, baked]
    every = [*once, bought, deployment_spending(name="any"), serves, served_by(None), FOUNDATION]
    assert MEANINGS.keys() == {name for spending in every for name in spending}
    assert [meaning for meaning in MEANINGS.values() if not is_plain(meaning)] == []
    assert all(re.fullmatch("[A-Za-z]+", name) for name in MEANINGS)


# --- what is trained -----------------------------------------------------------------------------------------------


def trained(**changes: Any) -> Spending:
    arguments: dict[str, Any] = {"training_name": "any-dev-1", "base_model": HAIKU.id, "epochs": "2", "attempt": 1}
    return training_spending(**{**arguments, "data": [TRAIN], **changes})


@pytest.mark.parametrize(
    ("epochs", "told"), [(None, "Bedrock's default"), ("1", "1 epoch,"), ("2", "2 epochs,"), ("é\n", r"\xe9\n epochs,")]
)
def test_epochs_that_are_not_set_are_bedrocks(epochs: str | None, told: str) -> None:
    assert told in trained(epochs=epochs)["Trains"]


def test_an_attempt_beyond_the_first_is_a_bill_of_its_own() -> None:
    assert trained(attempt=1)["Trains"].endswith("attempt 1")
    assert "attempt 2: billed again" in trained(attempt=2)["Trains"]


def test_data_is_told_by_records_and_digest_and_billed_by_its_tokens() -> None:
    validation = DataFile(split="validation", sha256="f" * 64, records=1, characters=60)
    told = trained(data=[TRAIN, validation])
    assert told["TrainsOn"] == f"train: 32 records, sha256 {SHA}; validation: 1 record, sha256 {'f' * 64}"
    assert says(told["Bills"], "1,000 tokens or more", "6 characters a token")


def test_test_data_is_not_trained_on() -> None:
    told = trained(data=[TRAIN, DataFile(split="test", sha256="f" * 64, records=7)])
    assert "test (checked, not trained on): 7 records" in told["TrainsOn"]


def test_what_is_not_counted_at_synth_is_unknown_here() -> None:
    told = trained(data=[DataFile(split="train", sha256=SHA)])
    assert says(told["TrainsOn"], "train", "unknown", SHA)
    assert says(told["Bills"], "unknown")


# --- what is bought, served and kept -------------------------------------------------------------------------------


def bought(units: int = 1, term: str | None = None, *, detach: bool = False) -> Spending:
    return throughput_spending(name="any", model_units=units, commitment_duration=term, detach_when_committed=detach)


def test_a_purchase_is_told_by_units_and_term() -> None:
    assert bought()["Buys"] == "1 model unit without commitment"
    assert bought(1_000, "SixMonths")["Buys"] == "1,000 model units for SixMonths"


def test_a_commitment_cannot_be_ended_and_renews() -> None:
    assert "SixMonths" not in bought()["Bills"]
    assert says(bought(1, "SixMonths")["Bills"], "cannot be deleted", "SixMonths", "renews")


def test_detaching_leaves_it_billed_and_is_only_told_of_a_commitment() -> None:
    assert says(bought(1, "OneMonth", detach=True)["Bills"], "destroy", "billed")
    assert bought(detach=True) == bought()


@pytest.mark.parametrize(
    ("keep_models", "is_given", "told"),
    [
        (None, False, ["every model", "by the month"]),
        (1, False, ["the newest model of this name", "this one", "permanently deletes older models"]),
        (2, False, ["the newest 2 models of this name", "this one", "permanently deletes older models"]),
        (None, True, ["existing", "never deleted"]),
    ],
)
def test_what_becomes_of_models_is_told(keep_models: int | None, is_given: bool, told: list[str]) -> None:
    words = served_spending(model="any", base_model="any", keep_models=keep_models, is_given=is_given)["Keeps"]
    assert [part for part in told if part not in words] == []


def test_settings_without_serving_tell_how_a_stack_that_stands_is_removed() -> None:
    words = served_by(None, ended_by="any --command")["ServedBy"]
    assert "stays, serves and bills" in words
    assert "any --command" in words


# --- in templates --------------------------------------------------------------------------------------------------


def spending(foreign: ForeignStack, construct: Any) -> dict[str, Any]:
    found: dict[str, Any] = readable(resource(foreign.template(), construct)["Metadata"][SPENDING])
    return found


@pytest.fixture
def virginia(foreign_stack: Callable[..., ForeignStack]) -> ForeignStack:
    """A stack where Nova is tuned and served."""
    return foreign_stack(region="us-east-1")


def test_a_training_says_what_it_trains(foreign: ForeignStack) -> None:
    job = foreign.customization(hyper_parameters={"epochCount": 3}, attempt=2)
    told = spending(foreign, job.resource)
    assert told == job.spending
    assert told["TrainingName"] == job.training_name
    assert told["Trains"].startswith(f"{HAIKU.id}, 3 epochs, attempt 2: ")
    assert told["TrainsOn"] == f"train: 1 record, sha256 {foreign.train.sha256}"


def test_a_training_on_pushed_data_does_not_guess(foreign: ForeignStack) -> None:
    job = foreign.customization(train=foreign.dataset("Pushed", source=DataSource.pushed(SHA)))
    told = spending(foreign, job.resource)
    assert says(told["TrainsOn"], "train", "unknown", SHA)
    assert "unknown" in told["Bills"]


def test_data_that_is_not_checked_at_synth_is_not_counted(foreign_stack: Callable[..., ForeignStack]) -> None:
    foreign = foreign_stack(context={"bedrock-tuning:check-data": "false"})
    assert "unknown" in foreign.customization().spending["TrainsOn"]


def test_a_purchase_says_what_it_buys_serves_and_keeps(foreign: ForeignStack) -> None:
    term = {"commitment_duration": "OneMonth", "acknowledge_commitment": "OneMonth"}
    throughput = foreign.throughput(model_units=2, attempt=3, keep_models=2, model_owner="any", **term)
    told = spending(foreign, throughput.resource)
    assert told == throughput.spending
    assert told["ThroughputName"] == contract.throughput_name(
        name="docstrings", environment="dev", base_model=HAIKU.id, model_units=2, commitment_duration="OneMonth"
    )
    assert told["Buys"] == "2 model units for OneMonth"
    assert told["Serves"] == f"docstrings-dev-0123456789ab-3, tuned from {HAIKU.id}"
    assert "newest 2 models" in told["Keeps"]
    assert "by the hour" in told["Bills"]


def test_a_deployment_on_demand_buys_nothing(virginia: ForeignStack) -> None:
    told = spending(virginia, virginia.deployment().resource)
    assert told["DeploymentName"] == contract.deployment_name(
        name="docstrings", environment="dev", base_model=NOVA_MICRO.id
    )
    assert told["Buys"] == "nothing"
    assert "by the token" in told["Bills"]


def test_a_model_that_is_only_known_at_deployment_is_told_then(virginia: ForeignStack) -> None:
    arn = CfnParameter(virginia.stack, "Model").value_as_string
    deployment = virginia.deployment(training_id=None, model_arn=arn)
    told = spending(virginia, deployment.resource)
    assert told["Serves"] == f"<Model>, tuned from {NOVA_MICRO.id}"
    assert "never deleted" in told["Keeps"]


CHANGES: Final[dict[str, dict[str, Any]]] = {
    "name": {"name": "other"},
    "environment": {"environment": "prod"},
    "attempt": {"attempt": 2},
}


@pytest.mark.parametrize("changed", [*CHANGES, "epochs", "data", "base model"])
def test_whatever_starts_another_training_changes_what_is_told(
    changed: str, foreign_stack: Callable[..., ForeignStack]
) -> None:
    one, other = foreign_stack(region="us-east-1"), foreign_stack(region="us-east-1")
    before = one.customization(base_model=NOVA_MICRO, train=one.dataset("Train", base_model=NOVA_MICRO))
    changes: dict[str, Any] = {"base_model": NOVA_MICRO, **CHANGES.get(changed, {})}
    if changed == "epochs":
        changes["hyper_parameters"] = {"epochCount": 3}
    if changed == "base model":
        changes["base_model"] = NOVA_MICRO.model_copy(update={"id": "amazon.nova-lite-v1:0:300k"})
    path = other.file(b'{"other": []}\n') if changed == "data" else other.file()
    after = other.customization(train=other.dataset("Train", path=path, base_model=changes["base_model"]), **changes)
    assert before.spending["TrainingName"] != after.spending["TrainingName"]
    assert spending(one, before.resource) != spending(other, after.resource)


def test_everything_that_spends_says_so_in_the_outputs_of_its_stack(
    stages: Mapping[str, EnvironmentStage], templates: Mapping[tuple[str, str], Json]
) -> None:
    spends = {contract.MODEL_CUSTOMIZATION, *contract.SERVING_TYPES}
    made = [
        each
        for stage in stages.values()
        for each in stage.node.find_all()
        if isinstance(each, CfnResource) and each.cfn_resource_type in spends
    ]
    assert len(made) >= 4
    for each in made:
        environment, kind = each.node.path.split("/")[0], place_of(each.node.path).split("/")[0]
        outputs = templates[environment, kind]["Outputs"]
        told = {name: outputs[name]["Value"] for name in each.get_metadata(SPENDING)}
        assert told == each.get_metadata(SPENDING)


def test_descriptions_and_outputs_of_every_stack_are_plain_and_within_the_bounds(
    templates: Mapping[tuple[str, str], Json],
) -> None:
    for template in templates.values():
        assert is_plain(template["Description"])
        for name, output in template["Outputs"].items():
            if name in MEANINGS:
                assert is_plain(output["Value"])
                assert output["Description"] == MEANINGS[name]


@pytest.mark.parametrize("stack", ["Foundation", "Training", "Serving"])
def test_every_stack_says_how_it_bills(stack: str, templates: Mapping[tuple[str, str], Json]) -> None:
    of_stack = [template for (_, name), template in templates.items() if name == stack]
    assert of_stack
    for template in of_stack:
        assert template["Outputs"]["Bills"]["Value"]
        assert "bill" in template["Description"]
