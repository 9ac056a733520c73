"""Before the first question it is known who is asked, how fast, and that the tokens suffice."""

from dataclasses import replace
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation_identity import Judging, Target
from bedrock_lifecycle.contract.evaluation_store import answers_key, rubric_key
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.asking.preparing import prepared
from bedrock_lifecycle.evaluation.questions.estimate import input_tokens
from bedrock_lifecycle.evaluation.stored.plan import Candidate
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT, Index, Shard
from bedrock_lifecycle.evaluation.stored.store import Missing
from tests.support.calls import client_error
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.unit.evaluation.worlds import BASE_MODEL, JUDGE, TUNED_MODEL, World, plan, question

CANDIDATE = Candidate(name="any", model_arn="arn:any", tags={})
OTHER = Target(name="us.any.model", model="us.any.model")


class Quotas:
    """Service Quotas with values by code."""

    def __init__(self, values: dict[str, float]) -> None:
        self.values = values

    def __call__(self, service: str) -> "Quotas":
        assert service == "service-quotas"
        return self

    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Any:  # noqa: N803
        assert ServiceCode == "bedrock"
        if QuotaCode not in self.values:
            raise client_error("NoSuchResourceException", "no", 400, "GetServiceQuota")
        return {"Quota": {"QuotaCode": QuotaCode, "Value": self.values[QuotaCode]}}


class Prepared:
    """A world with questions in shards of 250, and what is prepared in it."""

    def __init__(self, shards: int = 2, *, records: int = 250) -> None:
        self.world = World()
        self.dynamodb = DynamoDBService()
        self.plan = replace(
            plan(targets=[TUNED_MODEL, BASE_MODEL]),
            candidate=CANDIDATE,
            requests_per_minute=2_000,
            tokens_per_minute=4_000_000,
        )
        its = [question(record) for record in range(1, shards * records + 1)]
        self.a_question = input_tokens(its[0])
        self.index = Index(
            shards=tuple(Shard(records=records, parts=1, tokens=records * self.a_question) for _ in range(shards))
        )
        self.quotas = Quotas({})

    def counter(self) -> LedgerCounter:
        return LedgerCounter(self.dynamodb.client, TABLE, self.plan.id, self.plan.max_tokens)

    def __call__(self) -> dict[str, Any]:
        return prepared(self.plan, self.index, self.world.store, self.counter(), self.quotas)

    def has_answered(self, target: Target, shard: int, parts: int) -> None:
        for part in range(parts):
            self.world.store.write(answers_key(self.plan.answers_id(target), shard, part), b"{}")


def test_everybody_is_asked_everything_at_first() -> None:
    told = Prepared()()
    assert told["next"] == "go"
    assert told["needsCandidate"] is True
    assert told["judges"] is False
    assert told["shards"] == [0, 1]
    assert [(each["target"], each["shards"]) for each in told["targets"]] == [(0, [0, 1]), (1, [0, 1])]


def test_who_has_answered_is_asked_nothing_and_needs_no_candidate() -> None:
    its = Prepared()
    for shard in (0, 1):
        its.has_answered(TUNED_MODEL, shard, 5)
    its.has_answered(BASE_MODEL, 1, 5)
    told = its()
    assert [(each["target"], each["shards"]) for each in told["targets"]] == [(1, [0])]
    assert told["needsCandidate"] is False
    assert told["shards"] == [0, 1]
    its.has_answered(BASE_MODEL, 0, 5)
    assert its()["targets"] == []


def test_what_serves_needs_no_candidate() -> None:
    its = Prepared()
    its.plan = replace(its.plan, candidate=None)
    assert its()["needsCandidate"] is False


def test_tokens_are_reckoned_of_what_is_not_answered() -> None:
    its = Prepared()
    one = its.a_question + 256
    its.plan = replace(its.plan, max_tokens=2 * 500 * one)
    assert its()["next"] == "go"
    its.plan = replace(its.plan, max_tokens=2 * 500 * one - 1)
    assert its()["next"] == "refused"
    its.has_answered(BASE_MODEL, 1, 1)
    its.plan = replace(its.plan, max_tokens=2 * 500 * one - CHECKPOINT * one)
    assert its()["next"] == "go"
    its.plan = replace(its.plan, max_tokens=its.plan.max_tokens - 1)
    assert its()["next"] == "refused"


