"""Which folder may import which: the dependencies point one way, inside the source roots too."""

import ast
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support.imports import imported

# What a folder may import of the project and of the libraries that start something. It may always import itself, the
# standard library and the other libraries. Nothing may be allowed that is not used: such a row is read as a plan.
RULES: Final = {
    "bedrock_lifecycle.contract": "",
    "bedrock_lifecycle.dataset.rules": "contract",
    "bedrock_lifecycle.engine": "contract botocore",
    "bedrock_lifecycle.decisions": "contract",
    # What an answer is worth, and what many say: nothing of AWS, and JSON is read as in datasets.
    "bedrock_lifecycle.evaluation.metrics": "dataset.rules",
    "bedrock_lifecycle.evaluation.statistics": "",
    # Nothing lies in it but its folders.
    "bedrock_lifecycle.evaluation": "",
    "bedrock_lifecycle.evaluation.stored": "contract engine evaluation.statistics botocore",
    "bedrock_lifecycle.evaluation.questions": "contract dataset.rules engine evaluation.stored botocore",
    "bedrock_lifecycle.evaluation.asking": "contract engine evaluation.questions evaluation.stored botocore",
    "bedrock_lifecycle.evaluation.judging": "contract evaluation.asking evaluation.metrics evaluation.stored",
    "bedrock_lifecycle.evaluation.scoring": (
        "contract engine evaluation.judging evaluation.metrics evaluation.statistics evaluation.stored botocore"
    ),
    "bedrock_lifecycle.evaluation.results": ("contract evaluation.scoring evaluation.statistics evaluation.stored"),
    "bedrock_lifecycle.dataset": "contract dataset.rules engine boto3 botocore",
    "bedrock_lifecycle.preflight": "contract engine botocore",
    "bedrock_lifecycle.resources": (
        "contract decisions engine evaluation.results evaluation.stored preflight botocore"
    ),
    "bedrock_lifecycle.functions": (
        "contract dataset engine evaluation.asking evaluation.judging evaluation.questions evaluation.results "
        "evaluation.metrics evaluation.scoring evaluation.stored preflight resources boto3 botocore"
    ),
    "bedrock_lifecycle.last_resort": "boto3 botocore",
    # A copy of it runs alone, beside a file of a team's.
    "bedrock_lifecycle.own_metric_entry": "",
    "bedrock_tuning.common": "bedrock_lifecycle.contract aws_cdk",
    "bedrock_tuning.base_models": "common",
    "bedrock_tuning.data.sources": "common",
    "bedrock_tuning.data.checker": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules base_models common data.sources"
    ),
    "bedrock_tuning.organization": "bedrock_lifecycle.contract common aws_cdk",
    "bedrock_tuning.lifecycle": "bedrock_lifecycle.contract common organization aws_cdk",
    "bedrock_tuning.spending": "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules base_models common aws_cdk",
    "bedrock_tuning.data": (
        "bedrock_lifecycle.contract base_models common data.checker data.sources lifecycle organization aws_cdk"
    ),
    "bedrock_tuning.checks": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules base_models data data.checker data.sources aws_cdk"
    ),
    "bedrock_tuning.training": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules base_models checks common data lifecycle "
        "organization spending aws_cdk"
    ),
    # What settings say of an evaluation as the constructs do.
    "bedrock_tuning.evaluation.metrics": (
        "bedrock_lifecycle.contract bedrock_lifecycle.evaluation.metrics bedrock_lifecycle.evaluation.scoring"
    ),
    "bedrock_tuning.evaluation.inputs": (
        "bedrock_lifecycle.contract bedrock_lifecycle.evaluation.results bedrock_lifecycle.evaluation.scoring "
        "bedrock_lifecycle.evaluation.statistics base_models evaluation.metrics"
    ),
    "bedrock_tuning.evaluation": (
        "aws_cdk bedrock_lifecycle.contract bedrock_lifecycle.evaluation.results base_models checks common data "
        "evaluation.inputs evaluation.metrics lifecycle organization spending"
    ),
    "bedrock_tuning.serving": (
        "bedrock_lifecycle.contract base_models checks common data evaluation lifecycle organization spending aws_cdk"
    ),
    "bedrock_tuning.foundation": (
        "bedrock_lifecycle.contract base_models common data evaluation lifecycle organization serving training aws_cdk"
    ),
    "bedrock_tuning.fine_tuned_model": (
        "bedrock_lifecycle.contract base_models checks common data data.sources evaluation foundation serving spending "
        "training"
    ),
    "settings": (
        "bedrock_lifecycle.contract bedrock_lifecycle.evaluation.results bedrock_lifecycle.evaluation.scoring "
        "bedrock_tuning.base_models bedrock_tuning.common bedrock_tuning.data.sources "
        "bedrock_tuning.evaluation.inputs bedrock_tuning.evaluation.metrics"
    ),
    "stacks": (
        "bedrock_lifecycle.contract settings bedrock_tuning bedrock_tuning.common bedrock_tuning.data "
        "bedrock_tuning.fine_tuned_model bedrock_tuning.foundation bedrock_tuning.organization bedrock_tuning.serving "
        "bedrock_tuning.spending aws_cdk"
    ),
    "sandbox": "boto3 botocore",
    "tune.terminal": "bedrock_lifecycle.contract settings",
    # It reads as the lifecycle reads: its calls, its clock and physical ids, what it takes an answer for.
    "tune.account": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.engine bedrock_lifecycle.resources "
        "settings terminal boto3 botocore"
    ),
    # The one place that starts the CDK's library, and the one that tells its failures (`stacks.cdk_library`).
    "tune.synthesis": "settings stacks terminal aws_cdk",
    "tune.endings": "stacks account terminal",
    "tune.invocation": "bedrock_tuning.base_models",
    # What an update makes of exports in use: a deploy asks before it begins, and a plan tells it.
    "tune.exports": "bedrock_lifecycle.engine settings account synthesis terminal botocore",
    "tune.deployment": (
        "bedrock_lifecycle.decisions bedrock_lifecycle.engine settings account evaluation exports spending terminal "
        "botocore"
    ),
    # What the next deploy does is asked of the lifecycle's own decisions.
    "tune.plan": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset bedrock_lifecycle.decisions "
        "bedrock_lifecycle.engine bedrock_lifecycle.evaluation.stored bedrock_lifecycle.preflight "
        "bedrock_lifecycle.resources botocore settings account exports spending synthesis terminal"
    ),
    # Numbers, progress and gate are read as the lifecycle reads them.
    "tune.evaluation": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.engine "
        "bedrock_lifecycle.evaluation.asking bedrock_lifecycle.evaluation.questions "
        "bedrock_lifecycle.evaluation.results bedrock_lifecycle.evaluation.stored bedrock_lifecycle.resources "
        "bedrock_tuning.data.sources settings botocore account terminal"
    ),
    # It looks at what the plan says will be made.
    "tune.preflight": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.engine bedrock_lifecycle.preflight "
        "bedrock_lifecycle.resources bedrock_tuning.data.sources account plan synthesis terminal botocore"
    ),
    "tune.status": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.engine bedrock_lifecycle.resources "
        "settings account evaluation terminal botocore"
    ),
    "tune.purge": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.engine bedrock_lifecycle.resources "
        "settings account terminal botocore"
    ),
    "tune.policy": "bedrock_lifecycle.contract settings account terminal",
    # The register of what is assumed, and the answers that the sandbox plays, are the sandbox's.
    "tune.probe": "bedrock_lifecycle.engine bedrock_tuning.base_models sandbox account terminal botocore",
    "tune.dataset": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules bedrock_lifecycle.engine "
        "bedrock_lifecycle.resources bedrock_tuning.base_models bedrock_tuning.data.checker "
        "bedrock_tuning.data.sources settings account endings terminal botocore"
    ),
    # What a team pays, by its own prices.
    "tune.spending": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules bedrock_tuning.data.checker "
        "bedrock_tuning.data.sources settings account terminal botocore"
    ),
    # A picture knows nothing of what its numbers are.
    "tune.pictures": "",
    "tune.metrics": "bedrock_lifecycle.contract bedrock_lifecycle.resources settings account dataset pictures terminal",
    # Its numbers are read and judged as the lifecycle does it.
    "tune.report": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.evaluation.results "
        "bedrock_lifecycle.evaluation.scoring bedrock_lifecycle.evaluation.statistics "
        "bedrock_lifecycle.evaluation.stored bedrock_lifecycle.resources settings account metrics pictures terminal"
    ),
    # It does what a person would do with the commands, so it needs their subjects.
    "tune.demo": (
        "bedrock_lifecycle.contract bedrock_lifecycle.dataset.rules bedrock_lifecycle.evaluation.results "
        "bedrock_lifecycle.evaluation.stored bedrock_lifecycle.resources bedrock_tuning.base_models "
        "bedrock_tuning.checks bedrock_tuning.data.checker bedrock_tuning.data.sources botocore sandbox settings "
        "account dataset deployment invocation metrics pictures report terminal"
    ),
    # What a deploy would do is planned as on an account, on the world that the base has made.
    "tune.review": (
        "bedrock_lifecycle.contract bedrock_lifecycle.engine bedrock_lifecycle.evaluation.results "
        "bedrock_lifecycle.resources bedrock_tuning.common bedrock_tuning.spending botocore settings account "
        "deployment exports plan spending terminal"
    ),
    "tune.execution_policy": "bedrock_lifecycle.contract settings account terminal",
    # It asks the lifecycle's own decisions whether a model may be promoted.
    "tune.promote": (
        "bedrock_lifecycle.contract bedrock_lifecycle.decisions bedrock_lifecycle.preflight "
        "bedrock_lifecycle.resources settings account terminal"
    ),
    "tune.pipeline": "settings terminal",
    "tune.commands": (
        "bedrock_lifecycle.dataset.rules sandbox account dataset demo deployment endings evaluation "
        "execution_policy metrics pictures pipeline plan policy preflight probe promote purge report review spending "
        "status terminal"
    ),
    "tune.cli": "commands terminal",
    "tune.__main__": "stacks cli deployment terminal",
}
LIBRARIES: Final = {"aws_cdk", "boto3", "botocore"}
ROOTS: Final = {"bedrock_lifecycle": "lambda", "bedrock_tuning": "constructs", "tune": ""}
PROJECT: Final = {
    "bedrock_lifecycle",
    "bedrock_tuning",
    "settings",
    "stacks",
    "sandbox",
    "tune",
    "tests",
    "bench",
    "app",
}


