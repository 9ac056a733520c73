"""A shard becomes its part, from answers or from the scores that are kept of them."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract.evaluation_identity import Target, metric_definition, scores_id
from bedrock_lifecycle.contract.evaluation_store import CONFIDENTIAL, NUMBERS, part_key, scores_key
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.metrics.metric import BadReference
from bedrock_lifecycle.evaluation.scoring.definitions import UnknownMetric, headlines, metric_of
from bedrock_lifecycle.evaluation.scoring.own_metric import MOST_BYTES, OwnMetricFailed, own_scores
from bedrock_lifecycle.evaluation.scoring.part import PartialScores
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.scoring.tally import Tally
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Index
from bedrock_lifecycle.evaluation.stored.shards import read_index
from bedrock_lifecycle.evaluation.stored.summary import Worst
from tests.support.calls import client_error
from tests.support.messages import says
from tests.unit.evaluation.worlds import (
    BASE_MODEL,
    EXACT,
    RETRAINED,
    ROUGE,
    TUNED_MODEL,
    MemoryWorld,
    answer,
    plan,
    question,
)

SCHEMA = metric_definition("json_schema", 1, {"schema": '{"type": "object"}'})
OWN = metric_definition("own", 1, {"sha256": "d" * 64, "function": "score"})


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


def nobody(**_: object) -> Any:
    raise AssertionError("no function of a team's own is asked")


def scored(world: MemoryWorld, its: EvaluationPlan, shard: int = 0, invoke: Any = nobody) -> PartialScores:
    score_shard(world.store, its, read_index(world.store, its), shard, invoke)
    return PartialScores.from_json(world.store.read(part_key(its.id, shard)))


def four_questions(world: MemoryWorld, its: EvaluationPlan) -> Index:
    """Return a shard in which `yes` is right but for the last record."""
    told = [question(record, reference="yes", cluster="g" if record < 3 else "") for record in range(1, 4)]
    return world.has_questions(its, [[*told, question(9, reference="a longer reference " * 4)]])


def answers(world: MemoryWorld, its: EvaluationPlan, target: Target, texts: Mapping[int, str | None]) -> None:
    world.has_answers(its, target, 0, [answer(record, text) for record, text in texts.items()])


def of(*clusters: Sequence[float]) -> Sample:
    return Sample.of("scores", clusters)


def test_a_part_has_samples_differences_and_tables_by_record(world: MemoryWorld) -> None:
    its = plan(group_by="source")
    four_questions(world, its)
    answers(world, its, TUNED_MODEL, {1: "yes", 2: "no", 3: None, 9: "no"})
    answers(world, its, BASE_MODEL, {1: "no", 2: "yes", 3: "yes", 9: "no"})
    part = scored(world, its)
    assert (part.records, part.of, part.unjudged) == (4, 4, 0)
    assert part.scores == {
        "tuned": {"exact_match": of([1, 0], [0], [0])},
        "base": {"exact_match": of([0, 1], [1], [0])},
    }
    (difference,) = part.differences
    assert (difference.theirs, difference.measure) == ("base", "exact_match")
    assert difference.sample == Sample.of("differences", [[1, -1], [-1], [0]])
    counts = (difference.both, difference.ours, difference.theirs_only, difference.neither)
    assert counts == (0, 1, 2, 1)
    assert part.tallies["tuned"] == Tally(
        answered=3,
        unanswered=1,
        input_tokens=80,
        output_tokens=20,
        stop_reasons={"end_turn": 3},
        errors={"ValidationException": 1},
        latencies={"800": 3},
    )
    assert part.worst == (
        Worst(record=2, measure="exact_match", theirs="base", difference=-1),
        Worst(record=3, measure="exact_match", theirs="base", difference=-1),
    )


def test_no_answer_scores_0_even_where_an_empty_one_is_right(world: MemoryWorld) -> None:
    its = plan(targets=[TUNED_MODEL])
    world.has_questions(its, [[question(1, reference=""), question(2, reference="")]])
    answers(world, its, TUNED_MODEL, {1: "", 2: None})
    assert scored(world, its).scores["tuned"]["exact_match"] == of([1], [0])


def test_slices_are_of_the_reference_s_length_and_of_groups(world: MemoryWorld) -> None:
    its = plan(group_by="source", targets=[TUNED_MODEL])
    four_questions(world, its)
    answers(world, its, TUNED_MODEL, {1: "yes", 2: "no", 3: "yes", 9: "no"})
    part = scored(world, its)
    assert {(each.by, each.label): each.sample for each in part.slices} == {
        ("length", "1 to 50"): of([1, 0], [1]),
        ("length", "51 to 200"): of([0]),
        ("group", "g"): of([1, 0]),
    }
    assert not part.differences
    assert not part.worst


def test_a_measure_between_0_and_1_has_no_table(world: MemoryWorld) -> None:
    its = plan(metrics=[ROUGE])
    world.has_questions(its, [[question(1, reference="the cat")]])
    answers(world, its, TUNED_MODEL, {1: "the cat sat"})
    answers(world, its, BASE_MODEL, {1: "the cat"})
    (difference,) = scored(world, its).differences
    assert difference.sample == Sample.of("differences", [[0.8 - 1]])
    assert difference.both is None


def test_scores_outlive_the_answers(world: MemoryWorld) -> None:
    its = plan(metrics=[EXACT, ROUGE])
    four_questions(world, its)
    answers(world, its, TUNED_MODEL, {1: "yes", 2: "no", 3: None, 9: "no"})
    answers(world, its, BASE_MODEL, {1: "no", 2: "yes", 3: "yes", 9: "no"})
    index = read_index(world.store, its)
    before = scored(world, its)
    world.loses(CONFIDENTIAL)
    world.store.write(part_key(its.id, 0), b"")
    score_shard(world.store, its, index, 0, nobody)
    assert PartialScores.from_json(world.store.read(part_key(its.id, 0))) == before


def test_after_a_retraining_only_the_tuned_model_is_scored(world: MemoryWorld) -> None:
    first, second = plan(), plan(targets=[RETRAINED, BASE_MODEL], evaluation="0123456789ab")
    four_questions(world, first)
    answers(world, first, TUNED_MODEL, {1: "no", 2: "no", 3: "no", 9: "no"})
    answers(world, first, BASE_MODEL, {1: "no", 2: "yes", 3: "yes", 9: "no"})
    before = scored(world, first)
    world.loses(f"{CONFIDENTIAL}answers/")
    answers(world, second, RETRAINED, {1: "yes", 2: "yes", 3: "yes", 9: "no"})
    numbers = set(world.store.keys(NUMBERS))
    part = scored(world, second)
    written = set(world.store.keys(NUMBERS)) - numbers
    assert part.scores["base"] == before.scores["base"]
    assert part.scores["tuned"]["exact_match"] == of([1, 1], [1], [0])
    assert len(written) == 3  # the tally and the scores of the tuned model, and the part
    assert scores_key(scores_id(second.answers_id(RETRAINED), EXACT), 0) in written


def test_another_metric_scores_the_same_answers(world: MemoryWorld) -> None:
    first, second = plan(), plan(metrics=[EXACT, ROUGE], evaluation="0123456789ab")
    four_questions(world, first)
    for target in first.targets:
        answers(world, first, target, {1: "yes", 2: "no", 3: "yes", 9: "no"})
    assert scored(world, first).scores.keys() == scored(world, second).scores.keys()
    assert scored(world, second).scores["tuned"].keys() == {"exact_match", "rouge_l"}


def test_only_what_everyone_was_asked_is_scored_and_nothing_of_it_is_kept(world: MemoryWorld) -> None:
    its = plan()
    world.has_questions(its, [[question(record, reference="yes") for record in range(1, 61)]])
    world.has_answers(its, TUNED_MODEL, 0, [answer(record, "yes") for record in range(1, 51)])
    world.has_answers(its, BASE_MODEL, 0, [answer(record, "no") for record in range(1, 61)])
    part = scored(world, its)
    assert (part.records, part.of) == (50, 60)
    assert part.scores["base"]["exact_match"].records == 50
    assert part.tallies["base"].answered == 60
    kept = list(world.store.keys(f"{NUMBERS}scores/"))
    assert len(kept) == 2  # tally and scores of the base model
    world.has_answers(its, TUNED_MODEL, 0, [answer(record, "yes") for record in range(1, 61)])
    assert scored(world, its).records == 60


def test_a_shard_that_nobody_was_asked_adds_nothing(world: MemoryWorld) -> None:
    its = plan()
    four_questions(world, its)
    part = scored(world, its)
    assert (part.records, part.of) == (0, 4)
    assert part.scores == {}
    assert [*part.differences, *part.slices, *part.worst] == []
    assert part + PartialScores(records=2, of=2) == PartialScores(records=2, of=6, tallies=part.tallies)


def test_a_reference_that_cannot_be_used_names_its_record_and_not_its_words(world: MemoryWorld) -> None:
    its = plan(metrics=[SCHEMA], targets=[TUNED_MODEL])
    world.has_questions(its, [[question(1, reference="{}"), question(1412, reference='["canary"]')]])
    answers(world, its, TUNED_MODEL, {1: "{}", 1412: None})
    with pytest.raises(BadReference) as refused:
        scored(world, its)
    assert says(refused.value, "1412", "json_schema")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("definition", [metric_definition("bleu", 1), metric_definition("rouge_l", 2)])
def test_a_metric_that_this_code_does_not_have_is_refused_in_words(definition: str) -> None:
    with pytest.raises(UnknownMetric) as refused:
        metric_of(definition)
    told = json.loads(definition)
    assert says(refused.value, told["name"], told["version"], "rouge_l 1", "Foundation")


def test_a_metric_is_what_its_definition_says() -> None:
    assert metric_of(metric_definition("exact_match", 1, {"normalize": ["case"]})) == metric_of(
        '{"name":"exact_match","normalize":["case"],"version":1}'
    )
    assert metric_of(metric_definition("exact_match", 1, {"normalize": ["case"]})) != metric_of(EXACT)
    names = [metric_definition(name, 1) for name in ("token_f1", "tool_call", "own")]
    assert headlines([SCHEMA, *names]) == ("json_schema", "token_f1", "tool_call", "own")


class Function:
    """A team's own metric, as Lambda runs it."""

    def __init__(self, *returned: object, error: str = "") -> None:
        self.returned = list(returned)
        self.error = error
        self.asked: list[list[dict[str, str]]] = []

    def invoke(self, **params: Any) -> dict[str, Any]:
        assert params["FunctionName"] == "own:1"
        pairs = json.loads(params["Payload"])["pairs"]
        self.asked.append(pairs)
        returned = self.returned.pop(0) if self.returned else {"scores": [0.5] * len(pairs)}
        answered: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(returned).encode())}
        return answered | ({"FunctionError": self.error} if self.error else {})


