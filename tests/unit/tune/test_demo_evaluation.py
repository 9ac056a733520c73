"""The demo evaluates a model whose own files say nothing of it, and shows what came of it."""

import io
from typing import Any, Final

import pytest

from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, Summary, TargetAnswers
from sandbox.bedrock.quality.quality import Quality
from sandbox.bedrock.quality.requests import set_quality
from tests.support.messages import says
from tune.demo.checks import DemoFailed
from tune.demo.evaluation import CLOSE, evaluated, quality, results, truth
from tune.terminal.environments import DeployTarget, find
from tune.terminal.folders import DEFAULT_FOLDER

LOCAL: Final = find(DEFAULT_FOLDER, "local")
RECORDS: Final = 30


class Objects:
    """Stands in for S3: one object."""

    def __init__(self, key: str, body: str) -> None:
        self._key = key
        self._body = body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the API's names
        assert (Bucket, Key) == ("bucket", self._key)
        return {"Body": io.BytesIO(self._body.encode())}


def summary(target: DeployTarget, *, is_complete: bool = True) -> Objects:
    """Return where the numbers of an evaluation are, in which the tuned model is always right and its base never."""
    inputs = target.settings[0].evaluation_inputs
    assert inputs is not None
    always = [[1.0]] * RECORDS
    numbers = Summary(
        evaluation=inputs.id,
        is_complete=is_complete,
        made="2025-11-15T00:00:00+00:00",
        test_sha256=inputs.questions.test_sha256,
        records=RECORDS,
        of=RECORDS,
        targets=(
            TargetAnswers(name="tuned", model="docstrings", answered=0, unanswered=0, input_tokens=0, output_tokens=0),
        ),
        scores={"tuned": {"rouge_l": Sample.of("scores", always)}},
        differences=(Difference(theirs="base", measure="rouge_l", sample=Sample.of("differences", always)),),
    )
    return Objects(summary_key(inputs.id), numbers.to_json())


def test_it_asks_a_few_records_of_the_same_training_and_its_base_model() -> None:
    with evaluated(LOCAL, CLOSE) as target:
        (model,), (before,) = target.settings, LOCAL.settings
        assert before.evaluation is None
        assert model.evaluation is not None
        assert (model.evaluation.records, model.evaluation.compare_with) == (RECORDS, ("base",))
        assert (model.training_id, model.serving, model.data) == (before.training_id, before.serving, before.data)
        assert target.environment.allow.evaluate_with == ("base",)
        kinds = ["Foundation", "docstrings-Training", "docstrings-Serving", "docstrings-Evaluation"]
        assert target.stack_ids == [f"local/{kind}" for kind in kinds]
    assert not target.folder.exists()


def test_the_simulation_plays_a_tuned_model_that_is_right_more_often() -> None:
    with evaluated(LOCAL, CLOSE) as target:
        (model,) = target.settings
        known = Quality()
        set_quality(known, quality(model))
    assert len(known.right) == 40
    tuned, base = (known.rates[str(name)] for name in (model.training_name, model.profile.untuned_id))
    assert tuned > base > 0
    assert says(truth(), f"{tuned:.0%}", f"{base:.0%}", f"{tuned - base:+.3f}")


def test_it_shows_the_numbers_and_the_verdict() -> None:
    with evaluated(LOCAL, CLOSE) as target:
        shown = results(target.settings[0], summary(target), "bucket")
    assert any("+1.000" in line and "rouge_l" in line for line in shown)
    assert shown[-1].startswith("passed")


def test_an_evaluation_that_is_not_complete_fails_the_demo() -> None:
    with evaluated(LOCAL, CLOSE) as target, pytest.raises(DemoFailed):
        results(target.settings[0], summary(target, is_complete=False), "bucket")
