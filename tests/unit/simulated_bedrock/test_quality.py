"""Models of known quality: rates, correlation, wrong answers, and the control that asks for them."""

import json
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sandbox.bedrock import ControlError
from sandbox.bedrock.answers.digests import digest
from sandbox.bedrock.quality.truth import is_right
from sandbox.bedrock.quality.wrong import wrong
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import Account
from tests.unit.simulated_bedrock.test_deployments import NovaAccount

NUMBER = 20_000
PRO = "amazon.nova-pro-v1:0"
MICRO = "amazon.nova-micro-v1:0"
SONNET = "anthropic.claude-sonnet-4-6"
CALLS = '[{"name": "shut", "input": {"valve": 7, "how": "slowly"}}]'


def drawn(model: str, rate: float, correlation: float = 0.0, seed: int = 0) -> list[bool]:
    return [is_right(f"question {number}", model, rate, correlation, seed) for number in range(NUMBER)]


def mean(values: list[bool]) -> float:
    return sum(values) / len(values)


def pearson(ours: list[bool], theirs: list[bool]) -> float:
    p, q = mean(ours), mean(theirs)
    both = mean([a and b for a, b in zip(ours, theirs, strict=True)])
    return (both - p * q) / math.sqrt(p * (1 - p) * q * (1 - q))


@pytest.mark.parametrize("correlation", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("rate", [0.0, 0.03, 0.5, 0.97, 1.0])
def test_a_rate_comes_out(rate: float, correlation: float) -> None:
    assert mean(drawn("model", rate, correlation)) == pytest.approx(rate, abs=4 * math.sqrt(rate * (1 - rate) / NUMBER))


@pytest.mark.parametrize("correlation", [0.0, 0.25, 0.6, 1.0])
def test_a_correlation_comes_out(correlation: float) -> None:
    found = pearson(drawn("one", 0.7, correlation), drawn("other", 0.7, correlation))
    assert found == pytest.approx(correlation, abs=0.03)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_with_other_rates_it_is_a_share_of_the_greatest_correlation(correlation: float) -> None:
    low, high = 0.5, 0.8
    greatest = (low - low * high) / math.sqrt(low * (1 - low) * high * (1 - high))
    found = pearson(drawn("one", low, correlation), drawn("other", high, correlation))
    assert found == pytest.approx(correlation * greatest, abs=0.03)


def test_equal_seeds_draw_equally_and_others_do_not() -> None:
    first = drawn("model", 0.5)
    assert first == drawn("model", 0.5)
    assert pearson(first, drawn("model", 0.5, seed=1)) == pytest.approx(0, abs=0.03)
    assert pearson(first, drawn("another", 0.5)) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(
    "right",
    ["Aye, valve 7 be shut.", "", "garnet amber basalt", "阀门已关闭", "42", "-1.5", "true", "null", '"shut"'],
)
def test_a_wrong_text_is_another_one_of_as_many_words(right: str) -> None:
    other = wrong(right, "draw")
    assert other == wrong(right, "draw")
    assert not {word.casefold() for word in other.split()} & {word.casefold() for word in right.split()}
    assert len(other.split()) == max(1, len(right.split()))


def kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: kinds(member) for name, member in value.items()}
    return [kinds(member) for member in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    "right",
    ['{"a": 1, "b": {"c": ["x", "y"], "d": false}}', '{"state": "shut"}', "[1, 2, 3]", '{"a": "größer"}', CALLS],
)
@pytest.mark.parametrize("draw", ["one", "two", "three"])
def test_wrong_json_has_the_same_form_with_one_other_value(right: str, draw: str) -> None:
    value, other = json.loads(right), json.loads(wrong(right, draw))
    assert other != value
    assert kinds(other) == kinds(value)


@pytest.mark.parametrize("right", ["{}", "[]", '[{"name": "shut", "input": {}}]', '{"a": null}', '{"a": []}'])
def test_json_without_a_value_to_change_is_other_json(right: str) -> None:
    assert json.loads(wrong(right, "draw")) != json.loads(right)


def test_a_wrong_call_calls_the_same_tools_with_one_other_argument() -> None:
    (call,) = json.loads(wrong(CALLS, "draw"))
    (right,) = json.loads(CALLS)
    assert call["name"] == right["name"]
    assert [name for name, value in call["input"].items() if value != right["input"][name]] in (["valve"], ["how"])


def test_another_draw_may_change_another_value() -> None:
    assert len({wrong('{"a": 1, "b": 2, "c": 3}', str(draw)) for draw in range(20)}) == 3


def converse(account: Account, model_id: str, prompt: str, **more: Any) -> str:
    answer = account.runtime.converse(
        modelId=model_id,
        messages=[{"role": "user", "content": [{"text": prompt}]}],
        inferenceConfig={"maxTokens": 100},
        **more,
    )
    return str(answer["output"]["message"]["content"][0]["text"])