def test_a_metric_of_its_own_scores_what_was_answered(world: MemoryWorld) -> None:
    its = plan(metrics=[OWN], targets=[TUNED_MODEL], metric_functions={"own": "own:1"})
    four_questions(world, its)
    answers(world, its, TUNED_MODEL, {1: "yes", 2: None, 3: "no", 9: "any"})
    function = Function({"scores": [1, 0.25, 0]})
    part = scored(world, its, invoke=function.invoke)
    assert [pair["answer"] for pair in function.asked[0]] == ["yes", "no", "any"]
    assert function.asked[0][0] == {"answer": "yes", "reference": "yes"}
    assert part.scores["tuned"]["own"].total == 1.25
    assert scored(world, its) == part  # and is not asked again


def test_answers_go_to_a_function_in_batches_that_an_invocation_holds() -> None:
    function = Function()
    large = "x" * (MOST_BYTES // 2)
    assert own_scores(function.invoke, "own:1", [("any", "any")] * 251 + [(large, "")] * 2) == [0.5] * 253
    assert [len(batch) for batch in function.asked] == [250, 2, 1]
    assert own_scores(function.invoke, "own:1", []) == []


@pytest.mark.parametrize(
    "returned",
    [
        {"scores": [1.5]},
        {"scores": [float("nan")]},
        {"scores": [True]},
        {"scores": ["canary"]},
        {"scores": []},
        {"scores": [1], "more": "canary"},
        {"scores": "canary"},
        ["canary"],
        None,
    ],
)
def test_what_is_no_score_fails_the_run_without_a_word_of_it(returned: object) -> None:
    with pytest.raises(OwnMetricFailed) as refused:
        own_scores(Function(returned).invoke, "own:1", [("canary", "canary")])
    assert says(refused.value, "own", "[0, 1]")
    assert "canary" not in str(refused.value)


def test_a_function_that_fails_or_says_no_json_fails_the_run() -> None:
    with pytest.raises(OwnMetricFailed) as refused:
        own_scores(Function({"errorMessage": "canary"}, error="Unhandled").invoke, "own:1", [("any", "any")])
    assert says(refused.value, "Unhandled")
    assert "canary" not in str(refused.value)
    with pytest.raises(OwnMetricFailed):
        own_scores(lambda **_: {"Payload": io.BytesIO(b"canary")}, "own:1", [("any", "any")])


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("bedrock_lifecycle.evaluation.scoring.own_metric.sleep", waited.append)
    return waited


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InvalidRequestContentException", 400),
        ("RequestTooLargeException", 413),
        # Its version was there when the stack was complete.
        ("ResourceNotFoundException", 404),
    ],
    ids=["content", "size", "not there"],
)
def test_a_refusal_of_lambda_that_does_not_pass_fails_the_run_at_once(
    code: str, status: int, waits: list[float]
) -> None:
    asked: list[str] = []

    def refuse(*, FunctionName: str, Payload: bytes) -> None:  # noqa: N803 - the API's names
        asked.append(FunctionName)
        raise client_error(code, "canary", status, "Invoke")

    with pytest.raises(OwnMetricFailed) as refused:
        own_scores(refuse, "own:1", [("any", "any")])
    assert says(refused.value, "own", code)
    assert "canary" not in str(refused.value)
    assert (asked, waits) == (["own:1"], [])


