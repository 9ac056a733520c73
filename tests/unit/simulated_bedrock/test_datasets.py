"""The rules that datasets are held to, and that a refusal never quotes them."""

import json
from typing import Any

import pytest

from sandbox.bedrock.training.records import BadRecord, Example, read_record
from tests.unit.simulated_bedrock.scenario import (
    BUCKET,
    HAIKU_TUNABLE,
    LLAMA_TUNABLE,
    NOVA_TUNABLE,
    TRAIN_KEY,
    VALIDATION_KEY,
    Account,
    claude_record,
    jsonl,
    nova_record,
    prompt_record,
    recipe_of,
    records,
    uri,
)

HAIKU_RECIPE = recipe_of(HAIKU_TUNABLE)
NOVA_RECIPE = recipe_of(NOVA_TUNABLE, "us-east-1")
LLAMA_RECIPE = recipe_of(LLAMA_TUNABLE)
COHERE_RECIPE = recipe_of("cohere.command-text-v14:7:4k")
USER = {"role": "user", "content": "Secret?"}
ASSISTANT = {"role": "assistant", "content": "Secret."}
NOVA_USER = {"role": "user", "content": [{"text": "Secret?"}]}
NOVA_ASSISTANT = {"role": "assistant", "content": [{"text": "Secret."}]}


def nova(**changes: Any) -> dict[str, Any]:
    return {"schemaVersion": "any", "messages": [NOVA_USER, NOVA_ASSISTANT], **changes}


def test_takes_the_last_exchange_of_a_longer_conversation() -> None:
    turns = [USER, ASSISTANT, {"role": "user", "content": "And now?"}, {"role": "assistant", "content": "Now."}]
    assert read_record(json.dumps({"messages": turns}), HAIKU_RECIPE) == Example("And now?", "Now.", tokens=5)


def test_counts_the_system_text_as_well() -> None:
    bare = read_record(json.dumps({"messages": [USER, ASSISTANT]}), HAIKU_RECIPE)
    with_system = read_record(json.dumps({"system": "x" * 60, "messages": [USER, ASSISTANT]}), HAIKU_RECIPE)
    assert with_system.tokens == bare.tokens + 10


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("Secret", "not a JSON object"),
        ({"messages": [USER, ASSISTANT], "Secret": 1}, "keys other than messages, system"),
        ({"system": "Secret"}, "lacks messages"),
        ({"system": ["Secret"], "messages": [USER, ASSISTANT]}, "system is not a string"),
        ({"messages": "Secret"}, "messages is not a list"),
        ({"messages": []}, "at least one user and one assistant"),
        ({"messages": [USER]}, "at least one user and one assistant"),
        ({"messages": [USER, "Secret"]}, r"messages\[1\] is not an object"),
        ({"messages": [USER, {**ASSISTANT, "Secret": 1}]}, r"messages\[1\] holds keys other than content, role"),
        ({"messages": [USER, {"role": "Secret", "content": "x"}]}, r"messages\[1\].role is neither"),
        ({"messages": [ASSISTANT, USER]}, r"messages\[0\].role breaks the alternation"),
        ({"messages": [USER, USER]}, r"messages\[1\].role breaks the alternation"),
        ({"messages": [USER, ASSISTANT, USER]}, "the last message is not the assistant's"),
        ({"messages": [USER, {"role": "assistant", "content": " "}]}, r"messages\[1\].content is not a string with"),
        ({"messages": [USER, {"role": "assistant", "content": [{"text": "Secret"}]}]}, r"messages\[1\].content"),
        ({"messages": [USER, {"role": "assistant", "content": "Secret\nHuman: hi"}]}, r'reserved word "\\nHuman:"'),
        ({"system": "x\nAssistant: y", "messages": [USER, ASSISTANT]}, r'reserved word "\\nAssistant:"'),
    ],
)
def test_refuses_a_claude_record(record: Any, expected: str) -> None:
    with pytest.raises(BadRecord, match=expected) as caught:
        read_record(json.dumps(record), HAIKU_RECIPE)
    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["I am Human: truly", "a\nHuman being", "the\nAssistant said"])
