"""`tune report`, on the simulated Bedrock and a real S3 client."""

import re
import stat
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from bedrock_lifecycle.contract.evaluation import GateProperties
from bedrock_lifecycle.contract.evaluation_store import bounded_summary_key, failed_summary_key, summary_key
from bedrock_lifecycle.contract.properties import BadProperty, Properties
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.unit.tune.report.reported import CANARY, STRONGER, WANTED, Alone, GivenBucket, Reported
from tune.metrics import picture
from tune.metrics.observe import Trainings
from tune.pictures.lines import drawn
from tune.report import html
from tune.report.document import document
from tune.report.observe import Evaluations
from tune.terminal.environments import find_ref

SECTIONS: Final = ("Verdict", "Caveats", "Scores", "Where the models differ", "How it was computed")


@pytest.fixture
def reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reported:
    return Reported(tmp_path, monkeypatch)


def test_it_writes_a_page_with_the_verdict_first(reported: Reported) -> None:
    page = reported.page()
    titles = re.findall("<h2[^>]*>([^<]*)</h2>", page)
    assert titles[0] == "Verdict"
    assert set(SECTIONS) < set(titles)
    for words in ("The gate says passed: 2 of 2", reported.id, reported.wanted.training_name, "250 of 250 records"):
        assert words in page


def test_numbers_are_found_in_a_bucket_that_the_organization_gives(reported: Reported) -> None:
    reported.foundation = GivenBucket
    assert reported.document()["evaluation"] == reported.id


def test_a_model_that_was_asked_alone_is_compared_with_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Reported(tmp_path, monkeypatch, wanted=Alone(**vars(WANTED)))
    titles = re.findall("<h2[^>]*>([^<]*)</h2>", alone.page())
    assert {"Verdict", "Scores", "By length of the reference answer"} < set(titles)
    assert not {"Tuned model against the others", "Where the models differ", "Worst records"} & set(titles)
    found = alone.document()
    assert (found["gate"]["verdict"], found["differences"]) == ("passed", [])


def test_it_changes_nothing(reported: Reported) -> None:
    reported.service.calls.clear()
    reported.aws.changes.clear()
    reported.page()
    assert set(reported.service.calls) <= {"GetObject", "ListObjectsV2"}
    assert reported.aws.changes == []