def test_tokens_of_runs_before_count() -> None:
    its = Prepared()
    one = its.a_question + 256
    its.plan = replace(its.plan, max_tokens=2 * 500 * one)
    its.counter().reserve(1)
    told = its()
    assert told["next"] == "refused"
    assert "max_tokens" in told["reason"]


@pytest.mark.parametrize(("share", "fits"), [(0.5, "250"), (0.333, "160"), (0.01, "5")])
def test_a_refusal_says_how_many_records_fit(share: float, fits: str) -> None:
    its = Prepared()
    its.plan = replace(its.plan, max_tokens=round(2 * 500 * (its.a_question + 256) * share) + 1)
    told = its()
    assert told["next"] == "refused"
    assert f"at most {fits}" in told["reason"]


def test_a_refusal_in_which_no_record_fits_says_what_else_helps() -> None:
    its = Prepared()
    its.plan = replace(its.plan, max_tokens=10)
    assert "max_output_tokens" in its()["reason"]


def test_the_judge_has_tokens_too() -> None:
    its = Prepared()
    its.plan = replace(its.plan, judge=Judging(model="any", rubric_sha256="b" * 64, records=100))
    its.world.store.write(rubric_key("b" * 64), b"r" * 300)
    asked = 2 * 500 * (its.a_question + 256)
    judged = 100 * 2 * (its.a_question + 3 * 256 + 100 + 64)
    its.plan = replace(its.plan, max_tokens=asked + judged)
    assert its()["next"] == "go"
    assert its()["judges"] is True
    its.plan = replace(its.plan, max_tokens=asked + judged - 1)
    assert its()["next"] == "refused"


def test_all_children_of_a_target_keep_the_share_of_its_quotas() -> None:
    its = Prepared(shards=40)
    its.plan = replace(its.plan, max_tokens=10**9)
    tuned, base = its()["targets"]
    assert tuned["concurrency"] / tuned["pace"] * 60 == pytest.approx(0.25 * 2_000, rel=1e-2)
    # Nobody knows the base model's quota.
    assert base["concurrency"] / base["pace"] * 60 == pytest.approx(120)
    assert (tuned["adapts"], base["adapts"]) == (False, True)


def test_tokens_a_minute_bound_the_pace_where_they_are_fewer() -> None:
    its = Prepared(shards=40)
    its.plan = replace(its.plan, max_tokens=10**9, tokens_per_minute=40_000)
    tuned = its()["targets"][0]
    reserved = its.a_question + 256
    assert tuned["concurrency"] / tuned["pace"] * 60 * reserved == pytest.approx(0.25 * 40_000, rel=1e-2)


def test_a_quota_that_the_settings_name_is_read() -> None:
    its = Prepared(shards=40)
    its.plan = replace(its.plan, max_tokens=10**9, quota_codes={BASE_MODEL.model: "L-12345678"}, quota_share=0.5)
    its.quotas.values["L-12345678"] = 400.0
    base = its()["targets"][1]
    assert base["concurrency"] / base["pace"] * 60 == pytest.approx(200, rel=1e-2)
    del its.quotas.values["L-12345678"]
    unknown = its()["targets"][1]
    assert unknown["concurrency"] / unknown["pace"] * 60 == pytest.approx(120)


def test_throughput_has_no_quota_of_requests() -> None:
    its = Prepared(shards=40)
    its.plan = replace(its.plan, max_tokens=10**9, candidate=None)
    tuned = its()["targets"][0]
    assert tuned["concurrency"] / tuned["pace"] * 60 == pytest.approx(120)


def test_answers_of_another_kind_of_asking_do_not_count() -> None:
    its = Prepared()
    its.has_answered(BASE_MODEL, 0, 5)
    its.plan = replace(its.plan, max_output_tokens=100)
    assert [each["shards"] for each in its()["targets"]] == [[0, 1], [0, 1]]


def test_without_the_judges_rubric_nobody_is_asked() -> None:
    its = Prepared()
    its.plan = replace(its.plan, max_tokens=10**9, judge=JUDGE)
    with pytest.raises(Missing, match="rubric"):
        its()
