"""A file in parts, each checked on its own: together they find what one check finds."""

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.limits import Limits
from bedrock_tuning.data_files import check_file, check_files, parallel
from bedrock_tuning.data_files.local_file import LocalFile, UncheckedError
from bedrock_tuning.data_files.parallel import tasks
from bedrock_tuning.data_files.part import Part
from tests.dataset.corpus.case import Case, said
from tests.dataset.corpus.every_case import CASES
from tests.dataset.corpus.file_sets import FileSet, records
from tests.dataset.samples import any_limits
from tests.dataset.test_file_sets import write


def parts(path: Path, limits: Limits, count: int) -> list[Part]:
    with LocalFile.open(path) as file:
        return [task.run() for task in tasks(path, file, limits, with_survey=True, count=count)]


def told(part: Part) -> object:
    """Return everything that a part tells."""
    survey = part.survey
    assert survey
    numbers = (survey.records, survey.turns, survey.characters, survey.text_bytes, survey.longest, survey.answer)
    about = (part.lines, part.bytes, part.records, part.characters, part.is_other_kind)
    return about, part.findings.kept, part.findings.counts, part.findings.error_count, numbers, survey.columns(10**6)


def joined(path: Path, limits: Limits, count: int) -> Part:
    return parallel._joined(parts(path, limits, count))


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_case_of_the_corpus_in_parts(case: Case, count: int, tmp_path: Path) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(case.data)
    assert told(joined(path, case.limits, count)) == told(joined(path, case.limits, 1))


lines = st.sampled_from([said("q", "a"), said("r", "a"), said("s", "b" * 90), "{}", "", "x" * 200, "{", said("q", "")])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, max_size=12).map("\n".join), st.booleans(), st.integers(2, 9))
def test_parts_may_end_anywhere(tmp_path: Path, text: str, ended: bool, count: int) -> None:
    path = tmp_path / "any.jsonl"
    path.write_text(text + "\n" * ended)
    limits = any_limits(max_tokens_per_record=20)
    assert told(joined(path, limits, count)) == told(joined(path, limits, 1))


def test_a_line_longer_than_any_may_be_goes_over_parts(tmp_path: Path) -> None:
    limits = any_limits(max_tokens_per_record=1)
    path = tmp_path / "any.jsonl"
    path.write_text("x" * (limits.max_line_bytes * 3) + "\n" + said("q", "a"))
    for count in (1, 2, 5):
        whole = joined(path, limits, count)
        assert (whole.lines, whole.findings.counts["line-length"]) == (2, 1)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "FEWEST_BYTES", 10_000)


@pytest.mark.usefixtures("small_parts")
def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    files = FileSet({"train": records(0, 2000) + b"{}\n" + records(0, 1), "validation": records(1990, 3000)}, {})
    paths = write(files, tmp_path)
    told: list[int] = []
    several = check_files(paths, files.base_model, processes=3, progress=lambda _, read: told.append(read))
    assert several == check_files(paths, files.base_model)
    assert several.files["train"].counts == {"missing-key": 1, "duplicate-record": 1}
    assert several.files["validation"].counts == {"overlap": 10}


@pytest.mark.usefixtures("small_parts")
def test_processes_tell_their_progress_and_that_a_file_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(records(0, 1000))
    real = parallel.tasks

    def late(*arguments: object, **more: object) -> object:
        found = real(*arguments, **more)  # type: ignore[arg-type]
        path.write_bytes(records(0, 999))
        return found

    monkeypatch.setattr(parallel, "tasks", late)
    assert check_file(path, any_limits(), processes=2).counts == {"file-changed": 1}


def test_a_process_that_is_ended_is_told() -> None:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    sender.close()
    with pytest.raises(UncheckedError, match="could not be checked: a process that checked it was ended"):
        parallel._receive(receiver, {}, None)


def test_starts_no_processes_for_a_small_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "run", None)
    path = tmp_path / "any.jsonl"
    path.write_bytes(records(0, 100))
    assert check_file(path, any_limits(), processes=8).accepted


def test_copies_no_process_that_has_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("threading.active_count", lambda: 1)
    assert parallel._start_method() == "fork"
    monkeypatch.setattr("threading.active_count", lambda: 2)
    assert parallel._start_method() == "spawn"
    monkeypatch.setattr("threading.active_count", lambda: 1)
    monkeypatch.setattr("sys.platform", "darwin")
    assert parallel._start_method() == "spawn"