def quality(account: Account, **request: Any) -> dict[str, Any]:
    return account.simulated.handle_control("quality", request)


@pytest.fixture
def east() -> Account:
    return Account(region="us-east-1")


RECORDS = [{"prompt": f"Question {number}?", "answer": f"Answer {number}."} for number in range(200)]


def score(account: Account, model_id: str) -> float:
    account.pass_time(timedelta(minutes=1))
    return mean([converse(account, model_id, each["prompt"]) == each["answer"] for each in RECORDS])


def test_a_model_answers_as_often_rightly_as_asked_and_the_same_each_time(east: Account) -> None:
    quality(east, records=RECORDS, rates={PRO: 0.7, f"us.{SONNET}": 1.0}, correlation=0.5)
    first = score(east, PRO)
    assert first == pytest.approx(0.7, abs=0.13)
    assert score(east, PRO) == score(east, f"us.{PRO}") == first
    assert score(east, f"us.{SONNET}") == 1.0
    assert score(east, MICRO) == 0.0  # it has no rate


def test_a_model_without_a_rate_and_a_question_without_an_answer_are_as_before(east: Account) -> None:
    before = [converse(east, MICRO, "Question 1?"), converse(east, PRO, "Another?")]
    quality(east, records=RECORDS, rates={PRO: 1.0})
    assert [converse(east, MICRO, "Question 1?"), converse(east, PRO, "Another?")] == before


@pytest.mark.parametrize("name", [lambda arn: "tuned-model", lambda arn: arn], ids=["name", "ARN"])
def test_a_tuned_model_is_named_as_a_custom_model_whatever_serves_it(name: Callable[[str], str]) -> None:
    nova = NovaAccount()
    model = nova.model("tuned")
    deployment, throughput = nova.active(model), nova.in_service(model, "throughput")
    quality(nova, records=RECORDS[:1], rates={name(model): 1.0})
    asked = RECORDS[0]["prompt"]
    assert converse(nova, deployment, asked) == converse(nova, throughput, asked) == "Answer 0."
    assert converse(nova, MICRO, asked) != "Answer 0."


def test_a_record_may_be_known_by_a_digest_of_its_prompt_or_of_all_that_is_asked(east: Account) -> None:
    whole = digest("Be brief.", "Which?")
    records = [{"digest": digest("Which?"), "answer": "This."}, {"digest": whole, "answer": "That."}]
    quality(east, records=records, rates={PRO: 1.0})
    assert converse(east, PRO, "Which?") == "This."
    assert converse(east, PRO, "Which?", system=[{"text": "Be brief."}]) == "That."


def test_an_answer_may_be_json(east: Account) -> None:
    quality(east, records=[{"prompt": "Which?", "answer": {"valve": 7}}], rates={PRO: 1.0})
    assert converse(east, PRO, "Which?") == '{"valve": 7}'


def test_what_is_known_is_told_in_numbers_and_can_be_forgotten(east: Account) -> None:
    told = quality(east, records=RECORDS, rates={PRO: 1.0}, correlation=0.5, seed=3)
    assert told == {"records": 200, "rates": {PRO: 1.0}, "correlation": 0.5, "seed": 3}
    assert quality(east, rates={MICRO: 0.5})["rates"] == {PRO: 1.0, MICRO: 0.5}
    assert quality(east, clear=True) == {"records": 0, "rates": {}, "correlation": 0.0, "seed": 0}
    quality(east, records=RECORDS, rates={PRO: 1.0})
    east.simulated.handle_control("reset", {})
    assert quality(east)["records"] == 0


@pytest.mark.parametrize(
    ("request_", "parts"),
    [
        ({"rates": {PRO: 1.2}}, ("rates", PRO, "1.2")),
        ({"rates": {PRO: True}}, ("rates", PRO, "True")),
        ({"correlation": -0.1}, ("correlation", "-0.1")),
        ({"seed": "one"}, ("seed", "one")),
        ({"records": [{"prompt": "Which?"}]}, ("records[0]", "answer")),
        ({"records": [{"answer": "This."}]}, ("records[0]", "prompt", "digest")),
        ({"records": [{"prompt": "a", "digest": "b", "answer": "c"}]}, ("records[0]", "prompt", "digest")),
        ({"records": [{"digest": "xyz", "answer": "c"}]}, ("records[0]", "digest")),
        ({"models": {}}, ("models",)),
    ],
)
def test_refuses_a_quality_that_makes_no_sense(east: Account, request_: dict[str, Any], parts: tuple[str, ...]) -> None:
    quality(east, records=RECORDS[:1])
    with pytest.raises(ControlError, match=saying(*parts)):
        quality(east, **request_)
    assert quality(east)["records"] == 1
