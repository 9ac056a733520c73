"""Whom a shard still has to be asked of: nobody whose answers are there, or all the numbers that are made of them."""

import pytest

from bedrock_lifecycle.contract.evaluation_identity import Target, judgments_id, scores_id
from bedrock_lifecycle.contract.evaluation_store import (
    ANSWERS,
    CONFIDENTIAL,
    answers_key,
    judgments_key,
    part_key,
    questions_key,
    reason_key,
    scores_key,
    shard_of,
)
from bedrock_lifecycle.evaluation.stored.judged import judged_of_shards
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.progress import TALLY, answered_records, shards_to_ask, tokens_to_judge
from bedrock_lifecycle.evaluation.stored.records import (
    Index,
    Look,
    Shard,
    answers_of,
    lines,
    questions_of,
)
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_index, read_plan, read_questions
from tests.unit.evaluation.worlds import BASE_MODEL, EXACT, JUDGE, RETRAINED, TUNED_MODEL, World, answer, plan, question

SHARDS = [[question(record) for record in range(1, 121)], [question(record) for record in range(121, 131)]]


@pytest.fixture
def world() -> World:
    return World()


def to_ask(world: World, its: EvaluationPlan, target: Target) -> list[int]:
    return shards_to_ask(its, read_index(world.store, its), target, world.store.keys)


def has_scores(world: World, its: EvaluationPlan, target: Target, shard: int, *metrics: str) -> None:
    for metric in metrics:
        world.store.write(scores_key(scores_id(its.answers_id(target), metric), shard), b"{}")


def test_questions_answers_and_indexes_are_read_as_they_were_written(world: World) -> None:
    its = world.has_plan(plan())
    index = world.has_questions(its, SHARDS, repeated=3)
    world.has_answers(its, BASE_MODEL, 0, [answer(record, "it") for record in range(1, 121)])
    assert read_plan(world.store, its.id) == its
    assert read_index(world.store, its) == index
    assert index.records == 130
    assert read_questions(world.store, its, index, 1) == SHARDS[1]
    assert [each.record for each in found_answers(world.store, its.answers_id(BASE_MODEL), index, 0)] == [
        *range(1, 121)
    ]
    assert found_answers(world.store, its.answers_id(BASE_MODEL), index, 1) == []
    assert Look.from_json(Look(trained_on=4).to_json()) == Look(trained_on=4)


@pytest.mark.parametrize("text", ["a\u2028b\x85c\nd", "\ud800", "it\0"])
def test_no_character_of_a_text_cuts_its_line(text: str) -> None:
    assert answers_of(lines([answer(1, text), answer(2, None)])) == [answer(1, text), answer(2, None)]
    assert questions_of(lines([question(1, reference=text)])) == [question(1, reference=text)]


def test_a_shard_is_asked_until_all_its_answers_are_there(world: World) -> None:
    its = plan()
    index = world.has_questions(its, SHARDS)
    assert to_ask(world, its, BASE_MODEL) == [0, 1]
    world.has_answers(its, BASE_MODEL, 0, [answer(record, "it") for record in range(1, 101)])
    world.has_answers(its, BASE_MODEL, 1, [answer(record, "it") for record in range(121, 131)])
    assert to_ask(world, its, BASE_MODEL) == [0]
    assert answered_records(its, index, BASE_MODEL, world.store.keys) == 90
    world.has_answers(its, BASE_MODEL, 0, [answer(record, "it") for record in range(1, 121)])
    assert to_ask(world, its, BASE_MODEL) == []
    assert answered_records(its, index, BASE_MODEL, world.store.keys) == 130
    assert to_ask(world, its, TUNED_MODEL) == [0, 1]


def test_expired_answers_are_not_asked_again_where_all_numbers_are_there(world: World) -> None:
    its = plan()
    world.has_questions(its, SHARDS)
    has_scores(world, its, BASE_MODEL, 0, EXACT, TALLY)
    has_scores(world, its, BASE_MODEL, 1, EXACT)
    assert to_ask(world, its, BASE_MODEL) == [1]
    assert to_ask(world, its, TUNED_MODEL) == [0, 1]
    another_metric = plan(metrics=[EXACT, '{"name":"token_f1","version":1}'])
    assert to_ask(world, another_metric, BASE_MODEL) == [0, 1]


def test_answers_that_a_judge_still_has_to_read_are_asked_again(world: World) -> None:
    its = plan(judge=JUDGE)
    index = world.has_questions(its, SHARDS)
    assert judged_of_shards(index, 10) == [9, 1]
    for target in its.targets:
        for shard in (0, 1):
            has_scores(world, its, target, shard, EXACT, TALLY)
    assert to_ask(world, its, BASE_MODEL) == [0, 1]
    verdicts = judgments_id(its.answers_id(TUNED_MODEL), its.answers_id(BASE_MODEL), JUDGE)
    world.store.write(judgments_key(verdicts, 1, 0), b"[]")
    assert to_ask(world, its, BASE_MODEL) == [0]
    assert to_ask(world, its, TUNED_MODEL) == [0]
    world.store.write(judgments_key(verdicts, 0, 0), b"[]")
    assert to_ask(world, its, BASE_MODEL) == to_ask(world, its, TUNED_MODEL) == []
    retrained = plan(judge=JUDGE, targets=[RETRAINED, BASE_MODEL])
    assert to_ask(world, retrained, BASE_MODEL) == [0, 1]


def test_a_shard_without_a_judged_record_waits_for_no_judge(world: World) -> None:
    its = plan(judge=JUDGE)
    index = Index(shards=(Shard(records=5, parts=1), Shard(records=250, parts=1)))
    assert judged_of_shards(index, 10) == [0, 10]
    has_scores(world, its, BASE_MODEL, 0, EXACT, TALLY)
    assert shards_to_ask(its, index, BASE_MODEL, world.store.keys) == [1]


def test_without_a_judge_no_verdict_takes_tokens(world: World) -> None:
    index = Index(shards=(Shard(records=5, parts=1),))
    assert tokens_to_judge(plan(judge=JUDGE), index, 100, world.store.keys) > 0
    assert tokens_to_judge(plan(), index, 100, world.store.keys) == 0


@pytest.mark.parametrize("records", [1, 7, 129, 130, 10_000])
def test_a_judge_gets_as_many_records_as_it_is_told_or_all(records: int) -> None:
    index = Index(shards=(Shard(records=120, parts=1), Shard(records=10, parts=1)))
    shares = judged_of_shards(index, records)
    assert sum(shares) == min(records, 130)
    assert all(share <= shard.records for share, shard in zip(shares, index.shards, strict=True))


def test_the_records_of_all_shards_are_added_up_once_however_many_shards_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added: list[Index] = []

    def records(index: Index) -> int:
        added.append(index)
        return 250 * len(index.shards)

    monkeypatch.setattr(Index, "records", property(records))
    assert sum(judged_of_shards(Index(shards=(Shard(records=250, parts=1),) * 400), 1_000)) == 1_000
    assert len(added) <= 1


def test_a_key_says_its_shard() -> None:
    keys = [answers_key("a", 70, 3), questions_key("a", 70, 3), scores_key("a", 70), judgments_key("a", 70, 1)]
    assert {shard_of(key) for key in (*keys, part_key("a", 70))} == {70}


def test_what_has_words_lies_apart() -> None:
    assert ANSWERS.startswith(CONFIDENTIAL)
    assert questions_key("a", 0, 0).startswith(CONFIDENTIAL)
    assert not scores_key("a", 0).startswith(CONFIDENTIAL)
    assert reason_key("a-1").startswith(CONFIDENTIAL)
