"""What a template writes is text, and is read back as what it was."""

from typing import Any

import pytest

from bedrock_lifecycle.contract import CONTRACT_VERSION, VPC_CONTRACT_VERSION
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.model_customization import (
    CheckedData,
    ModelCustomizationProperties,
    ServingProperties,
)
from bedrock_lifecycle.contract.promoted_model import PromotedModelProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.contract.served_model import (
    CustomModelDeploymentProperties,
    ProvisionedThroughputProperties,
    ServedModelProperties,
)
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from bedrock_lifecycle.contract.training_await import TrainingAwaitProperties


def training(**changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": "faq",
        "environment": "prod",
        "training_id": "0123456789ab",
        "attempt": 2,
        "base_model": "any.model-v1:0",
        "foundation_model_id": "any.model",
        "customization_type": "FINE_TUNING",
        "hyper_parameters": {"epochCount": "2"},
        "training_data": CheckedData(uri="s3://any/train", version_id="v1", records=32),
        "validation_data": None,
        "min_records_sum": None,
        "max_records_sum": 10_000,
        "output_uri": "s3://any/output/",
        "role_arn": "arn:any-role",
        "custom_model_kms_key_arn": "arn:any-key",
        "subnet_ids": (),
        "security_group_ids": (),
        "stop_on_delete": False,
        "reconcile": 0,
        "quotas": {"CustomModels": "L-1"},
        "serving": None,
        "tags": {"b": "2", "a": "1"},
    }
    return ModelCustomizationProperties.write(**asked | changes)


def served(**changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": "faq",
        "environment": "prod",
        "base_model": "any.model-v1:0",
        "training_id": "0123456789ab",
        "attempt": 2,
        "model_environment": None,
        "model_arn": None,
        "own": {},
        "custom_model_kms_key_arn": "arn:any-key",
        "quotas": {},
        "served_model": "ServedModel",
        "reconcile": 0,
        "tags": {},
        "customized_from": None,
        "served_model_kms_key_arns": (),
        "keep_models": None,
        "model_owner": "arn:any-stack",
        "is_retained": False,
    }
    return ServedModelProperties.write(**asked | changes)


def is_text(value: object) -> bool:
    if isinstance(value, dict):
        return all(is_text(each) for each in value.values())
    return all(isinstance(each, str) for each in value) if isinstance(value, list) else isinstance(value, str)


def test_a_training_is_read_as_it_was_written() -> None:
    properties = training()
    read = ModelCustomizationProperties(Properties(properties)).complete()
    assert is_text(properties)
    assert (read.training_name, read.attempt, read.stop_on_delete) == ("faq-prod-0123456789ab-2", 2, False)
    assert (read.training_data_uri, read.training_data_version_id, read.training_records) == (
        "s3://any/train",
        "v1",
        32,
    )
    assert (read.validation_data_uri, read.min_records_sum, read.max_records_sum) == (None, None, 10_000)
    assert read.hyper_parameters == {"epochCount": "2"}
    assert read.tags == {"a": "1", "b": "2"}


def test_validation_data_is_written_where_there_is_any() -> None:
    data = CheckedData(uri="s3://any/validation", version_id="v2", records=8)
    read = ModelCustomizationProperties(Properties(training(validation_data=data)))
    assert (read.validation_data_uri, read.validation_data_version_id, read.validation_records) == (
        "s3://any/validation",
        "v2",
        8,
    )


def test_a_training_inside_a_network_is_refused_by_functions_that_do_not_know_networks() -> None:
    outside, inside = training(), training(subnet_ids=("subnet-1",), security_group_ids=("sg-1",))
    assert (outside["ContractVersion"], inside["ContractVersion"]) == (CONTRACT_VERSION, VPC_CONTRACT_VERSION)
    assert not {"SubnetIds", "SecurityGroupIds"} & outside.keys()
    read = ModelCustomizationProperties(Properties(inside))
    assert (read.subnet_ids, read.security_group_ids) == (("subnet-1",), ("sg-1",))


