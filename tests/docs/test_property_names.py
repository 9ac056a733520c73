"""What custom resources say stands in the contract alone: no name of a property or an attribute is typed elsewhere."""

import ast
import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import Property, Received
from bedrock_lifecycle.dataset.rules import limits
from tests.conftest import ROOT

MODULES: Final = [
    importlib.import_module(f"{contract.__name__}.{each.name}") for each in pkgutil.iter_modules(contract.__path__)
]
RECORDS: Final = {
    record
    for module in MODULES
    for _, record in inspect.getmembers(module, inspect.isclass)
    if issubclass(record, Received)
}
PROPERTIES: Final = {its.name for record in RECORDS for its in vars(record).values() if isinstance(its, Property)}


def constants(path: str | None) -> Iterator[str]:
    """Yield the texts that a module names: its attributes, or the properties of what has a writer of its own."""
    for node in ast.parse(Path(str(path)).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


NAMES: Final = PROPERTIES | {
    name for module in (*MODULES, limits) for name in constants(module.__file__) if name[0].isupper()
}

# Words of something else: of AWS's own resources, of constructs and their ids, of outputs and metadata for people, of
# what S3 answers, of a stack.
OF_OTHERS: Final = {
    "constructs/bedrock_tuning/__init__.py": {"Judge"},
    "constructs/bedrock_tuning/checks/templates.py": {"Name"},
    "constructs/bedrock_tuning/evaluation/evaluation_functions.py": {"Judge"},
    "constructs/bedrock_tuning/evaluation/evaluation_workflow.py": {"Judge"},
    "constructs/bedrock_tuning/evaluation/quality_gate.py": {"Verdict"},
    "constructs/bedrock_tuning/foundation.py": {"Serving"},
    "constructs/bedrock_tuning/organization/resource_naming.py": {"Name"},
    "constructs/bedrock_tuning/serving/promoted_model.py": {"Model"},
    "constructs/bedrock_tuning/spending/words.py": {"EvaluationId", "TrainingName"},
    "lambda/bedrock_lifecycle/dataset/objects.py": {"VersionId"},
    "lambda/bedrock_lifecycle/preflight/readers/account.py": {"VersionId"},
    "tune/plan/environment.py": {"Serving"},
    "tune/preflight/observe.py": {"Serving"},
}


def files() -> Iterator[Path]:
    for folder in ("constructs", "lambda", "tune/plan", "tune/preflight"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def is_at_home(path: Path) -> bool:
    homes = {Path(str(module.__file__)) for module in (contract, limits)}
    return path in homes or path.parent == Path(str(contract.__file__)).parent


def typed(tree: ast.AST) -> set[str]:
    """Return the names that a file types."""
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return NAMES & texts


def test_there_are_names_to_look_for() -> None:
    assert {"Name", "TrainingDataUri", "KeepModels", "SourceBucket", "Rungs", "VersionId", "MinRecords"} <= NAMES
    assert len(RECORDS) == 17


def test_no_name_is_typed_outside_of_the_contract() -> None:
    found = {}
    for path in files():
        if not is_at_home(path) and (names := typed(ast.parse(path.read_text(encoding="utf-8")))):
            found[str(path.relative_to(ROOT))] = names
    assert found == OF_OTHERS


def test_no_property_is_typed_twice_in_the_contract() -> None:
    typed_there = Counter(
        node.args[0].value
        for path in Path(str(contract.__file__)).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
    )
    assert {name for name in PROPERTIES if typed_there[name] > 1} == set()


@pytest.mark.parametrize(
    "line", ['properties.text("Name")', '{"TrainingId": 1}', '"KeepModels" in it', 'f(f"{x}", "SourceKey")']
)
def test_a_name_that_is_typed_is_seen(line: str) -> None:
    assert typed(ast.parse(line))
