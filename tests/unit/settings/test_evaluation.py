"""`[evaluation]`: who is asked what, how it is scored, and what that may cost."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation_identity import EvaluationInputs, Judging, Questions, Target
from tests.support.messages import says
from tests.unit.settings.evaluation_files import (
    EVALUATION,
    GATE,
    SHA256,
    STRONGER,
    case,
    evaluation_of,
    model,
    problems,
    written,
)
from tests.unit.settings.settings_files import ABSENT, HAIKU, load_file, problems_of

TEST_SHA256 = hashlib.sha256(b'{"split": "test"}\n').hexdigest()


def test_without_the_table_nothing_is_evaluated(tmp_path: Path) -> None:
    its = model(tmp_path, ("evaluation", ABSENT))
    assert (its.evaluation, its.gate, its.evaluation_inputs) == (None, None, None)
    assert its.stack_kinds == ["Training", "Serving"]


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    found = evaluation_of(model(tmp_path))
    assert (found.compare_with, found.records, found.group_by, found.judge) == (("base",), None, None, None)
    assert (found.quota_share, found.max_error_rate, found.max_hours, found.quota_codes) == (0.25, 0.02, 12, {})
    assert [each.name for each in found.metrics] == ["rouge_l", "json_schema"]


def test_its_identity_is_that_of_the_contract(tmp_path: Path) -> None:
    judge = {"model": STRONGER, "rubric": "rubric.md", "records": 20}
    changes = {"compare_with": [STRONGER, "base"], "records": 40, "group_by": "source", "judge": judge}
    its = model(tmp_path, ("evaluation", {**EVALUATION, **changes}))
    rubric = hashlib.sha256(b"Prefer the shorter one.\n").hexdigest()
    assert its.evaluation_inputs == EvaluationInputs(
        questions=Questions(test_sha256=TEST_SHA256, records=40, group_by="source"),
        targets=[
            Target(name="tuned", model=str(its.model_name)),
            Target(name="base", model="amazon.nova-micro-v1:0"),
            Target(name=STRONGER, model=STRONGER),
        ],
        max_output_tokens=256,
        metrics=[
            '{"name":"json_schema","schema":"{\\"type\\": \\"object\\"}","version":1}',
            '{"name":"rouge_l","version":1}',
        ],
        judge=Judging(model=STRONGER, rubric_sha256=rubric, records=20),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"max_tokens": 1},
        {"quota_share": 1},
        {"max_error_rate": 0.5},
        {"max_hours": 1},
        {"quota_codes": {"base": "L-1EF80F3E"}},
    ],
    ids=lambda it: next(iter(it)),
)
def test_what_it_may_cost_is_no_part_of_its_identity(tmp_path: Path, changes: dict[str, Any]) -> None:
    before = model(tmp_path).evaluation_inputs
    after = model(tmp_path, ("evaluation", {**EVALUATION, **changes})).evaluation_inputs
    assert before is not None
    assert before == after


def test_another_file_may_have_the_questions(tmp_path: Path) -> None:
    its = model(tmp_path, ("evaluation", {**EVALUATION, "sha256": SHA256}))
    assert its.evaluated_sha256 == SHA256


def test_the_stack_of_an_evaluation_comes_before_what_serves(tmp_path: Path) -> None:
    its = model(tmp_path)
    assert its.stack_kinds == ["Training", "Evaluation", "Serving"]
    assert not its.is_asked_as_it_serves


def test_what_only_a_throughput_serves_is_evaluated_as_it_serves(tmp_path: Path) -> None:
    its = model(
        tmp_path,
        ("region", "us-west-2"),
        ("allow", {"evaluate_with": ["base"], "buy": True}),
        ("training.base_model", HAIKU),
        ("serving", {"provisioned_throughput": {"model_units": 1}}),
    )
    assert its.stack_kinds == ["Training", "Serving", "Evaluation"]
    assert its.is_asked_as_it_serves


@pytest.mark.parametrize(
    ("metric", "definition", "measures"),
    [
        ({"name": "exact_match"}, {"name": "exact_match", "normalize": [], "version": 1}, ("exact_match",)),
        (
            {"name": "exact_match", "normalize": ["whitespace", "case"]},
            {"name": "exact_match", "normalize": ["case", "whitespace"], "version": 1},
            ("exact_match",),
        ),
        ({"name": "token_f1"}, {"name": "token_f1", "version": 1}, ("token_f1",)),
        (
            {"name": "tool_call"},
            {"name": "tool_call", "version": 1},
            ("tool_call", "tool_call.names", "tool_call.arguments"),
        ),
        (
            {"name": "own", "path": "own.py", "function": "score"},
            {
                "name": "own",
                "function": "score",
                "sha256": hashlib.sha256(b"def score(answer, reference):\n    return 1.0\n").hexdigest(),
                "version": 1,
            },
            ("own",),
        ),
    ],
    ids=lambda it: str(it.get("name")) if isinstance(it, dict) else "",
)
def test_a_metric_has_its_definition(
    tmp_path: Path, metric: dict[str, Any], definition: dict[str, Any], measures: tuple[str, ...]
) -> None:
    (found,) = evaluation_of(model(tmp_path, ("evaluation", {**EVALUATION, "metrics": [metric]}))).metrics
    assert json.loads(found.definition) == definition
    assert found.measures == measures


@pytest.mark.parametrize(
    ("changes", "place", "received"),
    [
        ({"max_output_tokens": ABSENT}, "max_output_tokens", "max_output_tokens = 256"),
        ({"max_output_tokens": 0}, "max_output_tokens", 0),
        ({"max_output_tokens": 10_001}, "max_output_tokens", 10_001),
        ({"max_tokens": ABSENT}, "max_tokens", "max_tokens"),
        ({"max_tokens": 0}, "max_tokens", 0),
        ({"max_tokens": 1.5}, "max_tokens", 1.5),
        ({"records": 0}, "records", 0),
        ({"records": 1_000_001}, "records", 1_000_001),
        ({"sha256": "abc"}, "sha256", "'abc'"),
        ({"group_by": ""}, "group_by", "''"),
        ({"quota_share": 0}, "quota_share", 0),
        ({"quota_share": 1.1}, "quota_share", 1.1),
        ({"quota_share": "0.5"}, "quota_share", "'0.5'"),
        ({"max_error_rate": -0.1}, "max_error_rate", -0.1),
        ({"max_hours": 121}, "max_hours", 121),
        ({"compare_with": ["base", "base"]}, "compare_with", "'base' twice"),
        ({"compare_with": ["Sonnet"]}, "compare_with", "'Sonnet'"),
        ({"quota_codes": {"base": "L-1"}}, "quota_codes.base", "'L-1'"),
        ({"quota_codes": "L-1EF80F3E"}, "quota_codes", "'L-1EF80F3E'"),
        ({"metrics": ABSENT}, "metrics", "rouge_l"),
        ({"metrics": []}, "metrics", 0),
        ({"metrics": "rouge_l"}, "metrics", "'rouge_l'"),
        ({"metrics": [{"name": "rouge_l"}, {"name": "rouge_l"}]}, "metrics", "rouge_l"),
        ({"metrics": [{}]}, "metrics[1].name", "nothing"),
        ({"metrics": [{"name": "rouge"}]}, "metrics[1].name", "'rouge'"),
        ({"metrics": [{"name": "rouge_l", "normalize": ["case"]}]}, "metrics[1].normalize", "rouge_l"),
        ({"metrics": [{"name": "exact_match", "normalize": ["x"]}]}, "metrics[1]", "'x'"),
        ({"metrics": [{"name": "exact_match", "normalize": "case"}]}, "metrics[1].normalize", "'case'"),
        ({"metrics": [{"name": "json_schema"}]}, "metrics[1].schema", "json_schema"),
        ({"metrics": [{"name": "json_schema", "schema": "gone.json"}]}, "metrics[1].schema", "'gone.json'"),
        ({"metrics": [{"name": "json_schema", "schema": "rubric.md"}]}, "metrics[1].schema", "JSON"),
        ({"metrics": [{"name": "own", "path": "own.py"}]}, "metrics[1].function", "own"),
        ({"metrics": [{"name": "own", "path": "rubric.md", "function": "f"}]}, "metrics[1].path", "'rubric.md'"),
        ({"metrics": [{"name": "own", "path": "own.py", "function": "a b"}]}, "metrics[1].path", "'a b'"),
        ({"judge": {}}, "judge.model", "model"),
        ({"judge": {"model": STRONGER, "rubric": "gone.md", "records": 1}}, "judge.rubric", "'gone.md'"),
        ({"judge": {"model": "Sonnet", "rubric": "rubric.md", "records": 1}}, "judge.model", "'Sonnet'"),
        ({"judge": {"model": STRONGER, "rubric": "rubric.md", "records": 0}}, "judge.records", 0),
        ({"records": 5, "judge": {"model": STRONGER, "rubric": "rubric.md", "records": 6}}, "judge.records", 6),
    ],
    ids=case,
)
def test_what_is_out_of_bounds_is_refused(
    tmp_path: Path, changes: dict[str, Any], place: str, received: object
) -> None:
    evaluation = {key: its for key, its in {**EVALUATION, **changes}.items() if its is not ABSENT}
    found = problems(tmp_path, ("evaluation", evaluation))
    assert list(found) == [f"evaluation.{place}"] or f"evaluation.{place}" in found
    assert says(found[f"evaluation.{place}"], received)


def test_a_schema_that_would_not_be_checked_completely_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    (path.parent / "answer.json").write_text('{"pattern": "a+"}', encoding="utf-8")
    assert says(problems_of(path)["evaluation.metrics[2].schema"], "pattern")


def test_at_most_four_models_are_compared_with(tmp_path: Path) -> None:
    models = [f"any.model-{number}" for number in range(5)]
    changes = ("allow", {"evaluate_with": models}), ("evaluation", {**EVALUATION, "compare_with": models})
    found = problems(tmp_path, *changes)
    assert list(found) == ["evaluation.compare_with"]
    assert says(found["evaluation.compare_with"], 5)


def test_the_tuned_model_may_be_asked_alone(tmp_path: Path) -> None:
    its = model(tmp_path, ("evaluation.compare_with", []))
    assert evaluation_of(its).compare_with == ()
    assert its.evaluation_inputs is not None
    assert [each.name for each in its.evaluation_inputs.targets] == ["tuned"]


# --- with other tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allow", [{}, {"evaluate_with": [STRONGER]}], ids=case)
def test_a_model_that_foundation_may_not_ask_is_refused(tmp_path: Path, allow: dict[str, Any]) -> None:
    found = problems(tmp_path, ("allow", allow))
    assert list(found) == ["evaluation.compare_with"]
    assert 'evaluate_with = ["base"]' in found["evaluation.compare_with"]


def test_a_judge_that_foundation_may_not_ask_is_refused(tmp_path: Path) -> None:
    judge = {"model": "amazon.nova-pro-v1:0", "rubric": "rubric.md", "records": 1}
    found = problems(tmp_path, ("evaluation", {**EVALUATION, "judge": judge}))
    assert list(found) == ["evaluation.judge.model"]


def test_a_judge_that_would_have_nothing_to_compare_is_refused(tmp_path: Path) -> None:
    judge = {"model": STRONGER, "rubric": "rubric.md", "records": 1}
    found = problems(tmp_path, ("evaluation", {**EVALUATION, "compare_with": [], "judge": judge}))
    assert list(found) == ["evaluation.judge"]
    assert says(found["evaluation.judge"], "compare_with")


def test_what_asks_no_other_model_needs_a_foundation_that_evaluates(tmp_path: Path) -> None:
    found = problems(tmp_path, ("allow", {}), ("evaluation.compare_with", []))
    assert list(found) == ["evaluation"]
    assert says(found["evaluation"], "evaluate_with")
    assert evaluation_of(model(tmp_path, ("allow", {"evaluate_with": ["base"]}), ("evaluation.compare_with", [])))


def test_a_quota_of_a_model_that_nobody_asks_is_refused_where_none_is_asked(tmp_path: Path) -> None:
    evaluation = {**EVALUATION, "compare_with": [], "quota_codes": {"base": "L-1EF80F3E"}}
    found = problems(tmp_path, ("evaluation", evaluation))
    assert list(found) == ["evaluation.quota_codes"]
    assert says(found["evaluation.quota_codes"], "base", "none")


def test_an_evaluation_without_any_questions_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, ("data.test", ABSENT))
    assert list(found) == ["evaluation"]
    assert says(found["evaluation"], "test records", "[data] test")


def test_a_model_that_is_given_is_not_evaluated(tmp_path: Path) -> None:
    arn = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
    found = problems(
        tmp_path,
        ("training", ABSENT),
        ("data", ABSENT),
        ("evaluation", {**EVALUATION, "sha256": SHA256}),
        ("serving.model_arn", arn),
    )
    assert list(found) == ["evaluation"]


def test_what_is_evaluated_as_it_serves_has_to_serve(tmp_path: Path) -> None:
    found = problems(tmp_path, ("region", "us-west-2"), ("training.base_model", HAIKU), ("serving", ABSENT))
    assert list(found) == ["evaluation"]


def test_a_model_may_be_evaluated_and_not_served(tmp_path: Path) -> None:
    assert model(tmp_path, ("serving", ABSENT), ("gate", dict(GATE))).stack_kinds == ["Training", "Evaluation"]


def test_the_base_model_is_asked_once(tmp_path: Path) -> None:
    base = "amazon.nova-micro-v1:0"
    allow = ("allow", {"evaluate_with": ["base", base]})
    found = problems(tmp_path, allow, ("evaluation.compare_with", ["base", base]))
    assert list(found) == ["evaluation.compare_with"]
    assert says(found["evaluation.compare_with"], base)
    assert evaluation_of(model(tmp_path, allow, ("evaluation.compare_with", [base]))).compare_with == (base,)


@pytest.mark.parametrize("name", ["base", "amazon.nova-micro-v1:0"])
def test_a_quota_is_of_a_model_that_is_asked(tmp_path: Path, name: str) -> None:
    codes = {name: "L-1EF80F3E"}
    assert evaluation_of(model(tmp_path, ("evaluation.quota_codes", codes))).quota_codes == codes
    found = problems(tmp_path, ("evaluation.quota_codes", {**codes, STRONGER: "L-1EF80F3E"}))
    assert list(found) == ["evaluation.quota_codes"]
    assert says(found["evaluation.quota_codes"], STRONGER, "base")


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"def other(a, b): ...\n", "'score'"),
        (b"x = 1\ndef score(:\n", "line 2"),
        (b"# \xff\n", "UTF-8"),
        (b"\0", "own.py"),
    ],
    ids=case,
)
def test_a_function_that_is_not_there_is_refused_before_anybody_is_paid(
    tmp_path: Path, content: bytes, received: str
) -> None:
    folder = written(tmp_path, ("evaluation.metrics", [{"name": "own", "path": "own.py", "function": "score"}]))
    (tmp_path / "dev" / "own.py").write_bytes(content)
    found = problems_of(folder)
    assert list(found) == ["evaluation.metrics[1].path"]
    assert says(found["evaluation.metrics[1].path"], received)


@pytest.mark.parametrize(("content", "received"), [(b" \n", "nothing"), (b"k\xfcrzer", "UTF-8")], ids=case)
def test_a_rubric_is_text(tmp_path: Path, content: bytes, received: str) -> None:
    judge = {"model": STRONGER, "rubric": "rubric.md", "records": 20}
    folder = written(tmp_path, ("evaluation.judge", judge))
    (tmp_path / "dev" / "rubric.md").write_bytes(content)
    found = problems_of(folder)
    assert list(found) == ["evaluation.judge.rubric"]
    assert says(found["evaluation.judge.rubric"], received)


def test_a_schema_may_begin_with_the_mark_that_some_editors_write(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (tmp_path / "dev" / "answer.json").write_text('{"type": "object"}', encoding="utf-8-sig")
    assert evaluation_of(load_file(folder)).metrics[1].name == "json_schema"
