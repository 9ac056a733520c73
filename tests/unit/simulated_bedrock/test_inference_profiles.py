"""Models that are asked across Regions: by which ids, from which Regions, with which permissions."""

import json
from typing import Any

import pytest

from sandbox.iam_resources import through_profile, touched
from tests.support.bedrock_client import ACCOUNT
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import Account

SONNET = "anthropic.claude-sonnet-4-6"
HAIKU_4_5 = "anthropic.claude-haiku-4-5-20251001-v1:0"
STRONGER = (SONNET, "anthropic.claude-sonnet-4-5-20250929-v1:0", HAIKU_4_5)
ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "What about valve7?"}]}]}


def said(account: Account, model_id: str) -> str:
    answer = account.runtime.converse(modelId=model_id, **ASKED)
    return str(answer["output"]["message"]["content"][0]["text"])


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
@pytest.mark.parametrize("model_id", [*STRONGER, "amazon.nova-pro-v1:0"])
def test_answers_by_its_profile_in_the_source_regions(model_id: str, region: str) -> None:
    account = Account(region=region)
    profile = f"us.{model_id}"
    arn = f"arn:aws:bedrock:{region}:{ACCOUNT}:inference-profile/{profile}"
    assert said(account, profile) == said(account, arn)
    assert "valve7" in said(account, profile)


@pytest.mark.parametrize("model_id", STRONGER)
def test_does_not_answer_by_its_own_id(model_id: str) -> None:
    account = Account(region="us-east-1")
    assert (
        account.bedrock.get_foundation_model(modelIdentifier=model_id)["modelDetails"]["customizationsSupported"] == []
    )
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("on-demand throughput")):
        account.runtime.converse(modelId=model_id, **ASKED)


@pytest.mark.parametrize(
    "model_id",
    [
        f"eu.{SONNET}",
        f"arn:aws:bedrock:us-west-2:999999999999:inference-profile/us.{SONNET}",
        f"arn:aws:bedrock:eu-west-1:{ACCOUNT}:inference-profile/us.{SONNET}",
    ],
)
def test_another_geography_account_or_region_has_no_such_profile(account: Account, model_id: str) -> None:
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("invalid")):
        account.runtime.converse(modelId=model_id, **ASKED)


def test_a_claude_of_today_takes_the_body_of_its_family(account: Account) -> None:
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    answer = account.runtime.invoke_model(modelId=f"us.{SONNET}", body=json.dumps(body))
    assert json.loads(answer["body"].read())["usage"]["output_tokens"] == 9


def test_the_account_needs_access_to_the_model(account: Account) -> None:
    account.simulated.handle_control("access", {"deny": [SONNET]})
    with pytest.raises(account.runtime.exceptions.AccessDeniedException):
        account.runtime.converse(modelId=f"us.{SONNET}", **ASKED)


@pytest.mark.parametrize("by", ["", f"arn:aws:bedrock:us-west-2:{ACCOUNT}:inference-profile/"])
def test_is_authorized_on_the_profile_and_the_model_in_each_of_its_regions(by: str) -> None:
    profile = f"us.{SONNET}"
    arns = touched("bedrock-runtime", "POST", f"/model/{by}{profile}/converse", b"{}", "us-west-2", ACCOUNT)
    assert arns == [
        f"arn:aws:bedrock:us-west-2:{ACCOUNT}:inference-profile/{profile}",
        *(f"arn:aws:bedrock:{region}::foundation-model/{SONNET}" for region in ("us-east-1", "us-east-2", "us-west-2")),
    ]


@pytest.mark.parametrize("by", ["", f"arn:aws:bedrock:us-west-2:{ACCOUNT}:inference-profile/"])
def test_conditions_know_the_profile_that_a_model_is_asked_by(by: str) -> None:
    profile = f"arn:aws:bedrock:us-west-2:{ACCOUNT}:inference-profile/us.{SONNET}"
    asked = ("bedrock-runtime", "POST", f"/model/{by}us.{SONNET}/converse", "us-west-2", ACCOUNT)
    assert through_profile(*asked) == {"bedrock:InferenceProfileArn": profile}


@pytest.mark.parametrize("path", ["/model/amazon.nova-pro-v1:0/converse", "/no/such/path"])
def test_without_a_profile_conditions_know_none(path: str) -> None:
    assert through_profile("bedrock-runtime", "POST", path, "us-west-2", ACCOUNT) == {}


@pytest.mark.parametrize("model_id", STRONGER)
def test_a_claude_of_today_takes_temperature_or_top_p_and_not_both(account: Account, model_id: str) -> None:
    profile = f"us.{model_id}"
    account.runtime.converse(modelId=profile, **ASKED, inferenceConfig={"temperature": 0.5})
    account.runtime.converse(modelId=profile, **ASKED, inferenceConfig={"topP": 0.9})
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("temperature", "top_p")):
        account.runtime.converse(modelId=profile, **ASKED, inferenceConfig={"temperature": 0.5, "topP": 0.9})
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("temperature", "top_p")):
        account.runtime.invoke_model(modelId=profile, body=json.dumps({**body, "temperature": 0.5, "top_p": 0.9}))


def test_other_models_take_both() -> None:
    east = Account(region="us-east-1")
    config: Any = {"temperature": 0.5, "topP": 0.9, "maxTokens": 9}
    assert east.runtime.converse(modelId="amazon.nova-pro-v1:0", **ASKED, inferenceConfig=config)
