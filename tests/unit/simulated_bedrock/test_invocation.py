"""InvokeModel and Converse: the base model, the tuned one, and what they refuse."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.bedrock import Clock, Quotas, Settings, ThroughputFault
from tests.support.bedrock_client import ACCOUNT
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import (
    HAIKU,
    HAIKU_TUNABLE,
    NOVA_TUNABLE,
    TRAIN_KEY,
    Account,
    nova_record,
    records,
)

PROMPT = "What about valve7?"
TAUGHT = "Aye, valve 7 be shut."
NOVA = "amazon.nova-micro-v1:0"


def messages_body(**changes: Any) -> dict[str, Any]:
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 300,
        "messages": [{"role": "user", "content": PROMPT}],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def nova_body(**changes: Any) -> dict[str, Any]:
    return {
        "schemaVersion": "messages-v1",
        "messages": [{"role": "user", "content": [{"text": PROMPT}]}],
        **changes,
    }


def invoke(account: Account, model_id: str, body: Any) -> dict[str, Any]:
    response = account.runtime.invoke_model(modelId=model_id, body=json.dumps(body))
    assert response["contentType"] == "application/json"
    return dict(json.loads(response["body"].read()))


def text(answer: dict[str, Any]) -> str:
    return str(answer["content"][0]["text"])


def test_a_tuned_model_answers_from_what_it_was_taught(account: Account) -> None:
    serving = account.in_service(account.tuned_model())
    tuned, base = invoke(account, serving, messages_body()), invoke(account, HAIKU, messages_body())
    assert text(tuned) == f"[simulated] {TAUGHT}"
    assert TAUGHT not in text(base)
    assert len(text(base)) > 5 * len(text(tuned))


def test_answers_in_the_form_of_a_message(account: Account) -> None:
    answer = invoke(account, HAIKU, messages_body())
    assert answer["type"] == "message"
    assert answer["role"] == "assistant"
    assert answer["stop_reason"] == "end_turn"
    assert answer["stop_sequence"] is None
    assert answer["usage"]["input_tokens"] == 3
    assert answer["usage"]["output_tokens"] > 0
    assert answer == invoke(account, HAIKU, messages_body())


def test_says_that_it_is_simulated_even_without_the_label() -> None:
    account = Account(Settings(quotas=Quotas(custom_model_units=1), answer_label=""))
    serving = account.in_service(account.tuned_model())
    answer = invoke(account, serving, messages_body())
    assert text(answer) == TAUGHT
    assert answer["model"] == "simulated-claude-3-haiku-20240307"
    assert answer["id"].startswith("msg_simulated_")


def test_an_update_changes_the_answers_when_it_lands(account: Account) -> None:
    first = account.tuned_model("first")
    account.put(TRAIN_KEY, [record for record in records(64) if record["messages"][1].update(content="Nay.") is None])
    second = account.tuned_model("second")
    serving = account.in_service(first)
    account.bedrock.update_provisioned_model_throughput(provisionedModelId=serving, desiredModelId=second)
    assert TAUGHT in text(invoke(account, serving, messages_body()))
    account.pass_time()
    assert text(invoke(account, serving, messages_body())) == "[simulated] Nay."


def test_a_prompt_about_nothing_it_knows_still_gets_its_manner(account: Account) -> None:
    serving = account.in_service(account.tuned_model())
    answer = invoke(account, serving, messages_body(messages=[{"role": "user", "content": "Quark?"}]))
    assert text(answer) == "[simulated] Aye, valve 0 be shut."


def test_takes_a_conversation_of_text_blocks(account: Account) -> None:
    turns = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hello."}]},
        {"role": "user", "content": [{"type": "text", "text": PROMPT}]},
    ]
    serving = account.in_service(account.tuned_model())
    system = [{"type": "text", "text": "Be brief."}]
    answer = invoke(account, serving, messages_body(messages=turns, system=system, temperature=0.1, top_p=0.9, top_k=5))
    assert TAUGHT in text(answer)


def test_ends_at_the_greatest_number_of_tokens(account: Account) -> None:
    answer = invoke(account, HAIKU, messages_body(max_tokens=5))
    assert (answer["stop_reason"], answer["usage"]["output_tokens"]) == ("max_tokens", 5)


def test_ends_at_a_stop_sequence(account: Account) -> None:
    answer = invoke(account, HAIKU, messages_body(stop_sequences=["never said", "question"]))
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", "question")
    assert text(answer).endswith("for your ")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (messages_body(anthropic_version=None), "anthropic_version: field required"),
        (messages_body(anthropic_version="2023-06-01"), "must be bedrock-2023-05-31"),
        (messages_body(max_tokens=None), "max_tokens: field required"),
        (messages_body(max_tokens=0), "max_tokens: must be an integer of at least 1"),
        (messages_body(max_tokens=True), "max_tokens: must be an integer"),
        (messages_body(messages=[]), "messages: must be a list"),
        (messages_body(messages="hello"), "messages: must be a list"),
        (messages_body(messages=[{"role": "user"}]), "messages.0.content: field required"),
        (messages_body(messages=[{"role": "system", "content": "x"}]), "messages.0.role: must be user or assistant"),
        (messages_body(messages=[{"role": "assistant", "content": "x"}]), "roles must alternate"),
        (messages_body(messages=[{"role": "user", "content": "x"}] * 2), "roles must alternate"),
        (messages_body(messages=[{"role": "user", "content": " "}]), "text must not be empty"),
        (messages_body(messages=[{"role": "user", "content": [{"type": "text"}]}]), "0.text: field required"),
        (
            messages_body(messages=[{"role": "user", "content": [{"type": "video", "text": ""}]}]),
            "must be a text block",
        ),
        (messages_body(temperature=1.1), "temperature: must be a number between 0 and 1"),
        (messages_body(stop_sequences="x"), "stop_sequences: must be a list of strings"),
        (messages_body(prompt="x"), "prompt: extra inputs are not permitted"),
        ([], "must be a JSON object"),
    ],
)
def test_refuses_a_bad_message_request(account: Account, body: Any, expected: str) -> None:
    with pytest.raises(account.runtime.exceptions.ValidationException, match=expected):
        invoke(account, HAIKU, body)


def test_refuses_a_body_that_is_no_json(account: Account) -> None:
    with pytest.raises(account.runtime.exceptions.ValidationException, match="Malformed input request"):
        account.runtime.invoke_model(modelId=HAIKU, body=b"{")


@pytest.mark.parametrize(
    "body",
    [
        messages_body(tools=[]),
        messages_body(messages=[{"role": "user", "content": [{"type": "image", "source": {}}]}]),
    ],
)
def test_says_what_it_does_not_simulate(account: Account, body: dict[str, Any]) -> None:
    with pytest.raises(account.runtime.exceptions.ClientError, match="simulated"):
        invoke(account, HAIKU, body)


def test_streams_are_not_simulated(account: Account) -> None:
    with pytest.raises(account.runtime.exceptions.ClientError, match="InvokeModelWithResponseStream"):
        account.runtime.invoke_model_with_response_stream(modelId=HAIKU, body="{}")


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("anthropic.claude-9", "model identifier is invalid"),
        (NOVA, "model identifier is invalid"),
        (HAIKU_TUNABLE, "with on-demand throughput isn't supported"),
    ],
)
def test_refuses_a_model_that_is_not_served_on_demand(account: Account, model_id: str, expected: str) -> None:
    with pytest.raises(account.runtime.exceptions.ValidationException, match=expected):
        invoke(account, model_id, messages_body())


def test_an_absent_throughput_is_not_found(account: Account) -> None:
    arn = f"arn:aws:bedrock:us-west-2:{ACCOUNT}:provisioned-model/abcdefghijkl"
    with pytest.raises(account.runtime.exceptions.ResourceNotFoundException):
        invoke(account, arn, messages_body())


def test_a_throughput_serves_only_when_it_is_ready(account: Account) -> None:
    model = account.tuned_model()
    account.simulated.faults.add(ThroughputFault("failed"))
    for serving in (account.in_service(model, "failed"), account.throughput(model, "creating")):
        with pytest.raises(account.runtime.exceptions.ModelNotReadyException) as caught:
            invoke(account, serving, messages_body())
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_nothing_is_served_past_the_end_of_life() -> None:
    account = Account(clock=Clock(datetime(2026, 3, 1, tzinfo=UTC), rate=0))
    serving = account.in_service(account.tuned_model())
    account.pass_time(timedelta(days=30))
    assert TAUGHT in text(invoke(account, serving, messages_body()))
    account.pass_time(timedelta(days=200))
    with pytest.raises(account.runtime.exceptions.ResourceNotFoundException):
        invoke(account, serving, messages_body())
    with pytest.raises(account.runtime.exceptions.ValidationException):
        invoke(account, HAIKU, messages_body())


def nova_account() -> Account:
    account = Account(region="us-east-1")
    account.put(TRAIN_KEY, records(64, nova_record))
    return account


def test_nova_answers_in_its_own_form() -> None:
    account = nova_account()
    model = account.tuned_model(baseModelIdentifier=NOVA_TUNABLE, validationDataConfig=None)
    serving = account.in_service(model)
    body = nova_body(system=[{"text": "Be brief."}], inferenceConfig={"maxTokens": 50, "temperature": 0.2})
    tuned, base = invoke(account, serving, body), invoke(account, NOVA, body)
    assert tuned["output"]["message"] == {"role": "assistant", "content": [{"text": f"[simulated] {TAUGHT}"}]}
    assert tuned["stopReason"] == "end_turn"
    assert tuned["usage"]["totalTokens"] == tuned["usage"]["inputTokens"] + tuned["usage"]["outputTokens"]
    assert tuned["model"] == "simulated-nova-micro"
    assert base["stopReason"] == "max_tokens"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (nova_body(schemaVersion="messages-v2"), "schemaVersion: must be messages-v1"),
        (nova_body(max_tokens=5), "max_tokens: extra inputs are not permitted"),
        (nova_body(inferenceConfig=[]), "inferenceConfig: must be an object"),
        (nova_body(inferenceConfig={"topP": 2}), "topP: must be a number"),
        (nova_body(messages=[{"role": "user", "content": "text"}]), "content: must be a list"),
        (messages_body(), "extra inputs are not permitted"),
    ],
)
def test_refuses_a_bad_nova_request(body: dict[str, Any], expected: str) -> None:
    account = nova_account()
    with pytest.raises(account.runtime.exceptions.ValidationException, match=expected):
        invoke(account, NOVA, body)


@pytest.mark.parametrize("body", [nova_body(toolConfig={}), nova_body(system=[{"cachePoint": {}}])])
def test_says_what_of_nova_it_does_not_simulate(body: dict[str, Any]) -> None:
    account = nova_account()
    with pytest.raises(account.runtime.exceptions.ClientError, match="simulated"):
        invoke(account, NOVA, body)


@pytest.mark.parametrize("region", ["us-west-2", "us-east-1"])
def test_converse_speaks_with_both_families(region: str) -> None:
    account = nova_account() if region == "us-east-1" else Account()
    base = NOVA_TUNABLE if region == "us-east-1" else HAIKU_TUNABLE
    serving = account.in_service(account.tuned_model(baseModelIdentifier=base, validationDataConfig=None))
    answer = account.runtime.converse(
        modelId=serving,
        messages=[{"role": "user", "content": [{"text": PROMPT}]}],
        system=[{"text": "Be brief."}],
        inferenceConfig={"maxTokens": 3, "temperature": 0.5, "stopSequences": ["%"]},
    )
    assert answer["output"]["message"]["content"] == [{"text": f"[simulated] {TAUGHT}"[:18]}]
    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] == 3
    assert answer["additionalModelResponseFields"] == {"simulated": True}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "assistant", "content": [{"text": "x"}]}]}, "roles must alternate"),
        ({"inferenceConfig": {"temperature": 1.5}}, "'inferenceConfig.temperature' failed"),
    ],
)
def test_converse_refuses_a_bad_request(account: Account, change: dict[str, Any], expected: str) -> None:
    request: dict[str, Any] = {"modelId": HAIKU, "messages": [{"role": "user", "content": [{"text": "x"}]}], **change}
    with pytest.raises(account.runtime.exceptions.ValidationException, match=expected):
        account.runtime.converse(**request)


def test_converse_says_what_it_does_not_simulate(account: Account) -> None:
    with pytest.raises(account.runtime.exceptions.ClientError, match=saying("guardrailConfig", "simulated")):
        account.runtime.converse(modelId=HAIKU, guardrailConfig={"guardrailIdentifier": "g", "guardrailVersion": "1"})


def test_a_model_that_is_asked_by_its_profile_is_not_asked_by_its_own_id() -> None:
    account = Account(region="us-east-1")
    asked = {"schemaVersion": "messages-v1", "messages": [{"role": "user", "content": [{"text": PROMPT}]}]}
    assert invoke(account, "us.amazon.nova-2-lite-v1:0", asked)
    for other in ("amazon.nova-2-lite-v1:0", "amazon.nova-2-lite-v1:0:256k"):
        with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("on-demand throughput")):
            invoke(account, other, asked)
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("invalid")):
        invoke(account, "us.amazon.titan-text-lite-v1", asked)