def test_a_permission_that_does_not_arrive_fails_the_run_after_two_minutes_and_says_so(waits: list[float]) -> None:
    def refuse(**_: Any) -> None:
        raise client_error("AccessDeniedException", "canary", 403, "Invoke")

    with pytest.raises(OwnMetricFailed) as refused:
        own_scores(refuse, "own:1", [("any", "any")])
    assert says(refused.value, "own", "AccessDeniedException", "deploy")
    assert sum(waits) == aws_errors.PROPAGATION.total_seconds()


def test_a_permission_that_is_on_its_way_is_waited_for(waits: list[float]) -> None:
    answers: list[Any] = [client_error("AccessDeniedException", "any", 403, "Invoke")] * 3

    def invoke(**_: Any) -> dict[str, Any]:
        if answers:
            raise answers.pop()
        return {"Payload": io.BytesIO(b'{"scores":[0.5]}')}

    assert own_scores(invoke, "own:1", [("any", "any")]) == [0.5]
    assert len(waits) == 3


def test_a_throttle_is_left_to_whoever_tries_again(waits: list[float]) -> None:
    def refuse(**_: Any) -> None:
        raise client_error("TooManyRequestsException", "any", 429, "Invoke")

    with pytest.raises(ClientError):
        own_scores(refuse, "own:1", [("any", "any")])
    assert waits == []


def test_a_function_that_fails_now_and_then_is_called_again() -> None:
    answers: list[dict[str, Any]] = [
        {"FunctionError": "Unhandled", "Payload": io.BytesIO(b"{}")},
        {"Payload": io.BytesIO(b'{"scores":[0.5]}')},
    ]
    assert own_scores(lambda **_: answers.pop(0), "own:1", [("any", "any")]) == [0.5]
