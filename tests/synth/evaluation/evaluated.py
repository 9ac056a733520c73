"""A model with an evaluation, for tests, and its templates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.synth.stages import stage_of, templates_of
from tests.synth.templates import Json, resources_of_type
from tests.unit.settings.evaluation_files import EVALUATION, GATE, model

__all__ = ["ASKED", "EVALUATION", "GATE", "only", "templates"]

# No data files are read: they are pushed.
ASKED: Final[tuple[tuple[str, object], ...]] = (
    ("data", {"train": {"sha256": "a" * 64}, "test": {"sha256": "b" * 64}}),
)


def templates(folder: Path, context: Mapping[str, Any], *changes: tuple[str, object]) -> dict[str, Json]:
    """Return the templates of a model that is evaluated, by the kinds of their stacks."""
    (folder / "dev").mkdir(exist_ok=True)
    return templates_of(stage_of(model(folder, *ASKED, *changes), folder / "cdk.out", context))


def only(template: Json, kind: str) -> Json:
    """Return the properties of the only resource of a type."""
    (found,) = resources_of_type(template, kind).values()
    properties: Json = found["Properties"]
    return properties
