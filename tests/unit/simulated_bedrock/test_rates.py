"""Requests and tokens of a minute: what is throttled, what is metered, what Service Quotas tells."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sandbox.bedrock import Durations, Quotas, Settings
from sandbox.bedrock.answers.digests import digest
from sandbox.bedrock.assumed import Assumed
from sandbox.bedrock.invocations.rates import rates
from sandbox.bedrock.invocations.throttle import TOO_MANY_REQUESTS, TOO_MANY_TOKENS
from tests.support.bedrock_client import ACCOUNT, client
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import Account
from tests.unit.simulated_bedrock.test_deployments import NovaAccount

PRO = "amazon.nova-pro-v1:0"
SONNET = "us.anthropic.claude-sonnet-4-6"
QUESTION = "Is the valve shut?"
INPUT = 3  # tokens of the question


@pytest.fixture
def east() -> Account:
    return Account(region="us-east-1")


def deployed_pro(nova: NovaAccount, name: str = "serving") -> str:
    model = nova.tuned_model(name, baseModelIdentifier=f"{PRO}:300k", validationDataConfig=None)
    return nova.active(model, name)


def ask(account: Account, model_id: str, question: str = QUESTION, max_tokens: int = 10, **more: Any) -> dict[str, Any]:
    return dict(
        account.runtime.converse(
            modelId=model_id,
            messages=[{"role": "user", "content": [{"text": question}]}],
            inferenceConfig={"maxTokens": max_tokens},
            **more,
        )
    )


def throttled(account: Account, model_id: str, **how: Any) -> str:
    with pytest.raises(account.runtime.exceptions.ThrottlingException) as caught:
        ask(account, model_id, **how)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    return str(caught.value.response["Error"]["Message"])


def bound(account: Account, of: str, unit: str, value: int | None, **where: str) -> None:
    account.simulated.handle_control("quotas", {"set": {f"{unit}_per_minute/{of}": value}, **where})


def metered(account: Account, target: str) -> Mapping[str, Any]:
    listed = account.simulated.handle_control("meter", {})["invocations"]
    (found,) = (each for each in listed if each["target"] == target)
    return dict(found)


def test_a_deployment_of_nova_pro_answers_two_hundred_requests_a_minute() -> None:
    nova = NovaAccount()
    pro = deployed_pro(nova)
    for _ in range(200):
        ask(nova, pro)
    assert throttled(nova, pro) == TOO_MANY_REQUESTS
    ask(nova, PRO)  # the base model has a quota of its own
    nova.pass_time(timedelta(seconds=60))
    ask(nova, pro)
    assert metered(nova, pro)["requests"] == 201
    assert metered(nova, pro)["throttled"] == 1


def test_all_deployments_of_a_base_model_share_its_quota() -> None:
    nova = NovaAccount()
    first, second = deployed_pro(nova, "first"), deployed_pro(nova, "second")
    bound(nova, f"custom/{PRO}", "requests", 2)
    ask(nova, first)
    ask(nova, second)
    assert throttled(nova, first) == throttled(nova, second) == TOO_MANY_REQUESTS


def test_a_throughput_is_not_bounded_by_the_minute(account: Account) -> None:
    serving = account.in_service(account.tuned_model())
    for _ in range(20):
        ask(account, serving)
    assert metered(account, serving)["requests"] == 20


def test_each_account_and_region_has_its_own_minute(east: Account) -> None:
    bound(east, SONNET, "requests", 1)
    ask(east, SONNET)
    throttled(east, SONNET)
    for account, region in ((ACCOUNT, "us-west-2"), ("999999999999", "us-east-1")):
        elsewhere = client(east.simulated, "bedrock-runtime", account, region)
        elsewhere.converse(modelId=SONNET, messages=[{"role": "user", "content": [{"text": QUESTION}]}])


def test_a_request_reserves_its_input_and_the_longest_answer_that_it_allows(east: Account) -> None:
    bound(east, PRO, "tokens", INPUT + 100)
    assert throttled(east, PRO, max_tokens=101) == TOO_MANY_TOKENS
    ask(east, PRO, max_tokens=100)
    assert metered(east, PRO)["throttled"] == 1


def test_without_a_bound_of_its_own_it_reserves_the_longest_answer_of_the_model(east: Account) -> None:
    bound(east, PRO, "tokens", INPUT + 4_999)
    with pytest.raises(east.runtime.exceptions.ThrottlingException, match=saying(TOO_MANY_TOKENS)):
        east.runtime.converse(modelId=PRO, messages=[{"role": "user", "content": [{"text": QUESTION}]}])
    bound(east, PRO, "tokens", INPUT + 5_000)
    east.runtime.converse(modelId=PRO, messages=[{"role": "user", "content": [{"text": QUESTION}]}])


def test_what_was_reserved_and_not_used_is_free_again_once_it_has_answered() -> None:
    account = Account(Settings(durations=Durations(answer=timedelta(seconds=4))), region="us-east-1")
    bound(account, PRO, "tokens", 2 * INPUT + 5_000)
    used = ask(account, PRO, max_tokens=5_000)["usage"]["outputTokens"]
    account.pass_time(timedelta(seconds=3))
    assert throttled(account, PRO, max_tokens=5_000 - used) == TOO_MANY_TOKENS
    account.pass_time(timedelta(seconds=1))
    ask(account, PRO, max_tokens=5_000 - used)


def test_a_token_of_an_answer_of_claude_uses_up_five(east: Account) -> None:
    bound(east, SONNET, "tokens", 2 * INPUT + 60)
    assert ask(east, SONNET, max_tokens=10)["usage"]["outputTokens"] == 10
    east.pass_time(timedelta(seconds=2))
    assert throttled(east, SONNET, max_tokens=11) == TOO_MANY_TOKENS
    ask(east, SONNET, max_tokens=10)


def test_tokens_come_back_once_when_their_minute_is_over(east: Account) -> None:
    bound(east, PRO, "tokens", INPUT + 1_000)
    ask(east, PRO, max_tokens=1_000)
    east.pass_time(timedelta(seconds=59))
    throttled(east, PRO, max_tokens=1_000)
    east.pass_time(timedelta(seconds=1))
    throttled(east, PRO, max_tokens=1_001)
    ask(east, PRO, max_tokens=1_000)


def test_an_answer_that_takes_longer_than_a_minute_gives_back_nothing_twice() -> None:
    account = Account(Settings(durations=Durations(answer=timedelta(seconds=90))), region="us-east-1")
    bound(account, PRO, "tokens", INPUT + 1_000)
    ask(account, PRO, max_tokens=1_000)
    account.pass_time(timedelta(seconds=60))
    ask(account, PRO, max_tokens=1_000)
    account.pass_time(timedelta(seconds=30))
    assert throttled(account, PRO, max_tokens=1) == TOO_MANY_TOKENS


def test_a_minute_slides(east: Account) -> None:
    bound(east, PRO, "requests", 1)
    east.pass_time(timedelta(seconds=30))
    ask(east, PRO)
    east.pass_time(timedelta(seconds=40))
    throttled(east, PRO)


def test_a_minute_may_be_that_of_the_calendar() -> None:
    account = Account(Settings(assumed=Assumed({"quota-minute": "calendar"})), region="us-east-1")
    bound(account, PRO, "requests", 1)
    account.pass_time(timedelta(seconds=59))
    ask(account, PRO)
    throttled(account, PRO)
    account.pass_time(timedelta(seconds=1))
    ask(account, PRO)


def again_after_a_throttle(account: Account) -> None:
    bound(account, PRO, "requests", 1)
    ask(account, PRO)
    account.pass_time(timedelta(seconds=40))
    throttled(account, PRO)
    account.pass_time(timedelta(seconds=20))
    ask(account, PRO)


def test_a_throttled_request_does_not_count(east: Account) -> None:
    again_after_a_throttle(east)


def test_a_throttled_request_may_count() -> None:
    account = Account(Settings(assumed=Assumed({"throttled-request": "counted"})), region="us-east-1")
    with pytest.raises(account.runtime.exceptions.ThrottlingException):
        again_after_a_throttle(account)


def test_the_meter_tells_what_was_asked_of_whom_and_no_text(east: Account) -> None:
    ask(east, PRO, "a canary?")
    ask(east, PRO, QUESTION)
    usage = ask(east, PRO, QUESTION)["usage"]
    found = metered(east, PRO)
    assert found == {
        "account": ACCOUNT,
        "region": "us-east-1",
        "target": PRO,
        "requests": 3,
        "inputTokens": 2 + 2 * usage["inputTokens"],
        "outputTokens": 3 * usage["outputTokens"],
        "throttled": 0,
        "questions": 2,
        "repeated": {digest(QUESTION): 2},
    }
    assert "canary" not in str(east.simulated.handle_control("meter", {}))


def test_a_question_is_all_that_was_asked(east: Account) -> None:
    ask(east, PRO)
    ask(east, PRO, system=[{"text": "Be brief."}])
    assert metered(east, PRO)["questions"] == 2
    assert metered(east, PRO)["repeated"] == {}


def test_a_reset_forgets_what_was_asked_and_the_quotas_of_a_minute(east: Account) -> None:
    bound(east, PRO, "requests", 1)
    ask(east, PRO)
    east.simulated.handle_control("reset", {})
    ask(east, PRO)
    ask(east, PRO)
    assert metered(east, PRO)["requests"] == 2


def quota(account: Account, code: str, region: str = "us-east-1") -> Mapping[str, Any]:
    asked = client(account.simulated, "service-quotas", region=region)
    return dict(asked.get_service_quota(ServiceCode="bedrock", QuotaCode=code)["Quota"])


def test_service_quotas_tells_what_holds(east: Account) -> None:
    code = "L-15B8E632"
    told = quota(east, code)
    assert (told["Value"], told["Adjustable"]) == (6_000_000, True)
    assert told["QuotaName"] == "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6"
    where = {"account": ACCOUNT, "region": "us-east-1"}
    east.simulated.handle_control("quotas", {"set": {code: INPUT + 10}, **where})
    assert quota(east, code)["Value"] == INPUT + 10
    assert quota(east, code, "us-west-2")["Value"] == 6_000_000
    assert throttled(east, SONNET, max_tokens=11) == TOO_MANY_TOKENS


def test_service_quotas_knows_no_code_of_what_deployments_may_do() -> None:
    assert [rate.code for rate in rates().values() if rate.of.startswith("custom/")] == [""] * 10


def test_every_code_is_of_one_quota() -> None:
    codes = [rate.code for rate in rates().values() if rate.code]
    assert len(codes) == len(set(codes))
    assert all(rate.name.format() == rate.name and rate.default for rate in rates().values() if rate.code)


@pytest.mark.parametrize("name", ["requests_per_minute/amazon.nova-max-v1:0", "rates"])
def test_an_unknown_quota_of_a_minute_is_refused(east: Account, name: str) -> None:
    with pytest.raises(ValueError, match=saying(name)):
        east.simulated.handle_control("quotas", {"set": {name: 1}})


def test_a_simulation_may_start_with_other_quotas_of_a_minute() -> None:
    rate = f"requests_per_minute/{PRO}"
    account = Account(Settings(quotas=Quotas(rates={rate: 1})), region="us-east-1")
    ask(account, PRO)
    assert throttled(account, PRO) == TOO_MANY_REQUESTS
    account.simulated.handle_control("quotas", {"set": {rate: None}})
    ask(account, PRO)
