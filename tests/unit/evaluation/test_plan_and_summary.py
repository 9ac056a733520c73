"""What the functions of an evaluation hand to each other survives being written down."""

from bedrock_lifecycle.contract.evaluation_identity import (
    EvaluationInputs,
    Judging,
    Questions,
    Target,
    metric_definition,
)
from bedrock_lifecycle.evaluation.statistics.sample import Sample, paired
from bedrock_lifecycle.evaluation.stored.plan import Candidate, EvaluationPlan
from bedrock_lifecycle.evaluation.stored.summary import Difference, JudgeTold, Slice, Summary, TargetAnswers, Worst

_TUNED = Target(name="tuned", model="docstrings-dev-4ffdfb6dcb25-1")
_BASE = Target(name="base", model="amazon.nova-micro-v1:0")
_EXACT = metric_definition("exact_match", 1, {"normalize": ["case"]})


def _inputs(**changes: object) -> EvaluationInputs:
    told: dict[str, object] = {
        "questions": Questions(test_sha256="a" * 64, records=1000),
        "targets": [_TUNED, _BASE],
        "max_output_tokens": 256,
        "metrics": [_EXACT, metric_definition("rouge_l", 1)],
    }
    return EvaluationInputs(**{**told, **changes})  # type: ignore[arg-type]


def test_a_plan_is_read_as_it_was_written() -> None:
    plan = EvaluationPlan(
        id="9c1f6a0b2d3e",
        owner="arn:aws:cloudformation:us-east-1:111122223333:stack/x",
        questions=Questions(test_sha256="a" * 64, records=10, group_by="source"),
        targets=(_TUNED, _BASE),
        asked_as={"base": "amazon.nova-micro-v1:0"},
        metrics=(_EXACT,),
        metric_functions={"own": "arn:aws:lambda:us-east-1:111122223333:function:own:1"},
        judge=Judging(model="j", rubric_sha256="b" * 64, records=5),
        max_output_tokens=256,
        max_tokens=3_000_000,
        max_error_rate=0.02,
        quota_share=0.25,
        requests_per_minute=2000,
        candidate=Candidate(name="c", model_arn="arn", tags={"k": "v"}),
    )
    assert EvaluationPlan.from_json(plan.to_json()) == plan
    assert EvaluationPlan.from_json(plan.to_json().replace("{", '{"later":1,', 1)) == plan


def test_a_summary_is_read_as_it_was_written() -> None:
    scores = Sample.of("scores", [[1.0], [0.25], [1 / 3]])
    differences = paired([[1.0], [0.0]], [[0.0], [0.5]])
    summary = Summary(
        evaluation="9c1f6a0b2d3e",
        is_complete=True,
        made="2026-11-28T14:02:00Z",
        test_sha256="a" * 64,
        records=3,
        of=3,
        targets=(TargetAnswers(name="tuned", model="m", answered=3, unanswered=0, input_tokens=9, output_tokens=7),),
        scores={"tuned": {"rouge_l": scores}},
        differences=(Difference(theirs="base", measure="rouge_l", sample=differences, both=1, ours=0),),
        slices=(Slice(by="length", label="1 to 10", target="tuned", measure="rouge_l", sample=scores),),
        worst=(Worst(record=2, measure="rouge_l", theirs="base", difference=-0.5),),
        judge=(JudgeTold(theirs="base", agreed=3, flipped=1, no_verdict=0),),
        warnings=("12 test questions are in the training data",),
    )
    read = Summary.from_json(summary.to_json())
    assert read == summary
    assert read.sample("rouge_l", None) == scores
    assert read.sample("rouge_l", "base") == differences
    assert read.sample("rouge_l", "nobody") is None


def test_what_makes_an_evaluation_another_one() -> None:
    ids = {
        _inputs().id,
        _inputs(questions=Questions(test_sha256="b" * 64, records=1000)).id,
        _inputs(questions=Questions(test_sha256="a" * 64)).id,
        _inputs(questions=Questions(test_sha256="a" * 64, records=1000, group_by="source")).id,
        _inputs(targets=[Target(name="tuned", model="docstrings-dev-4ffdfb6dcb25-2"), _BASE]).id,
        _inputs(targets=[_TUNED]).id,
        _inputs(max_output_tokens=257).id,
        _inputs(metrics=[_EXACT]).id,
        _inputs(judge=Judging(model="j", rubric_sha256="b" * 64, records=5)).id,
    }
    assert len(ids) == 9


def test_the_order_in_which_an_evaluation_is_told_makes_no_other_one() -> None:
    assert _inputs(targets=[_BASE, _TUNED], metrics=[metric_definition("rouge_l", 1), _EXACT]).id == _inputs().id


def test_a_retraining_leaves_what_others_answered() -> None:
    questions = Questions(test_sha256="a" * 64)
    again = Target(name="tuned", model="docstrings-dev-4ffdfb6dcb25-2")
    assert _BASE.answers_id(questions, 256) == Target(name="other", model=_BASE.model).answers_id(questions, 256)
    assert again.answers_id(questions, 256) != _TUNED.answers_id(questions, 256)


def test_golden_identities_stay() -> None:
    # Appended to, never changed: another id would ask, and pay for, everything again.
    assert _inputs().id == "6849163c5372"
    assert _BASE.answers_id(Questions(test_sha256="a" * 64), 256) == "cf2a4e53118b7641136f"