@pytest.mark.parametrize(("units", "commitment"), [(2, "OneMonth"), (None, None)])
def test_a_training_tells_how_its_model_is_to_be_served(units: int | None, commitment: str | None) -> None:
    serving = ServingProperties.write(mode="any", model_units=units, commitment_duration=commitment)
    read = ModelCustomizationProperties(Properties(training(serving=serving))).serving
    assert (read.mode, read.commitment_duration) == ("any", commitment)
    assert ("ModelUnits" in serving) is (units is not None)


def test_what_serves_a_training_names_it_and_what_serves_a_given_model_names_that() -> None:
    own = ServedModelProperties(Properties(served()))
    given = served(model_arn="arn:any-model", training_id=None)
    assert own.model == "faq-prod-0123456789ab-2"
    assert ServedModelProperties(Properties(given)).model == "arn:any-model"
    assert not {"Attempt", "TrainingId"} & given.keys()


def test_what_serves_a_promoted_model_names_that_of_the_environment_that_trained_it() -> None:
    properties = served(model_environment="dev")
    assert properties.keys() - served().keys() == {"ModelEnvironment"}
    read = ServedModelProperties(Properties(properties))
    assert (read.model, read.trained_in) == ("faq-dev-0123456789ab-2", "dev")
    assert read.deployment_name == ServedModelProperties(Properties(served())).deployment_name


def test_a_promotion_is_read_as_it_was_written() -> None:
    properties = PromotedModelProperties.write(
        name="faq",
        environment="prod",
        giver="dev",
        giver_foundation="arn:any-stack",
        training_id="0123456789ab",
        attempt=2,
        base_model="any.model-v1:0",
        customization_type="FINE_TUNING",
        hyper_parameters={"epochCount": "2"},
        train_sha256="a1",
        validation_sha256=None,
        custom_model_kms_key_arn=None,
        mode="on_demand",
        reconcile=1,
    )
    read = PromotedModelProperties(Properties(properties)).complete()
    assert is_text(properties)
    assert (read.training_name, read.trained_in, read.giver_foundation) == (
        "faq-dev-0123456789ab-2",
        "dev",
        "arn:any-stack",
    )
    assert (read.hyper_parameters, read.train_sha256, read.mode) == ({"epochCount": "2"}, "a1", "on_demand")
    assert (read.validation_sha256, read.custom_model_kms_key_arn) == (None, None)


def test_what_a_throughput_and_a_deployment_have_of_their_own_is_read_as_it_was_written() -> None:
    own = ProvisionedThroughputProperties.write_own(
        model_units=2, commitment_duration="OneMonth", acknowledge_commitment=None, detach_when_committed=True
    )
    bought = ProvisionedThroughputProperties(Properties(served(own=own)))
    assert (bought.model_units, bought.commitment_duration, bought.detach_when_committed) == (2, "OneMonth", True)
    deployed = CustomModelDeploymentProperties(Properties(served(customized_from="2025-07-16")))
    assert deployed.customized_from == "2025-07-16"
    assert (bought.is_let_go_when_committed, deployed.is_let_go_when_committed) == (True, False)


def test_whose_models_are_retired_is_written_only_where_any_are() -> None:
    assert not {"KeepModels", "ModelOwner", "ServedModelKmsKeyArns"} & served().keys()
    read = ServedModelProperties(Properties(served(keep_models=3, served_model_kms_key_arns=["arn:other-key"])))
    assert (read.keep_models, read.model_owner) == (3, "arn:any-stack")
    assert read.served_model_kms_key_arns == ("arn:other-key",)


@pytest.mark.parametrize(
    "source", [{}, DatasetProperties.write_source(bucket="theirs", key="any.jsonl", version_id="v1")]
)
def test_data_is_copied_from_its_source_or_is_in_its_place(source: dict[str, Any]) -> None:
    properties = DatasetProperties.write(
        source=source,
        file_name="any.jsonl",
        reconcile=1,
        sha256="a1",
        destination_bucket="ours",
        destination_key="train/a1.jsonl",
        report_key="output/any.json",
    )
    read = DatasetProperties(Properties(properties))
    assert read.is_pushed is (not source)
    assert read.source_version_id == source.get("SourceVersionId")
    assert (read.destination_bucket, read.destination_key, read.reconcile) == ("ours", "train/a1.jsonl", "1")


