"""Converse with tools: who calls them, with what, and who does not; and answers that are JSON."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from sandbox.bedrock import Settings
from sandbox.bedrock.assumed import Assumed
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import TRAIN_KEY, Account, nova_record, records
from tests.unit.simulated_bedrock.test_deployments import NovaAccount

PRO = "amazon.nova-pro-v1:0"
ASKED = "Shut valve7, and tell the hall."
CALLS = [{"name": "shut", "input": {"valve": 7}}, {"name": "tell", "input": {"whom": "hall", "loud": True}}]
SHUT_AND_TELL = ("shut", "tell")


def tools(names: Sequence[str] = SHUT_AND_TELL, choice: dict[str, Any] | None = None) -> dict[str, Any]:
    specs = [{"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object"}}}} for name in names]
    return {"tools": specs, **({"toolChoice": choice} if choice else {})}


def ask(account: Account, model_id: str, config: dict[str, Any] | None = None, max_tokens: int = 100) -> dict[str, Any]:
    more: dict[str, Any] = {} if config is None else {"toolConfig": config}
    messages: Any = [{"role": "user", "content": [{"text": ASKED}]}]
    limit: Any = {"maxTokens": max_tokens}
    return dict(account.runtime.converse(modelId=model_id, messages=messages, inferenceConfig=limit, **more))


def content(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return list(answer["output"]["message"]["content"])


def called(answer: dict[str, Any]) -> list[dict[str, Any]]:
    assert answer["stopReason"] == "tool_use"
    blocks = [block["toolUse"] for block in content(answer)]
    assert len({block["toolUseId"] for block in blocks}) == len(blocks)
    return [{"name": block["name"], "input": block["input"]} for block in blocks]


def taught(answers: Any, settings: Settings | None = None) -> tuple[NovaAccount, str]:
    """Return an account and a deployment of a model that was taught these answers."""
    nova = NovaAccount(settings)
    nova.put(TRAIN_KEY, records(8, lambda prompt, _: nova_record(prompt, json.dumps(answers))))
    return nova, nova.active(nova.model())


def knowing(answer: Any, rate: float = 1.0) -> Account:
    """Return an account in which the right answer to what is asked is known."""
    east = Account(region="us-east-1")
    known = [{"prompt": ASKED, "answer": answer}]
    east.simulated.handle_control("quality", {"records": known, "rates": {PRO: rate}})
    return east


def test_a_model_calls_the_tools_that_are_the_right_answer() -> None:
    answer = ask(knowing(CALLS), PRO, tools())
    assert called(answer) == CALLS
    assert answer["usage"]["outputTokens"] > 1
    assert answer["usage"]["inputTokens"] > 10 + ask(knowing(CALLS), PRO)["usage"]["inputTokens"]
    assert answer == {**ask(knowing(CALLS), PRO, tools()), "ResponseMetadata": answer["ResponseMetadata"]}


def test_a_wrong_model_calls_them_with_another_argument() -> None:
    wrong = called(ask(knowing(CALLS, rate=0.0), PRO, tools()))
    assert [call["name"] for call in wrong] == ["shut", "tell"]
    assert wrong != CALLS


def test_a_tuned_model_calls_the_tools_that_it_was_taught_to_call() -> None:
    nova, serving = taught(CALLS)
    assert called(ask(nova, serving, tools())) == CALLS


def test_a_tuned_model_may_be_refused_tools() -> None:
    nova, serving = taught(CALLS, Settings(assumed=Assumed({"tuned-tools": "refused"})))
    with pytest.raises(nova.runtime.exceptions.ValidationException, match=saying("tool use")):
        ask(nova, serving, tools())
    assert content(ask(nova, serving))


@pytest.mark.parametrize("config", [None, tools(["shut"])], ids=["no tools", "not this tool"])
def test_calls_of_tools_that_are_not_offered_are_said_as_json(config: dict[str, Any] | None) -> None:
    answer = ask(knowing(CALLS), PRO, config)
    assert answer["stopReason"] == "end_turn"
    assert json.loads(content(answer)[0]["text"]) == CALLS


@pytest.mark.parametrize("answer", ["Aye.", {"valve": 7}, [], [7], [{"name": "shut"}], [{"name": "shut", "input": 7}]])
def test_what_is_no_list_of_calls_is_said(answer: Any) -> None:
    reply = ask(knowing(answer), PRO, tools())
    assert reply["stopReason"] == "end_turn"
    assert content(reply) == [{"text": answer if isinstance(answer, str) else json.dumps(answer)}]


@pytest.mark.parametrize(
    ("choice", "name"), [({"any": {}}, "shut"), ({"tool": {"name": "tell"}}, "tell")], ids=["any", "this one"]
)
def test_where_a_tool_must_be_called_a_model_that_knows_no_better_calls_it_without_input(
    choice: dict[str, Any], name: str
) -> None:
    assert called(ask(Account(region="us-east-1"), PRO, tools(choice=choice))) == [{"name": name, "input": {}}]


def test_no_other_tool_is_called_than_the_one_that_must_be() -> None:
    only_tell = tools(choice={"tool": {"name": "tell"}})
    assert called(ask(knowing(CALLS[1:]), PRO, only_tell)) == CALLS[1:]
    assert called(ask(knowing(CALLS), PRO, only_tell)) == [{"name": "tell", "input": {}}]


def test_an_object_is_the_input_of_the_tool_that_must_be_called() -> None:
    answer = ask(knowing({"valve": 7}), PRO, tools(choice={"tool": {"name": "tell"}}))
    assert called(answer) == [{"name": "tell", "input": {"valve": 7}}]


def test_calls_that_are_longer_than_allowed_are_cut_as_a_text() -> None:
    answer = ask(knowing(CALLS), PRO, tools(), max_tokens=5)
    assert (answer["stopReason"], answer["usage"]["outputTokens"]) == ("max_tokens", 5)
    assert content(answer)[0].keys() == {"text"}


def test_a_tool_that_is_not_there_cannot_be_chosen() -> None:
    account = Account(region="us-east-1")
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("toolChoice", "open")):
        ask(account, PRO, tools(choice={"tool": {"name": "open"}}))


def test_a_model_that_calls_no_tools_refuses_them(account: Account) -> None:
    with pytest.raises(account.runtime.exceptions.ValidationException, match=saying("tool use")):
        ask(account, "amazon.titan-text-lite-v1", tools())


@pytest.mark.parametrize("tool", [{"cachePoint": {"type": "default"}}, {"systemTool": {"name": "nova_grounding"}}])
def test_says_what_of_tools_it_does_not_simulate(account: Account, tool: dict[str, Any]) -> None:
    config = {"tools": [*tools()["tools"], tool]}
    with pytest.raises(account.runtime.exceptions.ClientError, match=saying(next(iter(tool)), "simulated")):
        ask(account, "meta.llama3-1-8b-instruct-v1:0", config)


@pytest.mark.parametrize("answer", [{"valve": 7}, [1, 2]])
def test_taught_json_is_answered_without_the_label(answer: Any) -> None:
    nova, serving = taught(answer)
    assert json.loads(content(ask(nova, serving))[0]["text"]) == answer


@pytest.mark.parametrize("answer", ["{valve}", "[sic]", "7"])
def test_what_only_looks_like_json_keeps_it(answer: str) -> None:
    nova = NovaAccount()
    nova.put(TRAIN_KEY, records(8, lambda prompt, _: nova_record(prompt, answer)))
    serving = nova.active(nova.model())
    assert content(ask(nova, serving)) == [{"text": f"[simulated] {answer}"}]


USED = {"toolUse": {"toolUseId": "one", "name": "shut", "input": {"valve": 7}}}
RESULT = {"toolResult": {"toolUseId": "one", "content": [{"json": {"state": "shut"}}, {"text": "Done."}]}}


def after(*turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages of a conversation in which user and assistant say these blocks by turns."""
    return [{"role": ("user", "assistant")[index % 2], "content": turn} for index, turn in enumerate(turns)]


