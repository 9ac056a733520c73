"""What the example in `environments/dev` has behind `#` is right as it stands, once the `#` is removed."""

import re
import shutil
from pathlib import Path

from settings import Model, load_model
from tests.conftest import ROOT
from tests.unit.settings.evaluation_files import evaluation_of, gate_of


def uncommented(folder: Path) -> Model:
    """Return the example's model with all that stands behind `#`."""
    shutil.copytree(ROOT / "environments" / "dev", folder / "dev", dirs_exist_ok=True)
    for path in (folder / "dev").iterdir():
        text = re.sub(r"(?m)^# (?=\[|\w+ = )", "", path.read_text(encoding="utf-8"))
        path.write_text(text.replace("../../examples", str(ROOT / "examples")), encoding="utf-8")
    return load_model(folder, "dev", "docstrings")


def test_the_example_can_be_evaluated_and_gated_as_its_comments_say(tmp_path: Path) -> None:
    model = uncommented(tmp_path)
    assert [each.name for each in evaluation_of(model).metrics] == ["rouge_l", "exact_match"]
    assert [(each.measure, each.against) for each in gate_of(model).require] == [("rouge_l", "base")]
    assert model.stack_kinds == ["Training", "Evaluation", "Serving"]
