"""Parts add up in any order to one summary, a run ends for a reason, and a kill changes no number."""

import functools
import operator
import random
from contextlib import suppress
from functools import partial

import pytest

from bedrock_lifecycle.contract.evaluation_store import (
    CONFIDENTIAL,
    bounded_summary_key,
    failed_summary_key,
    look_key,
    part_key,
    summary_key,
)
from bedrock_lifecycle.evaluation.results.reduce import Ended, ended, summarized
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext
from bedrock_lifecycle.evaluation.results.summarizing import summarize
from bedrock_lifecycle.evaluation.scoring.part import GROUPS, WORST, PartialScores
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.scoring.tally import Tally
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.progress import shards_to_ask, tokens_to_ask
from bedrock_lifecycle.evaluation.stored.records import AskingAgain, Index, Look
from bedrock_lifecycle.evaluation.stored.shards import found_answers, read_again, read_index, read_questions
from bedrock_lifecycle.evaluation.stored.summary import JudgeTold, Summary
from tests.support.messages import says
from tests.unit.evaluation.worlds import (
    BASE_MODEL,
    EXACT,
    ROUGE,
    TUNED_MODEL,
    Killed,
    MemoryWorld,
    answer,
    plan,
    question,
)

MADE = "2026-11-30T06:00:00+00:00"
WORDS = ("the", "cat", "sat", "on", "a", "mat", "我", "爱", "")


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


def has_run(world: MemoryWorld, its: EvaluationPlan, *, shards: int = 7, records: int = 40, seed: int = 1) -> Index:
    """Let everyone have answered shards of records, in groups of different sizes."""
    chance = random.Random(seed)
    questions = [
        [
            question(
                shard * 1000 + record + 1,
                reference=" ".join(chance.choices(WORDS, k=chance.randint(1, 90))),
                cluster=f"{shard:02}{chance.randint(0, 9):014}" if its.questions.group_by else "",
            )
            for record in range(records)
        ]
        for shard in range(shards)
    ]
    index = world.has_questions(its, questions)
    for target in its.targets:
        for shard, asked in enumerate(questions):
            texts = [each.reference if chance.random() < 0.6 else "the cat" for each in asked]
            answers = [
                answer(each.record, text, latency=chance.randint(90, 9000))
                for each, text in zip(asked, texts, strict=True)
            ]
            world.has_answers(its, target, shard, answers)
    return index


def parts_of(world: MemoryWorld, its: EvaluationPlan, index: Index) -> list[PartialScores]:
    for shard in range(len(index.shards)):
        score_shard(world.store, its, index, shard, None)  # type: ignore[arg-type]
    return [PartialScores.from_json(world.store.read(part_key(its.id, shard))) for shard in range(len(index.shards))]


@pytest.mark.parametrize("group_by", [None, "source"])
def test_parts_in_any_order_are_the_same_summary_bit_for_bit(world: MemoryWorld, group_by: str | None) -> None:
    its = plan(metrics=[EXACT, ROUGE], group_by=group_by)
    parts = parts_of(world, its, has_run(world, its))
    expected = summarized(its, parts, ScoreContext(), MADE).to_json()
    chance = random.Random(2)
    for _ in range(20):
        chance.shuffle(parts)
        middle = chance.randint(0, len(parts))
        halves = [functools.reduce(operator.add, half, PartialScores()) for half in (parts[:middle], parts[middle:])]
        stored = [PartialScores.from_json(half.to_json()) for half in halves]
        assert summarized(its, stored, ScoreContext(), MADE).to_json() == expected


