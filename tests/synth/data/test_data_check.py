"""Data files of this machine are checked at synth, once, and what is found ends it or is a warning."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Annotations, Match

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE
from bedrock_lifecycle.dataset.rules.findings import FileFinding
from bedrock_tuning import DataSource, Remedies
from bedrock_tuning.data import checker
from bedrock_tuning.data.checker import FileReport, FilesReport
from tests.support.messages import says
from tests.synth.foreign import ForeignStack
from tests.unit.dataset_rules.samples import any_record, lines, turn

CANARY = "canary-in-the-training-data"


def answered(word: str) -> bytes:
    """Return good records, with questions and answers of their own."""
    texts = ((f"{word} question {number}", f"{word} {number}") for number in range(32))
    return lines(*[any_record(messages=[turn("user", one), turn("assistant", other)]) for one, other in texts])


GOOD = answered(CANARY)
OTHER = answered("other")
TRAIN = "/Foreign/TrainingData"
JOB = "/Foreign/ModelCustomization"


@pytest.fixture
def foreign(foreign_stack: Callable[..., ForeignStack]) -> ForeignStack:
    # A day on which the base model itself gives no warning.
    return foreign_stack(context={"bedrock-tuning:today": "2024-11-15"})


def errors(foreign: ForeignStack) -> list[tuple[str, str]]:
    return found(foreign, "error")


def warnings(foreign: ForeignStack) -> list[tuple[str, str]]:
    return found(foreign, "warning")


def found(foreign: ForeignStack, level: str) -> list[tuple[str, str]]:
    """Return the annotations of a level: what they are about, and what they say. None says a word of the data."""
    annotations = Annotations.from_stack(foreign.stack)
    entries = getattr(annotations, f"find_{level}")("*", Match.any_value())
    told = [(str(entry.id), str(entry.entry.data)) for entry in entries]
    assert CANARY not in str(told)
    return told


def train_on(foreign: ForeignStack, data: bytes, validation: bytes | None = None, **changes: Any) -> None:
    train = foreign.dataset("TrainingData", path=foreign.file(data, "train.jsonl"))
    other = None
    if validation is not None:
        path = foreign.file(validation, "validation.jsonl")
        other = foreign.dataset("ValidationData", path=path, split="validation")
    foreign.customization(train=train, validation=other, **changes)


def test_good_files_have_no_annotations(foreign: ForeignStack) -> None:
    train_on(foreign, GOOD, OTHER)
    assert (errors(foreign), warnings(foreign)) == ([], [])


def test_a_bad_file_is_told_by_line_and_rule_with_the_command_that_tells_more(foreign: ForeignStack) -> None:
    train_on(foreign, GOOD + lines(any_record(messages=CANARY)), remedies=Remedies(check="any --check"))
    (of_train, finding), (of_job, refusal) = errors(foreign)
    assert (of_train, of_job) == (TRAIN, JOB)
    assert says(finding, "train.jsonl", "line 33", "messages", "(messages)")
    assert says(refusal, "any --check")


def test_a_command_that_nobody_gave_is_not_named(foreign: ForeignStack) -> None:
    train_on(foreign, GOOD + b"{\n")
    (_, refusal) = errors(foreign)[-1]
    assert refusal.endswith("then deploy")


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (2, "blank-line, 2 times; also in line 34"),
        (6, "blank-line, 6 times; also in line 34, 35, 36, 37, 38"),
        (150, "blank-line, 150 times; also in line 34, 35, 36, 37, 38 and more"),
    ],
)
def test_many_places_are_one_line(foreign: ForeignStack, bad: int, told: str) -> None:
    train_on(foreign, GOOD + b"\n" * bad)
    (place, finding) = errors(foreign)[0]
    assert (place, says(finding, "train.jsonl", "line 33", f"({told})")) == (TRAIN, True)
    assert len(errors(foreign)) == 2


def test_every_file_is_told(foreign: ForeignStack) -> None:
    train_on(foreign, GOOD + b"\n", OTHER + b"{\n")
    assert [where for where, _ in errors(foreign)] == [TRAIN, "/Foreign/ValidationData", JOB]


def test_test_data_is_checked_with_the_others(foreign: ForeignStack) -> None:
    path = foreign.file(b"{\n", "test.jsonl")
    test = foreign.dataset("TestData", path=path, split="test")
    train = foreign.dataset("TrainingData", path=foreign.file(GOOD, "train.jsonl"))
    foreign.customization(train=train, test=test)
    assert [where for where, _ in errors(foreign)] == ["/Foreign/TestData", JOB]


def test_data_that_is_elsewhere_is_not_looked_for(foreign: ForeignStack) -> None:
    train = foreign.dataset("TrainingData", source=DataSource.pushed("0" * 64))
    path = foreign.file(OTHER + b"\n", "validation.jsonl")
    validation = foreign.dataset("ValidationData", path=path, split="validation")
    foreign.customization(train=train, validation=validation)
    assert [where for where, _ in errors(foreign)] == ["/Foreign/ValidationData", JOB]


@pytest.mark.parametrize("value", ["false", False])
def test_what_only_deletes_needs_no_check(foreign_stack: Callable[..., ForeignStack], value: Any) -> None:
    foreign = foreign_stack(context={"bedrock-tuning:check-data": value})
    train_on(foreign, b"{\n")
    assert errors(foreign) == []


def test_warnings_end_no_synthesis_and_can_be_acknowledged_by_their_rule(
    foreign: ForeignStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = next(rule for rule, each in CATALOGUE.items() if each.level == "warning")
    report = FileReport((FileFinding(3, "", warning, "is odd"),), {warning: 1}, 32, 1, "?", 1)
    monkeypatch.setattr(checker, "check_files", lambda *_: FilesReport({"train": report}))
    train_on(foreign, GOOD)
    assert errors(foreign) == []
    told = f"train.jsonl line 3: is odd ({warning}) [ack: bedrock-tuning:data-{warning}]"
    assert warnings(foreign) == [(TRAIN, told)]


class Reads:
    """Counts how often the files of a training are read to be checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        real: Callable[..., FilesReport] = checker.check_files

        def counted(*arguments: Any) -> FilesReport:
            self.count += 1
            return real(*arguments)

        monkeypatch.setattr(checker, "check_files", counted)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Reads:
    monkeypatch.setenv("BEDROCK_TUNING_CACHE", str(tmp_path / "cache"))
    return Reads(monkeypatch)


def test_a_second_synthesis_reads_nothing_and_says_and_makes_the_same(
    foreign_stack: Callable[..., ForeignStack], reads: Reads
) -> None:
    made = []
    for _ in range(2):
        foreign = foreign_stack()
        train_on(foreign, GOOD + b"\n", OTHER)
        made.append((json.dumps(foreign.template()), errors(foreign), warnings(foreign)))
    assert made[0] == made[1]
    assert reads.count == 1