def test_the_numbers_are_read_once_though_a_gate_judges_them(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, keys = Store.read, list[str]()

    def counted(store: Store, key: str) -> bytes:
        keys.append(key)
        return read(store, key)

    monkeypatch.setattr(Store, "read", counted)
    assert reported.document()["gate"]["verdict"] == "passed"
    assert keys.count(summary_key(reported.id)) == 1


def test_nothing_of_a_record_is_in_any_form(reported: Reported) -> None:
    forms = (reported.page(), reported.run("prod", "--json").output, reported.run("prod", "--markdown").output)
    assert all(reported.id in each for each in forms)
    assert not [each for each in forms if CANARY in each]


def test_the_loss_is_the_picture_of_tune_metrics_byte_for_byte(reported: Reported) -> None:
    training = Trainings(reported, find_ref(reported.path, "prod"), "faq").one(reported.wanted.training_name)
    chart = picture.chart(training)
    assert chart is not None
    assert drawn(chart) in reported.page()


def test_an_unknown_evaluation_ends_with_1_and_those_there_are(reported: Reported) -> None:
    result = reported.run("prod", "faq", "--evaluation", "0123456789ab")
    assert result.exit_code == 1
    assert says(result.output, "0123456789ab", reported.id)


def test_without_numbers_it_ends_with_1_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = Reported(tmp_path, monkeypatch, records=0).run()
    assert result.exit_code == 1
    assert says(result.output, "python -m tune evaluate prod faq")


def test_what_is_no_report_is_not_replaced(reported: Reported) -> None:
    file = reported.path / "mine.html"
    file.write_text("mine", encoding="utf-8")
    result = reported.run("prod", "--output", str(file))
    assert result.exit_code == 2
    assert says(result.output, "mine.html")
    assert file.read_text(encoding="utf-8") == "mine"


def test_without_a_file_it_goes_where_git_ignores_it(reported: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.report.files.ROOT", reported.path)
    result = reported.run()
    assert result.exit_code == 0, result.output
    (file,) = (reported.path / "build" / "reports").iterdir()
    assert file.name == f"prod-faq-{reported.id}.html"


def test_json_has_the_numbers_of_the_summary(reported: Reported) -> None:
    found = reported.document()
    assert (found["evaluation"], found["gate"]["verdict"], found["isComplete"]) == (reported.id, "passed", True)
    assert {each["target"] for each in found["scores"]} == {"tuned", "base", STRONGER}
    for each in found["differences"]:
        counts = [
            each[name]
            for name in ("bothRight", "onlyTunedRight", "onlyOtherRight", "bothWrong", "better", "equal", "worse")
            if name in each
        ]
        assert sum(counts) == 250
    assert found["method"]["metrics"] == ["exact_match version 1 (normalized: case)", "rouge_l version 1"]


def test_without_the_plan_and_the_words_it_has_the_same_numbers(reported: Reported) -> None:
    before = reported.page()
    reported.lose_the_words()
    assert reported.page() == before


def refused(path: Path, patch: pytest.MonkeyPatch) -> Reported:
    """Return a model that its gate has refused, so that the stack is rolled back and tells nothing."""
    its = Reported(path, patch, rates={"tuned": 0.2, "base": 0.8, STRONGER: 0.8})
    assert its.status == "ROLLBACK_COMPLETE"
    return its


def test_what_a_gate_has_refused_is_judged_by_the_settings_that_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = refused(tmp_path, monkeypatch)
    asked = GateProperties(Properties(its.wanted.gate))
    gate = SimpleNamespace(
        require=[Requirement.from_text(each) for each in asked.requirements], confidence=0.95, accept=None
    )
    model = SimpleNamespace(
        evaluation_inputs=its.wanted.evaluation_inputs, evaluation=SimpleNamespace(max_tokens=1), gate=gate
    )
    monkeypatch.setattr("tune.report.observe.find", lambda *_: SimpleNamespace(settings=(model,)))
    assert "The gate says failed: 0 of 2 requirements passed." in its.page()


def test_without_settings_that_ask_for_it_no_gate_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No gate is known for this evaluation." in refused(tmp_path, monkeypatch).page()


def test_what_is_accepted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = WANTED.but(accepted=True)
    its = Reported(tmp_path, monkeypatch, rates={"tuned": 0.2, "base": 0.8, STRONGER: 0.8}, wanted=wanted)
    page = its.page()
    assert "The gate says failed" in page
    assert f"The result is accepted until {wanted.accepted_until}." in page


def test_numbers_of_an_evaluation_that_stopped_at_its_bound_are_said_to_be_no_ground(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = Reported(tmp_path, monkeypatch)
    whole = Summary.from_json(its.store.read(summary_key(its.id)))
    some = replace(whole, is_complete=False, of=whole.records + 50)
    its.store.write(bounded_summary_key(its.id), some.to_json().encode())
    its.s3.delete_object(Bucket=BUCKET, Key=summary_key(its.id))
    page = its.page()
    assert "The evaluation is not complete: 250 of 300 records" in page
    assert "No verdict: it stopped at its bound" in page


def test_numbers_of_a_run_without_enough_answers_are_said_to_be_no_ground_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = Reported(tmp_path, monkeypatch)
    whole = Summary.from_json(its.store.read(summary_key(its.id)))
    tuned = replace(whole.targets[0], answered=150, unanswered=100, errors={"ThrottlingException": 100})
    failed = replace(whole, targets=(tuned, *whole.targets[1:]))
    assert not its.document()["hasFailed"]
    its.store.write(failed_summary_key(its.id), failed.to_json().encode())
    assert its.store.has(summary_key(its.id))
    its.s3.delete_object(Bucket=BUCKET, Key=summary_key(its.id))
    page = its.page()
    assert "The run failed: records without an answer: tuned 100 of 250 (ThrottlingException: 100)" in page
    assert "The gate says" not in page
    assert its.document()["hasFailed"]


def test_a_deployed_gate_that_cannot_be_read_is_said_and_the_numbers_are_shown(
    reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise BadProperty("property GateRequirements: must be a list (got 7)")

    monkeypatch.setattr("tune.report.observe.judged_gate", broken)
    page = reported.page()
    assert "No verdict: property GateRequirements: must be a list (got 7)." in page
    assert "exact_match" in page


@pytest.mark.parametrize(
    ("endpoint", "is_simulated"),
    [("http://localhost:4566", True), ("http://127.0.0.1:80", True), ("https://s3.us-east-1.amazonaws.com", False)],
)
def test_answers_of_a_local_aws_are_said_to_be_simulated(endpoint: str, is_simulated: bool, reported: Reported) -> None:
    class Local:
        meta = SimpleNamespace(endpoint_url=endpoint)

        def __getattr__(self, name: str) -> Any:
            return getattr(reported.s3, name)

    evaluations = Evaluations(
        lambda service: Local() if service == "s3" else reported(service), find_ref(reported.path, "prod"), "faq"
    )
    found = evaluations.report(None, datetime(2026, 11, 28, tzinfo=UTC), with_content=False)
    assert found.is_simulated == is_simulated
    assert ("[simulated]" in html.page(document(found))) == is_simulated


def test_content_is_shown_to_the_owner_alone(reported: Reported) -> None:
    page = reported.page("--show-content")
    assert page.count(CANARY) > 20
    assert stat.S_IMODE((reported.path / "report.html").stat().st_mode) == 0o600
    assert CANARY not in reported.page()


def test_content_that_is_gone_ends_with_1(reported: Reported) -> None:
    reported.lose_the_words()
    result = reported.run("prod", "--output", str(reported.path / "report.html"), "--show-content")
    assert result.exit_code == 1
    assert says(result.output, reported.id, "--show-content")
    assert not (reported.path / "report.html").exists()


def test_content_is_refused_in_a_pipeline_and_where_git_would_take_it(reported: Reported) -> None:
    line = ("prod", "--show-content", "--output", str(reported.path / "report.html"))
    refused = reported.run(*line, CI="true")
    assert refused.exit_code == 2
    assert says(refused.output, "CI")
    subprocess.run(["git", "init", "--quiet", str(reported.path)], check=True)
    committed = reported.run(*line)
    assert committed.exit_code == 2
    assert says(committed.output, "report.html", ".gitignore")
    assert not (reported.path / "report.html").exists()
    (reported.path / ".gitignore").write_text("*.html\n", encoding="utf-8")
    assert reported.run(*line).exit_code == 0


def test_groups_are_shown_by_their_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grouped = Reported(tmp_path, monkeypatch, grouped=True)
    assert "250 in 120 groups" in grouped.page()
    assert {"group", "length"} == {each["by"] for each in grouped.document()["slices"]}


@pytest.mark.parametrize("options", [("--json", "--markdown"), ("--json", "--show-content")])
def test_what_excludes_each_other_is_refused(reported: Reported, options: tuple[str, ...]) -> None:
    assert reported.run("prod", *options).exit_code == 2