def test_the_summary_is_that_of_all_records_at_once(world: MemoryWorld) -> None:
    one, many = plan(metrics=[EXACT, ROUGE]), MemoryWorld()
    whole = has_run(world, one, shards=1, records=250)
    summary = summarized(one, parts_of(world, one, whole), ScoreContext(), MADE)
    index = many.has_questions(one, [[each] for each in read_questions(world.store, one, whole, 0)])
    for target in one.targets:
        for shard, its in enumerate(found_answers(world.store, one.answers_id(target), whole, 0)):
            many.has_answers(one, target, shard, [its])
    assert summarized(one, parts_of(many, one, index), ScoreContext(), MADE) == summary
    assert (summary.records, summary.of, summary.is_complete) == (250, 250, True)
    assert summary.sample("exact_match", None) is not None
    assert summary.sample("rouge_l", "base") is not None
    assert [each.name for each in summary.targets] == ["tuned", "base"]
    assert Summary.from_json(summary.to_json()) == summary


def test_only_the_worst_records_and_the_largest_groups_are_told(world: MemoryWorld) -> None:
    its = plan(metrics=[EXACT, ROUGE], group_by="source")
    summary = summarized(its, parts_of(world, its, has_run(world, its)), ScoreContext(), MADE)
    assert len(summary.worst) == WORST
    assert all(each.difference < 0 for each in summary.worst)
    assert len({each.record for each in summary.worst}) == WORST
    sizes = {each.label: each.sample.records for each in summary.slices if each.by == "group"}
    assert len(sizes) == GROUPS
    measured = summary.sample("exact_match", None)
    assert measured is not None
    assert measured.clusters > GROUPS
    assert {each.target for each in summary.slices} == {"tuned", "base"}
    by_length = [
        each for each in summary.slices if (each.by, each.target, each.measure) == ("length", "tuned", "rouge_l")
    ]
    assert sum(each.sample.records for each in by_length) == summary.records


def test_latencies_are_told_to_two_digits() -> None:
    tally = Tally.of([answer(each, "any", latency=each) for each in (7, 99, 1001, 1234, 20_000)])
    assert tally.latencies == {"7": 1, "99": 1, "1100": 1, "1300": 1, "20000": 1}
    assert (tally.latency(0.5), tally.latency(0.95)) == (1100, 20_000)
    assert Tally.of([answer(1, "any", latency=20), answer(2, "any", latency=30)]).latency(0.5) == 20
    assert Tally().latency(0.5) is None


def summarized_run(world: MemoryWorld, its: EvaluationPlan) -> Ended:
    index = read_index(world.store, its)
    for shard in range(len(index.shards)):
        score_shard(world.store, its, index, shard, None)  # type: ignore[arg-type]
    return summarize(world.store, its, index, tokens=4321, throttled=2, made=MADE)


def test_a_complete_run_writes_its_summary_once(world: MemoryWorld) -> None:
    its = plan()
    has_run(world, its)
    world.store.write(look_key(its.questions.test_sha256, its.id), Look(trained_on=3).to_json().encode())
    world.store.write(look_key(its.questions.test_sha256, "another"), b"{}")
    assert summarized_run(world, its) == Ended("complete")
    body = world.store.read(summary_key(its.id))
    summary = Summary.from_json(body)
    assert (summary.looks, summary.trained_on, summary.tokens, summary.throttled) == (2, 3, 4321, 2)
    assert summary.is_complete
    assert any(says(warning, "3") for warning in summary.warnings)
    assert summarize(world.store, its, read_index(world.store, its), tokens=0, throttled=0, made="later") == Ended(
        "complete"
    )
    assert world.store.read(summary_key(its.id)) == body


def test_a_run_that_stopped_at_its_bound_is_no_complete_one_and_can_be_continued(world: MemoryWorld) -> None:
    its = plan()
    world.has_questions(its, [[question(record, reference="yes") for record in range(1, 101)]])
    world.has_answers(its, TUNED_MODEL, 0, [answer(record, "yes") for record in range(1, 101)])
    world.has_answers(its, BASE_MODEL, 0, [answer(record, "yes") for record in range(1, 51)])
    how = summarized_run(world, its)
    assert how.outcome == "bounded"
    assert says(how.reason, "50", "100", "max_tokens", "3,000,000")
    assert world.store.found(summary_key(its.id)) is None
    bounded = Summary.from_json(world.store.read(bounded_summary_key(its.id)))
    assert (bounded.is_complete, bounded.records, bounded.of) == (False, 50, 100)
    world.has_answers(its, BASE_MODEL, 0, [answer(record, "yes") for record in range(1, 101)])
    assert summarized_run(world, its) == Ended("complete")


