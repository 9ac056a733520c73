"""A judge compares pairs in both orders: asked once each, counted where both orders agree, whatever it was ended by."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation_identity import judgments_id
from bedrock_lifecycle.contract.evaluation_store import CONFIDENTIAL, RUBRICS, judgments_key, part_key, rubric_key
from bedrock_lifecycle.evaluation.asking.asked import CannotAsk
from bedrock_lifecycle.evaluation.asking.asking import AllAnswered, Asked, AskingWorld, Bounded, HandOn
from bedrock_lifecycle.evaluation.judging.judge_verdicts import PairOutcome, Verdicts
from bedrock_lifecycle.evaluation.judging.judging import judging
from bedrock_lifecycle.evaluation.scoring.part import PartialScores
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.progress import shards_to_ask, tokens_to_judge
from bedrock_lifecycle.evaluation.stored.shards import read_index
from bedrock_lifecycle.evaluation.stored.store import Missing
from bedrock_lifecycle.evaluation.stored.summary import JudgeTold
from tests.support.calls import client_error
from tests.unit.evaluation.asking_bench import Clock, MemoryCounter, reply_of
from tests.unit.evaluation.worlds import (
    BASE_MODEL,
    JUDGE,
    TUNED_MODEL,
    Killed,
    MemoryWorld,
    answer,
    plan,
    question,
)

RUBRIC = "the shorter the better"
Judges = Callable[[Mapping[str, str]], str]


def shorter(told: Mapping[str, str]) -> str:
    """Judge by length, as the rubric says."""
    ours, theirs = len(told["answer_a"]), len(told["answer_b"])
    return json.dumps({"better": "neither" if ours == theirs else "a" if ours < theirs else "b"})


class Bench:
    """A shard of 60 records whose answers a judge compares."""

    def __init__(self, judges: Judges = shorter, *, max_tokens: int = 10_000_000, records: int = 60) -> None:
        self.world = MemoryWorld()
        self.plan = plan(judge=replace(JUDGE, records=records))
        self.judges = judges
        self.clock = Clock()
        self.counter = MemoryCounter(max_tokens)
        self.asked: list[Mapping[str, str]] = []
        self.requests: list[Mapping[str, Any]] = []
        self.world.store.write(rubric_key("b" * 64), RUBRIC.encode())
        self.world.has_questions(
            self.plan, [[question(record, reference="right", text=f"q{record}") for record in range(1, 61)]]
        )

    def has_answers(self, ours: Mapping[int, str | None], theirs: Mapping[int, str | None]) -> None:
        """Let both have answered `same` but where it is said otherwise."""
        for target, texts in ((TUNED_MODEL, ours), (BASE_MODEL, theirs)):
            answers = [answer(record, texts.get(record, "same")) for record in range(1, 61)]
            self.world.has_answers(self.plan, target, 0, answers)

    def converse(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        self.clock.now += 1
        told = json.loads(request["messages"][0]["content"][0]["text"])
        self.asked.append(told)
        return reply_of(self.judges(told))

    def run(self, has_time: Callable[[], bool] = lambda: True) -> Asked:
        index = read_index(self.world.store, self.plan)
        world = AskingWorld(self.converse, self.world.store, self.counter, self.clock, has_time)
        its = judging(self.world.store, self.plan, index, 0, world)
        while True:
            try:
                self.clock.now += next(its)
            except StopIteration as end:
                ended: Asked = end.value
                return ended

    @property
    def judgments(self) -> str:
        assert self.plan.judge
        return judgments_id(self.plan.answers_id(TUNED_MODEL), self.plan.answers_id(BASE_MODEL), self.plan.judge)

    @property
    def verdicts(self) -> Verdicts:
        found = Verdicts({})
        for part in range(3):
            body = self.world.store.found(judgments_key(self.judgments, 0, part))
            found |= Verdicts.from_json(body) if body else Verdicts({})
        return found

    def part(self) -> PartialScores:
        score_shard(self.world.store, self.plan, read_index(self.world.store, self.plan), 0, None)  # type: ignore[arg-type]
        return PartialScores.from_json(self.world.store.read(part_key(self.plan.id, 0)))


def test_a_pair_is_asked_in_both_orders_and_counts_where_both_agree() -> None:
    its = Bench()
    its.has_answers({1: "short", 2: "much longer", 3: "even"}, {1: "much longer", 2: "short", 3: "odd."})
    assert its.run() == AllAnswered()
    assert [(told["question"], told["answer_a"], told["answer_b"]) for told in its.asked] == [
        ("q1", "short", "much longer"),
        ("q1", "much longer", "short"),
        ("q2", "much longer", "short"),
        ("q2", "short", "much longer"),
        ("q3", "even", "odd."),
        ("q3", "odd.", "even"),
    ]
    assert {(told["rubric"], told["reference"], told["task"]) for told in its.asked} == {(RUBRIC, "right", "compare")}
    (request, *_) = its.requests
    assert (request["modelId"], request["inferenceConfig"]["temperature"]) == ("any.judge", 0)
    verdicts = its.verdicts
    assert [verdicts.outcomes[record] for record in (1, 2, 3, 4)] == ["ours", "theirs", "neither", "neither"]
    assert verdicts.unasked == frozenset(range(4, 61))
    part = its.part()
    (judged,) = (each for each in part.differences if each.measure == "judge")
    assert judged.sample == Sample.of("differences", [[1], [-1], *[[0]] * 58])
    assert part.judge == (JudgeTold(theirs="base", agreed=3, flipped=0, no_verdict=0, unasked=57),)
    assert part.unjudged == 0


def test_no_answer_is_worse_than_any_and_nobody_is_asked() -> None:
    its = Bench()
    its.has_answers({1: None, 2: "any", 3: None}, {1: "any", 2: None, 3: None})
    assert its.run() == AllAnswered()
    assert its.asked == []
    assert [its.verdicts.outcomes[record] for record in (1, 2, 3)] == ["theirs", "ours", "neither"]
    assert its.counter.tokens == 0


@pytest.mark.parametrize(
    ("judges", "expected"),
    [(lambda _: '{"better":"a"}', PairOutcome.FLIPPED), (lambda _: "The first one is better.", PairOutcome.NONE)],
)
def test_a_judge_that_prefers_a_place_or_says_something_else_counts_for_nobody(
    judges: Judges, expected: PairOutcome
) -> None:
    its = Bench(judges)
    its.has_answers({1: "short", 2: "longer"}, {})
    assert its.run() == AllAnswered()
    assert its.verdicts.outcomes[1] is its.verdicts.outcomes[2] is expected
    part = its.part()
    (judged,) = (each for each in part.differences if each.measure == "judge")
    assert judged.sample.records == 58
    flipped = expected is PairOutcome.FLIPPED
    assert part.judge == (
        JudgeTold(theirs="base", agreed=0, flipped=2 * flipped, no_verdict=2 * (not flipped), unasked=58),
    )


def test_what_is_judged_is_not_judged_again_and_needs_no_answer_anymore() -> None:
    its = Bench()
    its.has_answers({record: "x" * record for record in range(1, 61)}, {})
    assert its.run() == AllAnswered()
    asked, before = len(its.asked), its.part()
    its.world.loses(f"{CONFIDENTIAL}answers/")
    its.world.loses(f"{CONFIDENTIAL}rubrics/")
    assert its.run() == AllAnswered()
    assert len(its.asked) == asked
    assert its.part() == before
    index = read_index(its.world.store, its.plan)
    assert all(shards_to_ask(its.plan, index, target, its.world.store.keys) == [] for target in its.plan.targets)


def test_a_verdict_on_answers_that_have_expired_before_they_were_scored_waits_for_them() -> None:
    its = Bench()
    its.has_answers({1: "short"}, {})
    assert its.run() == AllAnswered()
    its.world.loses(f"{CONFIDENTIAL}answers/")
    part = its.part()
    assert (part.records, part.of, part.differences) == (0, 60, ())
    its.has_answers({1: "short"}, {})
    assert its.part().records == 60


def test_only_as_many_records_are_judged_as_the_plan_says() -> None:
    its = Bench(records=7)
    its.has_answers({record: "x" * record for record in range(1, 61)}, {})
    assert its.run() == AllAnswered()
    assert len(its.asked) == 2 * len({told["question"] for told in its.asked}) <= 14
    assert len(its.verdicts.outcomes) == 7


def test_a_plan_without_a_judge_or_another_model_asks_nobody() -> None:
    its = Bench()
    its.plan = plan()
    assert its.run() == AllAnswered()
    its.plan = plan(judge=JUDGE, targets=[TUNED_MODEL])
    assert its.run() == AllAnswered()
    assert its.asked == []


def test_the_bound_of_tokens_holds_for_the_judge_too() -> None:
    its = Bench(max_tokens=100)
    its.has_answers({1: "short"}, {})
    assert its.run() == Bounded()
    assert its.asked == []
    assert its.part().unjudged == 60
    its.counter.max_tokens = 10_000
    assert its.run() == AllAnswered()
    assert its.part().unjudged == 0
    assert its.counter.tokens == 2 * 10  # what both replies used, and nothing of the reservation


def test_who_was_not_asked_is_not_judged() -> None:
    its = Bench()
    its.has_answers({1: "short"}, {})
    its.world.loses(f"{CONFIDENTIAL}answers/{its.plan.answers_id(BASE_MODEL)}/00000.001")
    assert its.run() == Bounded()
    assert its.asked == []


def test_a_judge_hands_on_and_goes_on_where_it_was() -> None:
    its = Bench()
    its.has_answers({record: "x" * record for record in range(1, 61)}, {})
    assert isinstance(its.run(lambda: len(its.asked) < 70), HandOn)
    index = read_index(its.world.store, its.plan)
    rest = tokens_to_judge(its.plan, index, 0, its.world.store.keys)
    assert its.run() == AllAnswered()
    assert len(its.asked) == 2 * 60
    assert 0 == tokens_to_judge(its.plan, index, 0, its.world.store.keys) < rest
    fresh = Bench()
    assert rest < tokens_to_judge(fresh.plan, read_index(fresh.world.store, fresh.plan), 0, fresh.world.store.keys)


@pytest.mark.parametrize("after", [False, True])
def test_a_judge_that_is_ended_at_any_call_leaves_the_same_verdicts(after: bool) -> None:
    def judges(told: Mapping[str, str]) -> str:
        return shorter(told) if told["question"] != "q9" else '{"better":"b"}'

    its, whole = Bench(judges), Bench(judges)
    for each in (its, whole):
        each.has_answers({record: "x" * record for record in range(1, 61)}, {})
    assert whole.run() == AllAnswered()
    for call in range(1, 1000):
        its.world.memory.kill_at(call, after=after)
        try:
            assert its.run() == AllAnswered()
        except Killed:
            continue
        break
    its.world.memory.kill_at(0, after=after)
    assert call > 5
    assert its.verdicts == whole.verdicts
    # What a checkpoint asked before it was ended is asked again, and nothing else.
    assert len(its.asked) <= len(whole.asked) + 50 * call


def test_a_judge_that_nobody_may_ask_and_a_rubric_that_is_not_there_end_the_run() -> None:
    its = Bench()
    its.has_answers({1: "short"}, {})

    def denied(_: Mapping[str, str]) -> str:
        raise client_error("AccessDeniedException", "any", 403, "Converse")

    its.judges = denied
    with pytest.raises(CannotAsk, match=r"any\.judge"):
        its.run()
    its.world.loses(RUBRICS)
    with pytest.raises(Missing, match="rubrics"):
        its.run()


def test_who_has_answered_since_is_judged_and_nobody_else_again() -> None:
    its = Bench()
    ours: dict[int, str | None] = dict.fromkeys((1, 2, 3), "long answer")
    its.has_answers(ours, {1: None, 2: "short", 3: None})
    assert its.run() == AllAnswered()
    assert len(its.asked) == 2
    assert its.verdicts.unasked == {*range(1, 61)} - {2}
    assert its.verdicts.outcomes[1] is its.verdicts.outcomes[3] is PairOutcome.OURS
    its.has_answers(ours, {1: "x", 2: "short", 3: None})
    assert its.run() == AllAnswered()
    assert len(its.asked) == 4
    assert its.verdicts.unasked == {*range(1, 61)} - {1, 2}
    assert its.verdicts.outcomes[1] is its.verdicts.outcomes[2] is PairOutcome.THEIRS
    assert its.run() == AllAnswered()
    assert len(its.asked) == 4