def allowed(unit: str) -> set[str]:
    """Return what a row allows; a short name is one of the same root."""
    root = unit.partition(".")[0]
    return {
        name if name in LIBRARIES or name.partition(".")[0] in PROJECT else f"{root}.{name}"
        for name in RULES[unit].split()
    }


def unit_of(module: str) -> str:
    """Return the longest row that a module lies in, or its package."""
    lies_in = [unit for unit in RULES if module == unit or module.startswith(f"{unit}.")]
    return max(lies_in, key=len) if lies_in else module.partition(".")[0]


def files() -> Iterator[tuple[str, Path]]:
    for name in sorted({unit.partition(".")[0] for unit in RULES}):
        root = ROOT / ROOTS.get(name, "")
        for path in sorted((root / name).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def units_of(tree: ast.AST) -> set[str]:
    """Return the units that a file imports, and the libraries that start something."""
    return {unit_of(name) for name in imported(ast.walk(tree)) if name.partition(".")[0] in PROJECT | LIBRARIES}


def needed() -> dict[str, set[str]]:
    """Return which modules of the source roots each of them imports, however late; a package is its own module."""
    trees = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in files() if module not in ROOTS}
    return {
        module: {
            name if name in trees else name.rpartition(".")[0]
            for name in imported(ast.walk(tree))
            if name in trees or name.rpartition(".")[0] in trees
        }
        for module, tree in trees.items()
    }


