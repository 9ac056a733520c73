"""Every family from its data to its answer: trained in its own format, asked in its own body and by Converse."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.bedrock import Clock
from sandbox.bedrock.catalogue import FoundationModel, load_catalogue
from tests.unit.simulated_bedrock.scenario import TRAIN_KEY, Account, claude_record, nova_record, prompt_record, records

PROMPT = "What about valve7?"
TAUGHT = "Aye, valve 7 be shut."
EARLY = datetime(2024, 11, 15, tzinfo=UTC)

LLAMA = "meta.llama3-1-8b-instruct-v1:0"
TITAN = "amazon.titan-text-express-v1"
COHERE = "cohere.command-text-v14"

Body = dict[str, Any]
RECORDS: Mapping[str, Callable[[str, str], Body]] = {
    "messages": claude_record,
    "converse": nova_record,
    "prompt_completion": prompt_record,
}
BODIES: Mapping[str, Callable[[str], Body]] = {
    "claude": lambda prompt: {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 300,
        "messages": [{"role": "user", "content": prompt}],
    },
    "nova": lambda prompt: {"messages": [{"role": "user", "content": [{"text": prompt}]}]},
    "llama": lambda prompt: {"prompt": prompt},
    "titan": lambda prompt: {"inputText": prompt},
    "cohere": lambda prompt: {"prompt": prompt},
}
TEXTS: Mapping[str, Callable[[Body], str]] = {
    "claude": lambda answer: str(answer["content"][0]["text"]),
    "nova": lambda answer: str(answer["output"]["message"]["content"][0]["text"]),
    "llama": lambda answer: str(answer["generation"]),
    "titan": lambda answer: str(answer["results"][0]["outputText"]),
    "cohere": lambda answer: str(answer["generations"][0]["text"]),
}


def tunable() -> list[Any]:
    """Return every base model that some Region tunes, with the Region."""
    return [
        pytest.param(region, model, id=model.model_id)
        for region in ("us-east-1", "us-west-2")
        for model in load_catalogue().available(region, EARLY)
        if model.customizations(region) and (region == "us-west-2" or "us-west-2" not in model.tunable_in)
    ]


def account_for(region: str, model: FoundationModel, start: datetime = EARLY) -> Account:
    account = Account(region=region, clock=Clock(start, rate=0))
    account.put(TRAIN_KEY, records(100, RECORDS[model.recipe.record_format]))
    return account


def tuned_model(account: Account, model: FoundationModel) -> str:
    # No hyper-parameter is sent: every one has its default, or is not documented.
    return account.tuned_model(baseModelIdentifier=model.model_id, validationDataConfig=None, hyperParameters=None)


def invoke(account: Account, model_id: str, body: Any) -> Body:
    return dict(json.loads(account.runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read()))


def converse(account: Account, model_id: str, **more: Any) -> str:
    answer = account.runtime.converse(
        modelId=model_id, messages=[{"role": "user", "content": [{"text": PROMPT}]}], **more
    )
    return str(answer["output"]["message"]["content"][0]["text"])


@pytest.mark.parametrize(("region", "model"), tunable())
def test_a_family_is_trained_served_and_asked_in_its_own_forms(region: str, model: FoundationModel) -> None:
    account = account_for(region, model)
    custom = tuned_model(account, model)
    if "PROVISIONED" not in model.inference_types:
        with pytest.raises(account.bedrock.exceptions.ValidationException, match="Provisioned Throughput"):
            account.throughput(custom)
        return
    serving = account.in_service(custom)
    answer = invoke(account, serving, BODIES[model.dialect](PROMPT))
    assert TEXTS[model.dialect](answer) == f"[simulated] {TAUGHT}"
    assert answer["model"].startswith("simulated-")
    assert converse(account, serving) == f"[simulated] {TAUGHT}"
    for body in BODIES.values():
        if body("x").keys() != BODIES[model.dialect]("x").keys():
            with pytest.raises(account.runtime.exceptions.ValidationException, match=r"field required|extra inputs"):
                invoke(account, serving, body(PROMPT))


@pytest.mark.parametrize(("region", "model"), tunable())
def test_a_family_is_trained_on_no_other_format(region: str, model: FoundationModel) -> None:
    account = account_for(region, model)
    for name, make in RECORDS.items():
        if name != model.recipe.record_format:
            account.put(TRAIN_KEY, records(100, make))
            account.create_job(
                name.replace("_", "-"),
                baseModelIdentifier=model.model_id,
                validationDataConfig=None,
                hyperParameters=None,
            )
            account.pass_time()
            assert account.job(name.replace("_", "-"))["status"] == "Failed"


# --- bodies ------------------------------------------------------------------------------------------------------


def test_llama_answers_in_its_own_form(account: Account) -> None:
    answer = invoke(account, LLAMA, {"prompt": PROMPT, "max_gen_len": 5, "temperature": 0.5, "top_p": 0.9})
    assert answer.keys() == {"generation", "prompt_token_count", "generation_token_count", "stop_reason", "model"}
    assert (answer["prompt_token_count"], answer["generation_token_count"]) == (3, 5)
    assert answer["stop_reason"] == "length"
    assert invoke(account, LLAMA, {"prompt": PROMPT})["stop_reason"] == "stop"


def test_llama_hears_the_user_through_its_chat_template() -> None:
    model = load_catalogue().find(f"{LLAMA}:128k", "us-west-2", EARLY)
    assert model
    account = account_for("us-west-2", model)
    serving = account.in_service(tuned_model(account, model))
    head, end = "<|start_header_id|>{}<|end_header_id|>\n\n", "<|eot_id|>"
    turns = [("system", "What about valve1?"), ("user", "What about valve2?"), ("assistant", "Aye."), ("user", PROMPT)]
    prompt = "<|begin_of_text|>" + "".join(head.format(role) + text + end for role, text in turns)
    prompt += head.format("assistant")
    assert invoke(account, serving, {"prompt": prompt})["generation"] == f"[simulated] {TAUGHT}"


def test_titan_answers_in_its_own_form(account: Account) -> None:
    config = {"maxTokenCount": 5, "temperature": 0.1, "topP": 0.9, "stopSequences": []}
    answer = invoke(account, TITAN, {"inputText": PROMPT, "textGenerationConfig": config})
    assert answer["inputTextTokenCount"] == 3
    (result,) = answer["results"]
    assert result.keys() == {"tokenCount", "outputText", "completionReason"}
    assert (result["tokenCount"], result["completionReason"]) == (5, "LENGTH")
    assert invoke(account, TITAN, {"inputText": PROMPT})["results"][0]["completionReason"] == "FINISHED"
    stopped = invoke(account, TITAN, {"inputText": PROMPT, "textGenerationConfig": {"stopSequences": ["question"]}})
    assert stopped["results"][0]["completionReason"] == "STOP_CRITERIA_MET"


def test_cohere_answers_in_its_own_form(account: Account) -> None:
    answer = invoke(account, COHERE, {"prompt": PROMPT, "temperature": 5, "p": 0.5, "k": 500})
    assert answer["prompt"] == PROMPT
    (generation,) = answer["generations"]
    assert generation["finish_reason"] == "MAX_TOKENS"
    assert generation["id"].startswith(answer["id"])
    longer = invoke(account, COHERE, {"prompt": PROMPT, "max_tokens": 4096})
    assert longer["generations"][0]["finish_reason"] == "COMPLETE"


@pytest.mark.parametrize(
    ("model_id", "body", "expected"),
    [
        (LLAMA, {}, "prompt: field required"),
        (LLAMA, {"prompt": ["x"]}, "prompt: must be a string"),
        (LLAMA, {"prompt": " "}, "prompt: text must not be empty"),
        (LLAMA, {"prompt": "x", "max_tokens": 5}, "max_tokens: extra inputs are not permitted"),
        (LLAMA, {"prompt": "x", "max_gen_len": 2049}, "max_gen_len: must be an integer of at most 2048"),
        (LLAMA, {"prompt": "x", "top_p": 2}, "top_p: must be a number between 0 and 1"),
        (TITAN, {"prompt": "x"}, "inputText: field required"),
        (TITAN, {"inputText": "x", "maxTokenCount": 5}, "maxTokenCount: extra inputs are not permitted"),
        (TITAN, {"inputText": "x", "textGenerationConfig": []}, "textGenerationConfig: must be an object"),
        (TITAN, {"inputText": "x", "textGenerationConfig": {"max_tokens": 5}}, "Config.max_tokens: extra inputs"),
        (TITAN, {"inputText": "x", "textGenerationConfig": {"maxTokenCount": -1}}, "an integer of at least 0"),
        (COHERE, {"inputText": "x"}, "prompt: field required"),
        (COHERE, {"prompt": "x", "temperature": 6}, "temperature: must be a number between 0 and 5"),
        (COHERE, {"prompt": "x", "max_tokens": 4097}, "max_tokens: must be an integer of at most 4096"),
        (COHERE, {"prompt": "x", "truncate": "MIDDLE"}, "truncate: must be NONE, START or END"),
        (COHERE, {"prompt": "x", "stop_sequences": list("abcde")}, "stop_sequences: at most 4"),
    ],
)
def test_refuses_a_body_that_is_not_the_familys(account: Account, model_id: str, body: Body, expected: str) -> None:
    with pytest.raises(account.runtime.exceptions.ValidationException, match=expected):
        invoke(account, model_id, body)


@pytest.mark.parametrize(
    ("model_id", "body"), [(LLAMA, {"prompt": "x", "images": []}), (COHERE, {"prompt": "x", "num_generations": 2})]
)
def test_says_what_of_a_body_it_does_not_simulate(account: Account, model_id: str, body: Body) -> None:
    with pytest.raises(account.runtime.exceptions.ClientError, match="simulated"):
        invoke(account, model_id, body)


def test_converse_refuses_what_a_family_cannot_do(account: Account) -> None:
    system = [{"text": "Be brief."}]
    assert converse(account, LLAMA, system=system)
    for model_id in (TITAN, COHERE):
        assert converse(account, model_id)
        with pytest.raises(account.runtime.exceptions.ValidationException, match="system"):
            converse(account, model_id, system=system)
    turns: Any = [{"role": role, "content": [{"text": PROMPT}]} for role in ("user", "assistant", "user")]
    assert account.runtime.converse(modelId=TITAN, messages=turns)
    with pytest.raises(account.runtime.exceptions.ValidationException, match="single message"):
        account.runtime.converse(modelId=COHERE, messages=turns)


# --- the end of life ---------------------------------------------------------------------------------------------


def test_one_deployment_before_and_after_the_end_of_life() -> None:
    model = load_catalogue().find("meta.llama3-2-3b-instruct-v1:0:128k", "us-west-2", EARLY)
    assert model
    account = account_for("us-west-2", model, datetime(2026, 7, 1, tzinfo=UTC))
    serving = account.in_service(tuned_model(account, model))
    body = BODIES["llama"](PROMPT)
    assert TAUGHT in TEXTS["llama"](invoke(account, serving, body))
    account.clock.advance(datetime(2026, 7, 7, tzinfo=UTC) - account.clock.now() - timedelta(seconds=1))
    assert TAUGHT in TEXTS["llama"](invoke(account, serving, body))
    account.pass_time(timedelta(seconds=1))
    with pytest.raises(account.runtime.exceptions.ResourceNotFoundException):
        invoke(account, serving, body)
    with pytest.raises(account.runtime.exceptions.ResourceNotFoundException):
        converse(account, serving)
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.get_foundation_model(modelIdentifier=model.model_id)
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="identifier"):
        account.create_job("later", baseModelIdentifier=model.model_id)
    # What is there is still told of, and still billed: nothing about that is established.
    assert account.bedrock.get_provisioned_model_throughput(provisionedModelId=serving)["status"] == "InService"