def test_too_many_records_without_an_answer_fail_the_run_and_more_of_them_can_be_allowed(world: MemoryWorld) -> None:
    its = plan()
    world.has_questions(its, [[question(record, reference="yes") for record in range(1, 51)]])
    world.has_answers(its, TUNED_MODEL, 0, [answer(record, "yes") for record in range(1, 51)])
    world.has_answers(its, BASE_MODEL, 0, [answer(record, None if record < 3 else "yes") for record in range(1, 51)])
    how = summarized_run(world, its)
    assert how.outcome == "failed"
    assert says(how.reason, "2", "50", "base", "ValidationException: 2", "max_error_rate", "0.02")
    assert world.store.found(summary_key(its.id)) is world.store.found(bounded_summary_key(its.id)) is None
    assert Summary.from_json(world.store.read(failed_summary_key(its.id))).is_complete
    assert summarized_run(world, plan(max_error_rate=0.04)) == Ended("complete")


def test_what_had_no_answer_is_asked_again_and_its_numbers_are_made_anew(world: MemoryWorld) -> None:
    its = plan(metrics=[EXACT, ROUGE])
    index = world.has_questions(
        its, [[question(50 * shard + record, reference="yes") for record in range(1, 51)] for shard in (0, 1)]
    )
    filtered = answer(7, None, error="content_filtered")
    for shard in (0, 1):
        records = range(50 * shard + 1, 50 * shard + 51)
        world.has_answers(its, TUNED_MODEL, shard, [answer(record, "yes") for record in records])
        first = [filtered if record == 7 else answer(record, None if record < 4 else "yes") for record in records]
        world.has_answers(its, BASE_MODEL, shard, first)
    asked_again = partial(read_again, world.store, its.answers_id(BASE_MODEL))
    assert asked_again() == AskingAgain()

    assert summarized_run(world, its).outcome == "failed"
    assert asked_again() == AskingAgain(number=1, shards={0: 3})
    assert read_again(world.store, its.answers_id(TUNED_MODEL)) == AskingAgain()
    assert shards_to_ask(its, index, BASE_MODEL, world.store.keys, asked_again()) == [0]
    # Reckoned by the records that are asked: 3 of 50.
    tokens = tokens_to_ask(its, index, BASE_MODEL, [0], world.store.keys, asked_again())
    assert tokens == 3 * its.max_output_tokens

    # Nobody answered once more.
    assert summarized_run(world, its).outcome == "failed"
    assert asked_again().number == 2

    mended = [filtered if record == 7 else answer(record, "yes") for record in range(1, 51)]
    world.has_answers(its, BASE_MODEL, 0, mended)
    assert summarized_run(world, its) == Ended("complete")
    summary = Summary.from_json(world.store.read(summary_key(its.id)))
    assert {each.name: each.unanswered for each in summary.targets} == {"tuned": 0, "base": 1}
    assert {name: scores["exact_match"].total for name, scores in summary.scores.items()} == {"tuned": 100, "base": 99}
    assert asked_again() == AskingAgain(number=2)
    assert shards_to_ask(its, index, BASE_MODEL, world.store.keys, asked_again()) == []


