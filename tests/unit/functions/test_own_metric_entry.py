"""A team's own metric, as Lambda runs it and as Score calls it."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle import own_metric_entry
from bedrock_lifecycle.contract import METRIC_FILE_VARIABLE, METRIC_FUNCTION_VARIABLE
from bedrock_lifecycle.evaluation.scoring.own_metric import OwnMetricFailed, own_scores

PAIRS = [("a", "a"), ("a", "b")]


def scores_of(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    (folder / f"own_{folder.name}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv(METRIC_FILE_VARIABLE, f"own_{folder.name}")
    monkeypatch.setenv(METRIC_FUNCTION_VARIABLE, "score")

    def invoke(*, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "arn:own:1"
        answer = own_metric_entry.on_event(json.loads(Payload), None)
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    return own_scores(invoke, "arn:own:1", PAIRS)


def test_the_function_scores_each_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def score(answer, reference):\n    return float(answer == reference)\n"
    assert scores_of(source, tmp_path, monkeypatch) == [1.0, 0.0]


def test_what_is_no_score_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OwnMetricFailed):
        scores_of("def score(answer, reference):\n    return 2\n", tmp_path, monkeypatch)
