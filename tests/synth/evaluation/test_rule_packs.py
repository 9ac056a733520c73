"""The packs of rules on a model that is evaluated, judged and gated: nothing is found that is not acknowledged."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.synth.app.test_checkov import findings
from tests.synth.app.test_one_environment import app
from tests.synth.evaluation.evaluated import ASKED, EVALUATION, GATE, templates
from tests.unit.settings.evaluation_files import STRONGER, written

WHOLE = {
    **EVALUATION,
    "metrics": [{"name": "rouge_l"}, {"name": "own", "path": "own.py", "function": "score"}],
    "judge": {"model": STRONGER, "rubric": "rubric.md", "records": 1},
}


def test_cdk_nag_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "settings" / "dev").mkdir(parents=True)
    written(tmp_path / "settings", *ASKED, ("evaluation", WHOLE), ("gate", dict(GATE)))
    run = app(tmp_path / "out", environments=str(tmp_path / "settings"))
    assert run.returncode == 0, run.stdout
    assert len(list((tmp_path / "out").rglob("*Evaluation*.template.json"))) == 1


@pytest.mark.slow
def test_checkov_finds_nothing(tmp_path: Path, context: dict[str, Any]) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    for kind, template in templates(tmp_path, context, ("evaluation", WHOLE), ("gate", dict(GATE))).items():
        (folder / f"{kind}.json").write_text(json.dumps(template), encoding="utf-8")
    assert findings(folder) == set()
