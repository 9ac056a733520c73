"""The test file becomes questions in shards: drawn and cut alike on every machine, whatever the format."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import data_key
from bedrock_lifecycle.contract.evaluation_identity import Questions, metric_definition
from bedrock_lifecycle.contract.evaluation_store import QUESTIONS, look_key, questions_index_key
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.evaluation.questions import questions as module
from bedrock_lifecycle.evaluation.questions import test_data
from bedrock_lifecycle.evaluation.questions.questions import QuestionsUnfinished, QuestionWriter
from bedrock_lifecycle.evaluation.questions.test_data import NotUsable
from bedrock_lifecycle.evaluation.scoring.references import check_of
from bedrock_lifecycle.evaluation.stored.records import Index, Look, Question
from bedrock_lifecycle.evaluation.stored.shards import read_questions
from tests.support.messages import says
from tests.support.s3_service import BUCKET
from tests.unit.evaluation.worlds import World, plan


def turn(question: str, answer: str, **others: Any) -> dict[str, Any]:
    messages = [
        {"role": "user", "content": [{"text": question}]},
        {"role": "assistant", "content": [{"text": answer}]},
    ]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": messages, **others}


def file_of(records: Sequence[object]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in records)


class Files:
    """A bucket with a test file, and the plan that asks it."""

    def __init__(self, body: bytes, **changes: Any) -> None:
        self.world = World()
        self.plan = replace(plan(), questions=Questions(test_sha256=self.has("test", body), **changes))
        self.time_left: Callable[[], bool] = lambda: True

    def has(self, split: Any, body: bytes) -> str:
        sha256 = hashlib.sha256(body).hexdigest()
        self.world.store.write(data_key(split, sha256), body)
        return sha256

    def writer(self) -> QuestionWriter:
        return QuestionWriter(self.world.s3, BUCKET, self.world.store, self.plan, lambda: self.time_left())

    def asked(self, index: Index) -> list[list[Question]]:
        return [read_questions(self.world.store, self.plan, index, shard) for shard in range(len(index.shards))]

    def look(self) -> Look:
        key = look_key(self.plan.questions.test_sha256, self.plan.id)
        return Look.from_json(self.world.store.read(key))

    def written(self) -> dict[str, bytes]:
        return {key: self.world.store.read(key) for key in self.world.store.keys(QUESTIONS)}


def records(number: int, **others: Any) -> list[dict[str, Any]]:
    return [turn(f"what is {each}?", f"it is {each}", **others) for each in range(1, number + 1)]


def test_all_records_are_asked_in_shards_of_250_in_the_order_of_the_file() -> None:
    files = Files(file_of(records(520)))
    index = files.writer().index()
    assert [each.records for each in index.shards] == [250, 250, 20]
    assert [each.parts for each in index.shards] == [1, 1, 1]
    asked = [question for shard in files.asked(index) for question in shard]
    assert [each.record for each in asked] == [*range(1, 521)]
    assert asked[6] == Question(
        record=7,
        request={"messages": [{"role": "user", "content": [{"text": "what is 7?"}]}]},
        reference="it is 7",
    )
    assert Index.from_json(files.world.store.read(questions_index_key(files.plan.questions.id))) == index


def test_lines_are_counted_with_the_blank_ones() -> None:
    one, two = file_of(records(1)), file_of([turn("b", "c")])
    files = Files(one + b"\n  \n" + two.rstrip(b"\n"))
    asked = files.asked(files.writer().index())[0]
    assert [each.record for each in asked] == [1, 4]


def test_a_sample_is_drawn_from_the_whole_file_and_is_the_same_everywhere() -> None:
    body = file_of(records(2_000))
    first = Files(body, records=300)
    asked = [question.record for shard in first.asked(first.writer().index()) for question in shard]
    assert len(asked) == len(set(asked)) == 300
    assert asked == sorted(asked)
    # Three standard errors of the mean of such a sample.
    assert abs(sum(asked) / 300 - 1_000) < 3 * 577 / 300**0.5
    # Golden: another sample would be another evaluation under the same id.
    assert asked[:5] == GOLDEN_SAMPLE
    more = Files(body, records=400)
    assert set(asked) < {question.record for shard in more.asked(more.writer().index()) for question in shard}


GOLDEN_SAMPLE = [3, 6, 9, 12, 20]


def test_more_records_than_there_are_means_all() -> None:
    files = Files(file_of(records(3)), records=10)
    assert files.writer().index().records == 3


def test_what_belongs_together_is_in_one_shard() -> None:
    its = [turn(f"q{each}", "a", source=f"page {each % 130}") for each in range(1_300)]
    files = Files(file_of(its), group_by="source")
    index = files.writer().index()
    assert index.records == 1_300
    assert all(each.records for each in index.shards)
    places: dict[str, set[int]] = {}
    sizes: Counter[str] = Counter()
    for place, shard in enumerate(files.asked(index)):
        for question in shard:
            places.setdefault(question.cluster, set()).add(place)
            sizes[question.cluster] += 1
    assert all(len(each) == 1 for each in places.values())
    assert set(sizes.values()) == {10}
    assert len(sizes) == 130
    assert "page" not in "".join(sizes)


def test_records_without_the_field_stand_alone() -> None:
    its = [turn("a", "b", source="s"), turn("c", "d"), turn("e", "f"), turn("g", "h", source="s")]
    files = Files(file_of(its), group_by="source")
    clusters = [each.cluster for shard in files.asked(files.writer().index()) for each in shard]
    assert sorted(clusters)[:2] == ["", ""]
    assert len(set(clusters)) == 2


def test_a_field_that_no_record_has_groups_nothing_and_is_refused() -> None:
    files = Files(file_of(records(3, source="page 1")), group_by="sorce")
    with pytest.raises(NotUsable) as refused:
        files.writer().index()
    assert says(str(refused.value), "'sorce'", "group_by")
    assert not files.written()


@pytest.mark.parametrize("is_written", [True, False])
def test_a_record_that_cannot_be_scored_is_refused_before_anybody_is_asked(is_written: bool) -> None:
    files = Files(file_of([turn("a", '{"x": 1}'), turn("b", "secret words")]))
    check = check_of([metric_definition("json_schema", 1, {"schema": "{}"})])
    if is_written:
        files.writer().index()
        files.plan = replace(files.plan, id="another")
    with pytest.raises(NotUsable) as refused:
        QuestionWriter(files.world.s3, BUCKET, files.world.store, files.plan, lambda: True, check).index()
    assert says(str(refused.value), "record 2", "json_schema")
    assert "secret" not in str(refused.value)


def test_records_that_can_be_scored_are_written_and_looked_at() -> None:
    files = Files(file_of([turn("a", "[]")]))
    check = check_of([metric_definition("tool_call", 1)])
    writer = QuestionWriter(files.world.s3, BUCKET, files.world.store, files.plan, lambda: True, check)
    index = writer.index()
    assert files.asked(index)[0][0].reference == "[]"
    for other, its in (("another", check), ("a third", None)):
        files.plan = replace(files.plan, id=other)
        again = QuestionWriter(files.world.s3, BUCKET, files.world.store, files.plan, lambda: True, its)
        assert again.index() == index


def test_metrics_that_compare_with_anything_check_nothing() -> None:
    assert check_of([metric_definition("rouge_l", 1), metric_definition("own", 1)]) is None


def test_groups_that_fill_the_memory_are_written_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    its = [turn(f"q{each}", "a" * 200, source=each % 40) for each in range(1_000)]
    files = Files(file_of(its), group_by="source")
    whole = files.asked(files.writer().index())
    monkeypatch.setattr(module, "BUDGET_BYTES", 20_000)
    for key in files.written():
        files.world.loses(key)
    index = files.writer().index()
    assert max(each.parts for each in index.shards) > 2
    assert files.asked(index) == whole


def test_questions_that_are_written_are_not_written_again() -> None:
    files = Files(file_of(records(600)))
    first = files.writer().index()
    files.world.service.calls.clear()
    assert files.writer().index() == first
    assert "PutObject" not in files.world.service.calls


def test_questions_of_which_one_has_expired_are_written_again() -> None:
    files = Files(file_of(records(600)))
    index = files.writer().index()
    before = files.written()
    files.world.loses(f"{QUESTIONS}{files.plan.questions.id}/00001")
    assert files.writer().index() == index
    assert files.written() == before


def test_a_function_whose_time_is_up_goes_on_behind_what_it_wrote() -> None:
    whole_index = Files(file_of(records(1_000))).writer().index()
    files = Files(file_of(records(1_000)))
    turns = 0
    while True:
        left = [True, False]
        files.time_left = lambda its=left: its.pop(0)  # type: ignore[misc]
        turns += 1
        try:
            index = files.writer().index()
        except QuestionsUnfinished:
            continue
        break
    assert turns == 4
    assert index == whole_index


def test_a_file_that_no_function_can_read_in_time_is_refused() -> None:
    files = Files(file_of(records(10)))
    files.time_left = lambda: False
    with pytest.raises(NotUsable) as refused:
        files.writer().index()
    assert "records" in str(refused.value)


def test_repeated_questions_are_counted_whatever_their_case() -> None:
    its = [turn("What?", "a"), turn("  what? ", "b"), turn("why?", "c"), turn("What?", "d")]
    assert Files(file_of(its)).writer().index().repeated == 2


def test_questions_that_were_trained_on_are_counted_in_any_format() -> None:
    files = Files(file_of(records(300)), records=200)
    drawn = [each.record for shard in files.asked(files.writer().index()) for each in shard]
    trained = [{"prompt": f"WHAT is {each}?", "completion": "other"} for each in [*drawn[:7], 9_999]]
    files.plan = replace(files.plan, id="0" * 12, train_sha256=files.has("train", file_of([*trained, "no record"])))
    files.writer().index()
    assert files.look() == Look(trained_on=7)


def test_without_the_training_data_nothing_is_said_of_them() -> None:
    files = Files(file_of(records(3)))
    files.plan = replace(files.plan, train_sha256="d" * 64)
    files.writer().index()
    assert files.look() == Look(trained_on=None)


def test_a_second_evaluation_looks_too_and_writes_no_question() -> None:
    files = Files(file_of(records(3)))
    files.writer().index()
    files.plan = replace(files.plan, id="1" * 12)
    before = files.written()
    files.writer().index()
    assert files.look() == Look(trained_on=None)
    assert files.written() == before


@pytest.mark.parametrize(
    "bad",
    [
        b"CANARY",
        b'"CANARY"',
        b'{"messages": [{"role": "assistant", "content": "CANARY"}]}',
        b'{"messages": [{"role": "user", "content": "CANARY"}]}',
        b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": [{"image": {}}]}]}',
        b'{"prompt": "CANARY"}',
        b'{"prompt": "CANARY", "completion": "  "}',
        b'{"prompt": 5, "completion": "CANARY"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_record_that_cannot_be_asked_is_named_by_its_line_alone(bad: bytes) -> None:
    files = Files(file_of(records(2)) + bad + b"\n" + file_of(records(1)) + bad)
    with pytest.raises(NotUsable) as refused:
        files.writer().index()
    assert "line 3" in str(refused.value)
    assert "CANARY" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert not files.written()


def test_a_file_that_is_not_there_is_refused() -> None:
    files = Files(file_of(records(1)))
    files.plan = replace(files.plan, questions=Questions(test_sha256="e" * 64))
    with pytest.raises(NotUsable) as refused:
        files.writer().index()
    assert "e" * 64 in str(refused.value)


def test_a_file_of_other_bytes_is_refused() -> None:
    files = Files(file_of(records(1)))
    sha256 = files.plan.questions.test_sha256
    files.world.store.write(data_key("test", sha256), file_of(records(2)))
    with pytest.raises(NotUsable) as refused:
        files.writer().index()
    assert hashlib.sha256(file_of(records(2))).hexdigest() in str(refused.value)


def test_a_file_without_records_is_refused() -> None:
    with pytest.raises(NotUsable):
        Files(b"\n \n").writer().index()


def test_a_plan_has_the_questions_of_a_million_records_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EVALUATION_RECORDS", 5)
    assert Files(file_of(records(6)), records=5).writer().index().records == 5
    with pytest.raises(NotUsable) as refused:
        Files(file_of(records(6))).writer().index()
    assert "6 records" in str(refused.value)


def test_a_line_that_no_request_may_have_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_data, "_MAX_LINE_BYTES", 300)
    files = Files(file_of([*records(2), turn("CANARY" * 100, "b")]))
    with pytest.raises(NotUsable) as refused:
        files.writer().index()
    assert "line 3" in str(refused.value)
    assert "300 bytes" in str(refused.value)


def test_a_store_that_fails_is_an_error_and_no_verdict_on_the_file() -> None:
    files = Files(file_of(records(1)))
    files.world.service.errors["GetObject"] = (503, "SlowDown")
    with pytest.raises(ClientError):
        list(test_data.StoredFile(files.world.s3, BUCKET, "test", files.plan.questions.test_sha256).lines())


def test_an_index_without_its_questions_is_written_anew_and_no_training_data_means_nothing_to_compare() -> None:
    files = Files(file_of(records(3)))
    files.plan = replace(files.plan, train_sha256=None)
    index = files.writer().index()
    assert files.look() == Look(trained_on=None)
    files.world.loses(f"{QUESTIONS}{files.plan.questions.id}/00000")
    assert files.writer().index() == index


@pytest.mark.parametrize(("days", "is_written_again"), [(7, False), (9, True)])
def test_questions_that_might_expire_in_a_run_are_written_again(
    monkeypatch: pytest.MonkeyPatch, days: int, is_written_again: bool
) -> None:
    files = Files(file_of(records(260)))
    index = files.writer().index()
    written = files.written()
    files.world.service.calls.clear()
    later = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(clock, "service_time", lambda _response: later)

    assert files.writer().index() == index
    # Two shards and the index.
    assert files.world.service.calls.count("PutObject") == (3 if is_written_again else 0)
    assert files.written() == written