def bake(**changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "served_arn": "arn:any",
        "model": "faq-prod-0123456789ab-2",
        "commitment_duration": None,
        "questions_uri": "s3://any/test/a1.jsonl",
        "questions_sha256": "a1",
        "push": "tune push",
        "questions": 10,
        "right": 9,
        "max_output_tokens": 100,
        "alarms": ["errors"],
        "minutes": 30,
        "step": 1,
        "steps": 2,
        "first_has_baked": None,
        "reconcile": 0,
    }
    return ServingBakeProperties.write(**asked | changes)


def test_a_bake_is_read_as_it_was_written() -> None:
    read = ServingBakeProperties(Properties(bake())).complete()
    assert is_text(bake())
    assert (read.served_arn, read.model, read.commitment_duration) == ("arn:any", "faq-prod-0123456789ab-2", None)
    assert (read.questions_uri, read.questions_sha256) == ("s3://any/test/a1.jsonl", "a1")
    assert read.push == "tune push"
    assert (read.questions, read.right, read.max_output_tokens) == (10, 9, 100)
    assert (read.alarms, read.minutes, read.is_last) == (("errors",), 30, False)


@pytest.mark.parametrize(("told", "expected"), [("true", True), ("false", False), (None, False)])
def test_a_step_of_a_bake_knows_whether_the_first_one_has_baked(told: str | None, expected: bool) -> None:
    """A template from before it was told keeps its meaning: what may have been bought for a term is not baked."""
    properties = bake(step=2, first_has_baked=told)
    assert ("FirstHasBaked" in properties) is (told is not None)
    assert ServingBakeProperties(Properties(properties)).first_has_baked is expected


@pytest.mark.parametrize(("step", "steps", "tells"), [(1, 1, None), (1, 2, "HasBaked"), (2, 2, None)])
def test_only_the_first_of_several_steps_of_a_bake_tells_the_others(step: int, steps: int, tells: str | None) -> None:
    assert bake(step=step, steps=steps).get("Tells") == tells


def test_a_step_of_a_bake_that_asks_nothing_says_nothing_of_questions() -> None:
    properties = bake(questions_uri=None, questions_sha256=None, alarms=[], step=2)
    read = ServingBakeProperties(Properties(properties)).complete()
    assert (read.questions, read.right, read.alarms, read.is_last) == (0, 0, (), True)
    assert not {"QuestionsUri", "Questions", "RightAnswers", "MaxOutputTokens", "Alarms"} & properties.keys()


@pytest.mark.parametrize("asked", [True, False])
def test_a_commitment_that_waits_for_a_bake_is_written_only_where_it_does(asked: bool) -> None:
    own = ProvisionedThroughputProperties.write_own(
        model_units=1,
        commitment_duration="OneMonth",
        acknowledge_commitment="OneMonth",
        detach_when_committed=False,
        commit_baked_only=asked,
    )
    assert ("CommitBakedOnly" in own) is asked
    assert ProvisionedThroughputProperties(Properties(served(own=own))).commit_baked_only is asked


def test_a_wait_step_knows_its_place_among_the_others() -> None:
    properties = TrainingAwaitProperties.write(training_name="any", rung=2, rungs=15)
    read = TrainingAwaitProperties(Properties(properties)).complete()
    assert (read.training_name, read.rung, read.rungs) == ("any", 2, 15)


def test_a_text_is_copied_as_it_is() -> None:
    told = DatasetProperties(
        Properties(
            DatasetProperties.write_text(
                source={},
                file_name="rubric.md",
                sha256="b" * 64,
                destination_bucket="any",
                destination_key="evaluation/rubric.md",
                copied_for="9c1f6a0b2d3e",
            )
        )
    )
    assert told.is_text
    assert (told.file_name, told.sha256, told.destination_bucket, told.destination_key, told.reconcile) == (
        "rubric.md",
        "b" * 64,
        "any",
        "evaluation/rubric.md",
        "9c1f6a0b2d3e",
    )