def test_takes_the_reserved_words_of_claude_in_other_forms(text: str) -> None:
    read_record(json.dumps(claude_record(completion=text)), HAIKU_RECIPE)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"messages": [NOVA_USER, NOVA_ASSISTANT]}, "lacks schemaVersion"),
        (nova(schemaVersion=1), "schemaVersion is not a string"),
        (nova(system="Secret"), "system is not a list of content blocks"),
        (nova(system=[]), "system is not a list of content blocks"),
        (nova(system=[{"text": "System: Secret"}]), 'reserved word "System:"'),
        (nova(messages=[USER, NOVA_ASSISTANT]), r"messages\[0\].content is not a list"),
        (
            nova(messages=[{"role": "user", "content": [{"image": {}}]}, NOVA_ASSISTANT]),
            "images and videos are not sim",
        ),
        (
            nova(messages=[{"role": "user", "content": [{"text": "Bot: Secret"}]}, NOVA_ASSISTANT]),
            'reserved word "Bot:"',
        ),
        (nova(messages=[{"role": "user", "content": [{"text": ""}]}, NOVA_ASSISTANT]), r"content\[0\].text is not"),
    ],
)
def test_refuses_a_nova_record(record: Any, expected: str) -> None:
    with pytest.raises(BadRecord, match=expected) as caught:
        read_record(json.dumps(record), NOVA_RECIPE)
    assert "Secret" not in str(caught.value)


def test_takes_the_reserved_words_of_nova_in_an_answer() -> None:
    read_record(json.dumps(nova_record(completion="User: yes")), NOVA_RECIPE)


def test_reads_a_prompt_and_its_completion() -> None:
    line = json.dumps(prompt_record("Is it on?", "It is."))
    assert read_record(line, LLAMA_RECIPE) == Example("Is it on?", "It is.", tokens=3)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"prompt": "Secret"}, "the record lacks completion"),
        ({"prompt": "Secret", "completion": "Secret", "system": "Secret"}, "keys other than completion, prompt"),
        ({"prompt": " ", "completion": "Secret"}, "prompt is not a string with text in it"),
        ({"prompt": "Secret", "completion": ["Secret"]}, "completion is not a string with text in it"),
        ({"messages": [USER, ASSISTANT]}, "the record lacks completion, prompt"),
    ],
)
def test_refuses_a_prompt_record(record: Any, expected: str) -> None:
    with pytest.raises(BadRecord, match=expected) as caught:
        read_record(json.dumps(record), LLAMA_RECIPE)
    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "completion", "expected"),
    [
        (4096 * 6, 2048 * 6, None),
        (4096 * 6 + 1, 1, "the input has about 4097 tokens, at most 4096"),
        (1, 2048 * 6 + 1, "the output has about 2049 tokens, at most 2048"),
    ],
)
def test_bounds_input_and_output_by_themselves(prompt: int, completion: int, expected: str | None) -> None:
    line = json.dumps(prompt_record("x" * prompt, "y" * completion))
    if expected is None:
        read_record(line, COHERE_RECIPE)
    else:
        with pytest.raises(BadRecord, match=expected):
            read_record(line, COHERE_RECIPE)


@pytest.mark.parametrize(
    ("number", "expected"), [(99, "the datasets hold together 99 records, between 100 and 10000"), (100, None)]
)
def test_bounds_training_and_validation_records_together(account: Account, number: int, expected: str | None) -> None:
    account.put(TRAIN_KEY, records(number, prompt_record))
    changes: dict[str, Any] = {"baseModelIdentifier": LLAMA_TUNABLE, "validationDataConfig": None}
    if expected is None:
        account.tuned_model(**changes)
    else:
        assert expected in failure(account, **changes)