def rowless(found: Iterable[tuple[str, Path]]) -> set[str]:
    """Say of each folder of a source root, or file right in it, that has no row where to write one."""
    said = set()
    for module, path in found:
        if module not in ROOTS and unit_of(module) not in RULES:
            root, name = module.split(".")[:2]
            folder = ROOT / ROOTS[root] / root / name
            place = (path if path.parent != folder and path.stem == name else folder).relative_to(ROOT)
            said.add(
                f"{place}: has no row; write what it may import as {root}.{name} into RULES of "
                "tests/docs/test_import_rules.py, and what is in it into the table of folders in CONTRIBUTING.md"
            )
    return said


def edges() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {unit: set() for unit in RULES}
    for module, path in files():
        # The public face of the constructs names everything once, for the type checker and by name.
        if (unit := unit_of(module)) in RULES:
            found[unit] |= units_of(ast.parse(path.read_text(encoding="utf-8"))) - {unit}
    return found


EDGES: Final = edges()


def test_every_folder_has_a_row() -> None:
    assert rowless(files()) == set()


def test_every_row_has_a_folder() -> None:
    assert set(RULES) - {unit_of(module) for module, _ in files()} == set()


def test_a_folder_or_file_without_a_row_is_named_with_where_to_write_one() -> None:
    for module, path in {
        "tune.new.part": "tune/new/part.py",
        "bedrock_tuning.new": "constructs/bedrock_tuning/new.py",
    }.items():
        (said,) = rowless([(module, ROOT / path)])
        assert said.startswith(f"{path.removesuffix('/part.py')}: ")
        assert "tests/docs/test_import_rules.py" in said


@pytest.mark.parametrize("unit", RULES)
def test_a_folder_imports_what_its_row_allows_and_a_row_allows_what_is_imported(unit: str) -> None:
    assert EDGES[unit] == allowed(unit)


@pytest.mark.parametrize("unit", RULES)
def test_an_import_against_the_row_is_seen(unit: str) -> None:
    against = next(other for other in [*RULES, "tune"] if other not in allowed(unit) | {unit})
    for line in (f"import {against}", f"from {against} import anything", f"def f():\n    import {against}.anything"):
        assert units_of(ast.parse(line)) == {against}


def test_no_two_folders_need_each_other() -> None:
    TopologicalSorter({unit: allowed(unit) - LIBRARIES for unit in RULES}).prepare()  # a CycleError names the circle


def test_no_two_modules_need_each_other() -> None:
    TopologicalSorter(needed()).prepare()
