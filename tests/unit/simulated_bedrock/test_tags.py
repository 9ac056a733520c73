"""Tags of jobs, models and throughputs."""

from typing import Any

import pytest

from tests.unit.simulated_bedrock.scenario import Account

TEAM: Any = {"key": "team", "value": "valves"}


def tags_of(account: Account, arn: str) -> list[Any]:
    return list(account.bedrock.list_tags_for_resource(resourceARN=arn)["tags"])


def test_come_with_the_creation(account: Account) -> None:
    job = account.create_job(jobTags=[TEAM], customModelTags=[{"key": "kind", "value": "model"}])
    assert tags_of(account, job) == [TEAM]
    account.pass_time()
    model = account.job()["outputModelArn"]
    assert tags_of(account, model) == [{"key": "kind", "value": "model"}]
    throughput = account.throughput(model, tags=[TEAM])
    assert tags_of(account, throughput) == [TEAM]


def test_can_be_added_changed_and_removed(account: Account) -> None:
    arn = account.create_job(jobTags=[TEAM])
    account.bedrock.tag_resource(
        resourceARN=arn, tags=[{"key": "team", "value": "pumps"}, {"key": "cost", "value": "1"}]
    )
    assert tags_of(account, arn) == [{"key": "cost", "value": "1"}, {"key": "team", "value": "pumps"}]
    account.bedrock.untag_resource(resourceARN=arn, tagKeys=["team", "absent"])
    assert tags_of(account, arn) == [{"key": "cost", "value": "1"}]


def test_go_with_the_resource(account: Account) -> None:
    model = account.tuned_model()
    throughput = account.throughput(model)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=throughput)
    account.bedrock.delete_custom_model(modelIdentifier=model)
    for arn in (model, throughput):
        with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
            tags_of(account, arn)


def test_at_most_fifty_of_them(account: Account) -> None:
    fifty: list[Any] = [{"key": f"key{number}", "value": ""} for number in range(50)]
    arn = account.create_job(jobTags=fifty)
    with pytest.raises(account.bedrock.exceptions.TooManyTagsException) as caught:
        account.bedrock.tag_resource(resourceARN=arn, tags=[TEAM])
    assert dict(caught.value.response)["resourceName"] == arn
    assert len(tags_of(account, arn)) == 50
    with pytest.raises(account.bedrock.exceptions.TooManyTagsException):
        account.create_job("other", jobTags=[*fifty, TEAM])


@pytest.mark.parametrize(
    ("tags", "expected"),
    [([TEAM, TEAM], "Duplicate tag keys"), ([{"key": "aws:mine", "value": ""}], "must not begin with aws:")],
)
def test_refuses_keys(account: Account, tags: list[dict[str, str]], expected: str) -> None:
    with pytest.raises(account.bedrock.exceptions.ValidationException, match=expected):
        account.create_job(jobTags=tags)