def failure(account: Account, **changes: Any) -> str:
    account.create_job(**changes)
    account.pass_time()
    job = account.job()
    assert job["status"] == "Failed"
    assert job["statusDetails"]["validationDetails"]["status"] == "Failed"
    assert job["statusDetails"]["trainingDetails"]["status"] == "NotStarted"
    return str(job["failureMessage"])


@pytest.mark.parametrize(("train", "validation"), [(32, 32), (10_000 - 32, 32), (9_000, 1_000)])
def test_takes_as_many_records_as_haiku_allows(account: Account, train: int, validation: int) -> None:
    account.put(TRAIN_KEY, records(train))
    account.put(VALIDATION_KEY, records(validation))
    account.tuned_model()


@pytest.mark.parametrize(
    ("train", "validation", "expected"),
    [
        (31, 32, "the training dataset holds 31 records, between 32 and 10000"),
        (10_001, 32, "the training dataset holds 10001 records"),
        (32, 31, "the validation dataset holds 31 records, between 32 and 1000"),
        (32, 1_001, "the validation dataset holds 1001 records"),
        (9_001, 1_000, "hold together 10001 records, between 1 and 10000"),
        (0, 32, "the training dataset holds 0 records"),
    ],
)
def test_refuses_other_numbers_of_records(account: Account, train: int, validation: int, expected: str) -> None:
    account.put(TRAIN_KEY, records(train))
    account.put(VALIDATION_KEY, records(validation))
    assert expected in failure(account)


def test_nova_takes_eight_records_and_not_seven() -> None:
    for number, status in ((8, "Completed"), (7, "Failed")):
        account = Account(region="us-east-1")
        account.put(TRAIN_KEY, records(number, nova_record))
        account.create_job(baseModelIdentifier=NOVA_TUNABLE, validationDataConfig=None)
        account.pass_time()
        assert account.job()["status"] == status


def test_names_the_line_that_breaks_a_rule(account: Account) -> None:
    account.put(TRAIN_KEY, [*records(40), {"messages": [USER]}, *records(3)])
    message = failure(account)
    assert message.startswith(f"{uri(TRAIN_KEY)}: line 41: ")
    assert "Secret" not in message


def test_refuses_a_record_that_is_too_long(account: Account) -> None:
    account.put(TRAIN_KEY, [*records(40), claude_record(completion="x" * 6 * 32_001)])
    assert "line 41: the record has about 3200" in failure(account)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (jsonl(records(32)).rstrip(b"\n"), None),
        (jsonl(records(32)).replace(b"\n", b"\r\n"), None),
        (jsonl(records(32)) + b"\n", "line 33: the line is not valid JSON"),
        (b"\xef\xbb\xbf" + jsonl(records(32)), "line 1: the line is not valid JSON"),
        (jsonl(records(32)) + b"\xff\n", "is not UTF-8"),
        (json.dumps(records(32)).encode(), "line 1: the line is not a JSON object"),
    ],
)
def test_reads_json_lines_in_utf_8(account: Account, body: bytes, expected: str | None) -> None:
    account.world.objects[BUCKET, TRAIN_KEY] = body
    if expected is None:
        account.tuned_model()
        assert account.job()["status"] == "Completed"
    else:
        assert expected in failure(account)


def test_refuses_a_file_that_is_no_jsonl(account: Account) -> None:
    account.world.objects[BUCKET, "train/data.json"] = jsonl(records(64))
    assert "must end in .jsonl" in failure(account, trainingDataConfig={"s3Uri": uri("train/data.json")})


def test_adds_up_several_validation_files(account: Account) -> None:
    account.put("validation/a.jsonl", records(16))
    account.put("validation/b.jsonl", records(16))
    validators = [{"s3Uri": uri("validation/a.jsonl")}, {"s3Uri": uri("validation/b.jsonl")}]
    account.tuned_model(validationDataConfig={"validators": validators})
    assert account.job()["status"] == "Completed"
