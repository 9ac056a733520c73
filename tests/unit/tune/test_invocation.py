"""Asking a model in the form that its profile names: the simulated Bedrock refuses any other."""

from typing import Any

import pytest

from bedrock_tuning.base_models import BaseModelProfile, Invocation, base_model, profiles
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import Account
from tune.invocation import ask, request_body

QUESTION: dict[str, Any] = {"system": "Be brief.", "prompt": "What about valve7?", "max_tokens": 7}


def invocation(base_model_id: str) -> Invocation:
    return base_model(base_model_id).invocation


@pytest.mark.parametrize("system", ["", "Be brief."])
@pytest.mark.parametrize("profile", profiles(), ids=lambda profile: str(profile.id))
def test_every_base_model_answers_what_it_is_asked_in_its_own_form(profile: BaseModelProfile, system: str) -> None:
    region = profile.regions[0] if profile.regions else "us-east-1"
    account = Account(region=region)
    asked = {**QUESTION, "system": system}
    answer = ask(account.runtime, profile.untuned_id, profile.invocation, **asked)
    assert answer.startswith("[simulated] ")
    # Seven tokens are as many characters as the simulation counts with: every form says how long an answer may be.
    assert len(answer) == 7 * 6


@pytest.mark.parametrize(
    ("base_model_id", "body"),
    [
        (
            "anthropic.claude-3-haiku-20240307-v1:0:200k",
            {
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 7,
                "messages": [{"role": "user", "content": "What about valve7?"}],
                "system": "Be brief.",
            },
        ),
        (
            "amazon.nova-micro-v1:0:128k",
            {
                "schemaVersion": "messages-v1",
                "messages": [{"role": "user", "content": [{"text": "What about valve7?"}]}],
                "inferenceConfig": {"maxTokens": 7},
                "system": [{"text": "Be brief."}],
            },
        ),
        (
            "meta.llama3-1-8b-instruct-v1:0:128k",
            {
                "prompt": "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
                "<|start_header_id|>user<|end_header_id|>\n\nWhat about valve7?<|eot_id|>"
                "<|start_header_id|>assistant<|end_header_id|>\n\n",
                "max_gen_len": 7,
            },
        ),
        (
            "amazon.titan-text-express-v1:0:8k",
            {"inputText": "Be brief.\n\nWhat about valve7?", "textGenerationConfig": {"maxTokenCount": 7}},
        ),
        ("cohere.command-text-v14:7:4k", {"prompt": "Be brief.\n\nWhat about valve7?", "max_tokens": 7}),
    ],
)
def test_the_body_is_the_one_of_the_family(base_model_id: str, body: dict[str, Any]) -> None:
    assert request_body(invocation(base_model_id), **QUESTION) == body


def test_a_model_without_a_documented_body_has_none() -> None:
    with pytest.raises(ValueError, match=saying("InvokeModel", "converse", "Converse")):
        request_body(invocation("amazon.nova-2-lite-v1:0:256k"), **QUESTION)