def converse(account: Account, messages: Any, **more: Any) -> dict[str, Any]:
    limit: Any = {"maxTokens": 100}
    return dict(account.runtime.converse(modelId=PRO, messages=messages, inferenceConfig=limit, **more))


def test_a_conversation_goes_on_after_a_tool_was_used() -> None:
    east = Account(region="us-east-1")
    messages = after([{"text": ASKED}], [{"text": "At once."}, USED], [RESULT])
    answer = converse(east, messages, toolConfig=tools())
    assert answer["stopReason"] == "end_turn"
    assert (
        answer["usage"]["inputTokens"] > converse(east, messages[:1], toolConfig=tools())["usage"]["inputTokens"] + 10
    )
    other = {"toolResult": {"toolUseId": "one", "content": [{"text": "It is stuck."}]}}
    converse(east, after([{"text": ASKED}], [{"text": "At once."}, USED], [other]), toolConfig=tools())
    (metered,) = east.simulated.handle_control("meter", {})["invocations"]
    assert (metered["questions"], metered["repeated"]) == (3, {})


@pytest.mark.parametrize(
    ("messages", "more", "parts"),
    [
        (after([{"text": ASKED}], [USED], [RESULT]), {}, ("toolConfig",)),
        (after([{"text": ASKED}], [USED], [{"text": "Well?"}]), {"toolConfig": tools()}, ("messages.2.content", "one")),
        (after([{"text": ASKED}], [{"text": "No."}], [RESULT]), {"toolConfig": tools()}, ("messages.2.content", "one")),
        (after([RESULT]), {"toolConfig": tools()}, ("messages.0.content", "one")),
        (after([{"text": ASKED}], [USED]), {"toolConfig": tools()}, ("messages.2.content", "one")),
    ],
)
def test_a_use_and_its_result_belong_together(messages: Any, more: dict[str, Any], parts: tuple[str, ...]) -> None:
    east = Account(region="us-east-1")
    with pytest.raises(east.runtime.exceptions.ValidationException, match=saying(*parts)):
        converse(east, messages, **more)


@pytest.mark.parametrize(
    "block", [{"cachePoint": {"type": "default"}}, {"image": {"format": "png", "source": {"bytes": b"x"}}}]
)
def test_says_which_blocks_it_does_not_simulate(block: dict[str, Any]) -> None:
    east = Account(region="us-east-1")
    with pytest.raises(east.runtime.exceptions.ClientError, match=saying("messages[0].content[1]", "simulated")):
        converse(east, after([{"text": ASKED}, block]))
