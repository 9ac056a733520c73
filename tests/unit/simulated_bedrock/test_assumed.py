"""What the simulation assumes and no other test of it shows."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.bedrock import JobFault, Phase, Quotas, Settings
from sandbox.bedrock.assumed import SHOWN_SECONDS, Assumed
from tests.unit.simulated_bedrock.scenario import (
    LLAMA_TUNABLE,
    LONG_ENOUGH,
    NOVA_TUNABLE,
    TRAIN_KEY,
    VALIDATION_KEY,
    Account,
    nova_record,
    prompt_record,
    records,
    uri,
)
from tests.unit.simulated_bedrock.test_deployments import NovaAccount

NOVA = NOVA_TUNABLE.rpartition(":")[0]
NOVA_2_TUNABLE = "amazon.nova-2-lite-v1:0:256k"
HOUR = timedelta(hours=1)


@pytest.fixture
def nova() -> NovaAccount:
    return NovaAccount()


def test_a_base_model_is_named_with_its_context_length(nova: NovaAccount) -> None:
    with pytest.raises(nova.bedrock.exceptions.ValidationException):
        nova.create_job(baseModelIdentifier=NOVA, validationDataConfig=None)


def test_nova_2_lite_takes_validation_data(nova: NovaAccount) -> None:
    nova.put(TRAIN_KEY, records(200, nova_record))
    nova.put(VALIDATION_KEY, records(20, nova_record))
    validation = {"validators": [{"s3Uri": uri(VALIDATION_KEY)}]}
    nova.create_job(baseModelIdentifier=NOVA_2_TUNABLE, validationDataConfig=validation)
    nova.pass_time()
    assert nova.job()["status"] == "Completed"


def test_nova_2_lite_takes_the_body_of_the_first_generation(nova: NovaAccount) -> None:
    assert nova.answer("us.amazon.nova-2-lite-v1:0")


def outcome(account: Account, records: list[dict[str, Any]], base_model: str) -> str:
    """Train on some records, and return how the job ends."""
    account.put(TRAIN_KEY, records)
    account.create_job(baseModelIdentifier=base_model, validationDataConfig=None)
    account.pass_time()
    return str(account.job()["status"])


def test_a_record_of_prompt_and_completion_has_no_other_keys(account: Account) -> None:
    made = [*records(100, prompt_record), {**prompt_record(), "source": "any"}]
    assert outcome(account, made, LLAMA_TUNABLE) == "Failed"
    assert "line 101" in account.job()["failureMessage"]


def test_a_prompt_says_something(account: Account) -> None:
    assert outcome(account, [*records(100, prompt_record), prompt_record("  ")], LLAMA_TUNABLE) == "Failed"
    assert "line 101" in account.job()["failureMessage"]


def test_a_schema_version_may_be_any(nova: NovaAccount) -> None:
    made = [*records(63, nova_record), {**nova_record(), "schemaVersion": "bedrock-conversation-2025"}]
    assert outcome(nova, made, NOVA_TUNABLE) == "Completed"


def test_a_reserved_word_may_stand_in_other_roles(nova: NovaAccount) -> None:
    made = [*records(63, nova_record), nova_record(completion="It is. [EOS]")]
    assert outcome(nova, made, NOVA_TUNABLE) == "Completed"


def test_a_reserved_word_may_stand_in_other_letters(nova: NovaAccount) -> None:
    made = [*records(63, nova_record), nova_record(prompt="Is it on? [eos]")]
    assert outcome(nova, made, NOVA_TUNABLE) == "Completed"


def test_what_was_created_is_seen_at_once(nova: NovaAccount) -> None:
    arn = nova.deploy(nova.model(), tags=[{"key": "team", "value": "support"}])
    assert nova.get()["customModelDeploymentArn"] == arn
    (listed,) = nova.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"]
    assert listed["customModelDeploymentArn"] == arn
    assert nova.bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "support"}]


def test_a_model_is_seen_when_its_job_is_completed(account: Account) -> None:
    account.create_job()
    while account.job()["status"] == "InProgress":
        account.pass_time(timedelta(minutes=1))
    found = account.bedrock.get_custom_model(modelIdentifier="job-model")
    assert found["modelArn"] == account.job()["outputModelArn"]


def test_the_model_s_name_of_a_job_that_failed_is_used_up(account: Account) -> None:
    account.simulated.faults.add(JobFault(Phase.TRAINING))
    account.create_job()
    account.pass_time()
    with pytest.raises(account.bedrock.exceptions.ConflictException):
        account.create_job("again", customModelName="job-model")


def test_a_training_that_fails_is_billed(account: Account) -> None:
    account.simulated.faults.add(JobFault(Phase.TRAINING))
    account.create_job()
    account.pass_time(LONG_ENOUGH)
    assert account.job()["status"] == "Failed"
    assert account.simulated.handle_control("meter", {})["trainedTokens"] > 0


def test_a_throughput_bills_from_its_purchase(account: Account) -> None:
    account.throughput(account.tuned_model())
    account.pass_time(HOUR)
    assert account.simulated.handle_control("meter", {})["modelUnitSeconds"] == HOUR.total_seconds()


def test_a_second_delete_is_a_conflict() -> None:
    shown = Settings(quotas=Quotas(custom_model_units=1), assumed=Assumed({"deletion-shown": "Deleting"}))
    nova = NovaAccount(shown)
    nova.active(nova.model())
    nova.delete()
    assert nova.get()["status"] == "Deleting"
    with pytest.raises(ClientError) as refused:
        nova.delete()
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    nova.pass_time(timedelta(seconds=SHOWN_SECONDS))
    with pytest.raises(nova.bedrock.exceptions.ResourceNotFoundException):
        nova.get()


def test_what_an_account_does_lasts_when_faults_are_cleared_and_when_the_simulation_is_reset() -> None:
    account = Account(Settings(assumed=Assumed({"unknown-job": "ValidationException"})))
    for control, request in (("faults", {"clear": True}), ("reset", {})):
        account.simulated.handle_control(control, request)
        with pytest.raises(account.bedrock.exceptions.ValidationException):
            account.job("nobody")


def test_a_fault_that_is_asked_for_comes_before_what_the_account_does() -> None:
    account = Account(Settings(assumed=Assumed({"unknown-job": "ValidationException"})))
    fault = {"type": "not-there", "operation": "GetModelCustomizationJob", "error": "AccessDeniedException"}
    account.simulated.handle_control("faults", {"add": [fault]})
    with pytest.raises(account.bedrock.exceptions.AccessDeniedException):
        account.job("nobody")
