"""Before a run of an evaluation is started: who cannot answer is told, and nobody is refused on what is not known."""

from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.preflight import tables
from bedrock_lifecycle.preflight.desired import DesiredEvaluation
from bedrock_lifecycle.preflight.facts import Known, ModelAvailability, NotChecked
from bedrock_lifecycle.preflight.report import NotNeeded, Passed, Problem, Verdict, run
from tests.support.messages import says
from tests.unit.contract.test_evaluation_properties import INPUTS, LEAST
from tests.unit.contract.test_evaluation_properties import evaluation as written
from tests.unit.preflight.facts import NOW, UNREAD, asked_model, evaluation


def verdict_of(check: str, **changes: Any) -> Verdict:
    (found,) = (each for each in run(tables.EVALUATION, evaluation(**changes)).findings if each.id == check)
    return found.verdict


def test_an_evaluation_in_whose_way_nothing_stands_passes_every_check() -> None:
    assert all(isinstance(each.verdict, Passed) for each in run(tables.EVALUATION, evaluation()).findings)


@pytest.mark.parametrize(
    ("asked", "kind", "names"),
    [
        ((), NotNeeded, ()),
        ((asked_model(end_of_life=NOW),), Problem, ("any.model", "2026-11-23")),
        ((asked_model(end_of_life=NOW + timedelta(days=1)),), Passed, ("any.model",)),
        ((asked_model(found=Known(None)),), NotChecked, ("any.model",)),
        ((asked_model(found=UNREAD),), NotChecked, ("any.model", "AccessDenied")),
        ((asked_model(access=UNREAD),), NotChecked, ("AccessDenied",)),
        (
            (asked_model(access=Known(ModelAvailability("NOT_AVAILABLE", "AUTHORIZED", "AVAILABLE", "AVAILABLE"))),),
            Problem,
            ("any.model", "agreement NOT_AVAILABLE"),
        ),
        ((asked_model(found=Known(None)), asked_model("other", end_of_life=NOW)), Problem, ("other",)),
    ],
)
def test_a_model_that_cannot_answer_is_told_and_one_that_is_not_known_refuses_nothing(
    asked: Any, kind: type, names: tuple[str, ...]
) -> None:
    verdict = verdict_of("asked-models", asked=asked)
    assert isinstance(verdict, kind)
    assert all(says(verdict, name) for name in names)


@pytest.mark.parametrize(("most", "kind"), [(101, Passed), (100, Problem)])
def test_the_bound_must_have_room_for_one_answer(most: int, kind: type) -> None:
    assert isinstance(verdict_of("tokens", max_tokens=most), kind)


def test_a_judge_is_looked_at_like_every_other_model_that_is_asked() -> None:
    asked = DesiredEvaluation.read(EvaluationProperties(Properties(written())), "any-bucket")
    assert asked.asked == ("any.model-v1:0", "us.other")
    assert asked.test.uri == Known(f"s3://any-bucket/test/{'ab' * 32}.jsonl")
    assert asked.candidate == f"faq-prod-{INPUTS.id}"


def test_what_serves_needs_no_candidate() -> None:
    asked = DesiredEvaluation.read(EvaluationProperties(Properties(written(served_arn="arn:any", inputs=LEAST))), "any")
    assert (asked.asked, asked.candidate) == ((), "")


def test_no_deployment_is_needed_where_something_serves_the_model() -> None:
    assert isinstance(verdict_of("deployments", deployments=None), NotNeeded)