@pytest.mark.parametrize("after", [False, True])
def test_numbers_that_are_made_anew_are_the_same_whenever_a_function_is_ended(after: bool) -> None:
    its = plan(metrics=[EXACT, ROUGE])
    for call in range(1, 40):
        world = MemoryWorld()
        world.has_questions(its, [[question(record, reference="yes") for record in range(1, 4)]])
        world.has_answers(its, TUNED_MODEL, 0, [answer(record, "yes") for record in range(1, 4)])
        world.has_answers(its, BASE_MODEL, 0, [answer(1, None), answer(2, "yes"), answer(3, "no")])
        assert summarized_run(world, its).outcome == "failed"
        world.has_answers(its, BASE_MODEL, 0, [answer(1, "yes"), answer(2, "yes"), answer(3, "no")])
        world.memory.kill_at(call, after=after)
        with suppress(Killed):
            summarized_run(world, its)
        world.memory.kill_at(0, after=after)
        assert summarized_run(world, its) == Ended("complete")
        summary = Summary.from_json(world.store.read(summary_key(its.id)))
        base = summary.scores["base"]
        assert (base["exact_match"].total, base["rouge_l"].total) == (2, 2)


def test_numbers_whose_answers_have_expired_stay_as_they_are(world: MemoryWorld) -> None:
    its = plan(max_error_rate=0.5)
    world.has_questions(its, [[question(record, reference="yes") for record in (1, 2, 3)]])
    world.has_answers(its, TUNED_MODEL, 0, [answer(record, "yes") for record in (1, 2, 3)])
    world.has_answers(its, BASE_MODEL, 0, [answer(1, None), answer(2, "yes"), answer(3, "yes")])
    assert summarized_run(world, its) == Ended("complete")
    before = world.store.read(part_key(its.id, 0))
    world.loses(f"{CONFIDENTIAL}answers/")
    assert summarized_run(world, its) == Ended("complete")
    assert world.store.read(part_key(its.id, 0)) == before


def test_a_judge_that_is_not_through_leaves_a_run_bounded() -> None:
    its = plan()
    summary = summarized(its, [PartialScores(records=5, of=5, unjudged=1)], ScoreContext(), MADE)
    assert not summary.is_complete
    assert says(ended(its, summary).reason, "judge", "max_tokens")
    judged = JudgeTold(theirs="base", agreed=1, flipped=2, no_verdict=3, unasked=4)
    both = PartialScores(judge=(judged,)) + PartialScores(judge=(judged,))
    assert both.judge == (JudgeTold(theirs="base", agreed=2, flipped=4, no_verdict=6, unasked=8),)


def test_nothing_at_all_is_not_complete() -> None:
    assert ended(plan(), summarized(plan(), [], ScoreContext(), MADE)).outcome == "bounded"


@pytest.mark.parametrize("after", [False, True])
def test_a_function_that_is_ended_at_any_call_leaves_the_same_numbers(after: bool) -> None:
    its = plan(metrics=[EXACT, ROUGE])
    expected = MemoryWorld()
    has_run(expected, its, shards=2, records=60)
    assert summarized_run(expected, its) == Ended("complete")
    numbers = _numbers(expected)
    world = MemoryWorld()
    has_run(world, its, shards=2, records=60)
    for call in range(1, 1000):
        world.memory.kill_at(call, after=after)
        try:
            assert summarized_run(world, its) == Ended("complete")
        except Killed:
            continue
        break
    world.memory.kill_at(0, after=after)
    assert call > 20
    assert _numbers(world) == numbers
    # And so does one that comes after the answers have expired.
    world.loses(f"{CONFIDENTIAL}answers/")
    assert summarized_run(world, its) == Ended("complete")
    assert _numbers(world) == numbers


def _numbers(world: MemoryWorld) -> dict[str, bytes]:
    return {key: body for key, body in world.memory.objects.items() if not key.startswith(CONFIDENTIAL)}


def test_no_number_needs_a_shard_of_a_certain_size() -> None:
    scores = Sample.of("scores", [[1.0]] * 150)
    half = PartialScores(records=150, of=150, scores={"tuned": {"exact_match": scores}})
    both = half + half
    assert both.scores["tuned"]["exact_match"].few == ()
    assert both.scores["tuned"]["exact_match"].records == 300
