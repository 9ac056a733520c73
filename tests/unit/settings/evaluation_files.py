"""Files of a model that is evaluated, for tests."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from settings import Evaluation, Gate, Model
from tests.unit.settings.settings_files import ABSENT, NOVA_MICRO, changed, load_file, problems_of, write

STRONGER: Final = "us.anthropic.claude-sonnet-4-6"
SHA256: Final = "3" * 64
EVALUATION: Final[Mapping[str, Any]] = {
    "max_output_tokens": 256,
    "max_tokens": 3_000_000,
    "metrics": [{"name": "rouge_l"}, {"name": "json_schema", "schema": "answer.json"}],
}
REQUIRE: Final[Mapping[str, Any]] = {"measure": "rouge_l", "better_than": "base", "by": 0.05}
GATE: Final[Mapping[str, Any]] = {"require": [dict(REQUIRE)]}
NOVA: Final[tuple[tuple[str, object], ...]] = (
    ("region", "us-east-1"),
    ("allow", {"evaluate_with": ["base", STRONGER]}),
    ("training.base_model", NOVA_MICRO),
    ("data.test", {"path": "test.jsonl"}),
    ("serving", {"on_demand": {}}),
)


def written(folder: Path, *changes: tuple[str, object]) -> Path:
    """Write the files of a Nova model with an evaluation, and what it names."""
    its = folder / "dev"
    (its / "answer.json").write_text('{"type": "object"}', encoding="utf-8")
    (its / "rubric.md").write_text("Prefer the shorter one.\n", encoding="utf-8")
    (its / "own.py").write_text("def score(answer, reference):\n    return 1.0\n", encoding="utf-8")
    return write(folder, changed(*copy.deepcopy(NOVA), ("evaluation", copy.deepcopy(EVALUATION)), *changes))


def model(folder: Path, *changes: tuple[str, object]) -> Model:
    return load_file(written(folder, *changes))


def problems(folder: Path, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(written(folder, *changes))


def evaluation_of(its: Model) -> Evaluation:
    assert its.evaluation is not None
    return its.evaluation


def gate_of(its: Model) -> Gate:
    assert its.gate is not None
    return its.gate


def case(value: object) -> str:
    """Return the id of a case, the same in every process."""
    return str(value).replace(repr(ABSENT), "absent")
