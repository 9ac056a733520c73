"""What `cdk diff` shows of money: outputs and descriptions, as the pinned CLI prints them; -s prints them."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App

from tests.conftest import ROOT
from tests.docs.fences import fence
from tests.synth.cli import CDK, without_credentials
from tests.synth.stages import stage_of
from tests.unit.settings.settings_files import ABSENT, NOVA_MICRO, changed, load_file, write

Changes = tuple[tuple[str, object], ...]
# What one printed line must hold, in this order: what was there is printed first.
Line = tuple[str, ...]
Synthesize = Callable[[Changes], Path]

_FILES: Final = ROOT / "examples" / "docstrings" / "converse"
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
# What Foundation exports to the other stacks says nothing of money.
_TOLD: Final = re.compile(r"\[[-+~]\] (?:Output|Description) (?!.*/Exports/)")
STACKS: Final = ("Foundation", "Training", "Serving")

# What every environment here begins with: Nova Micro, which is served in both ways.
DEV: Final[Changes] = (
    ("region", "us-east-1"),
    ("training", {"base_model": NOVA_MICRO, "hyper_parameters": {"epochCount": 2}}),
    ("data", {split: {"path": str(_FILES / f"{split}.jsonl")} for split in ("train", "validation")}),
    ("serving", {"on_demand": {}}),
)
UNIT: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 1}}),)
HALF_A_YEAR: Final = {"commitment_duration": "SixMonths", "acknowledge_commitment": "SixMonths"}
FORTY: Final[Changes] = (("serving", {"provisioned_throughput": {"model_units": 40, **HALF_A_YEAR}}),)
_PAGE: Final = ("docs/how-to/pipeline.md", "Read a plain `cdk diff`")
# Beside the settings: the training data without its last record.
OTHER_TRAIN: Final = "other.jsonl"
FIRST_FILE: Final = "train: 320 records, sha256 76b811c394753678"


@pytest.fixture(scope="module")
def synthesize(context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Return the cloud assembly of an environment with some changes; of each there is one synthesis."""
    made: dict[str, Path] = {}

    def assembly(changes: Changes) -> Path:
        key = repr(changes)
        if key not in made:
            folder = tmp_path_factory.mktemp("settings")
            records = (_FILES / "train.jsonl").read_bytes().splitlines(keepends=True)
            path = write(folder, changed(*changes, document=changed(*DEV)))
            (path.parent / OTHER_TRAIN).write_bytes(b"".join(records[:-1]))
            flags = {**context, "bedrock-tuning:today": "2026-01-01"}
            app = stage_of(load_file(path), folder / "cdk.out", flags).node.root
            assert isinstance(app, App)
            app.synth()
            made[key] = folder / "cdk.out"
        return made[key]

    return assembly


def template(assembly: Path, stack: str) -> Path | None:
    return next(assembly.glob(f"assembly-dev/dev*{stack}????????.template.json"), None)


def told(before: Path, after: Path, stack: str, folder: Path) -> Iterator[str]:
    """Yield what the CLI prints of a stack's outputs and description; of a stack that is new beside an empty one."""
    return filter(_TOLD.match, printed(before, after, stack, folder))


def printed(before: Path, after: Path, stack: str, folder: Path) -> list[str]:
    """Return the lines that the CLI prints of a stack."""
    old, new = template(before, stack), template(after, stack)
    if new is None or (old and old.read_bytes() == new.read_bytes()):
        return []
    if old is None:
        old = folder / "nothing.json"
        old.write_text("{}", encoding="utf-8")
    run = subprocess.run(
        [CDK, "diff", f"dev/*{stack}", "--exclusively", "--app", after, "--template", old],
        cwd=ROOT,
        env=without_credentials(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    return _COLOURS.sub("", run.stdout).splitlines()


# The environment before, the one after, and lines by stack. Before a new environment there is nothing.
CASES: Final[dict[str, tuple[Changes | None, Changes, dict[str, list[Line]]]]] = {
    "a first purchase": (
        (),
        FORTY,
        {
            "Training": [("[~]", " ServedBy: ", "on demand", " to ", "40 model units for SixMonths")],
            "Serving": [
                (
                    "[~]",
                    " Description: ",
                    "buys nothing",
                    " to ",
                    "buys 40 model units for SixMonths",
                    "by the hour",
                    "renews",
                ),
                ("[~]", " Buys: ", "nothing", " to ", "40 model units for SixMonths"),
                ("[~]", " Bills: ", "by the token", " to ", "by the hour", "SixMonths"),
                ("[-]", " DeploymentName: ", "docstrings-dev-"),
                ("[+]", " ThroughputName: ", "docstrings-dev-"),
            ],
        },
    ),
    "a new environment that buys": (
        None,
        FORTY,
        {
            "Foundation": [("[+]", " Description: ", "by the month"), ("[+]", " Bills: ", "by the month")],
            "Training": [
                ("[+]", " Description: ", "once", NOVA_MICRO, "2 epochs", "attempt 1"),
                ("[+]", " Trains: ", NOVA_MICRO, "2 epochs", "attempt 1"),
                ("[+]", " TrainsOn: ", FIRST_FILE, "validation: 64 records, sha256 678c1d03ca95dd74"),
                ("[+]", " Bills: ", "once", "estimated 18,820 tokens", "by the month"),
                ("[+]", " ServedBy: ", "40 model units for SixMonths"),
            ],
            "Serving": [
                ("[+]", " Description: ", "buys 40 model units for SixMonths", "by the hour"),
                ("[+]", " Buys: ", "40 model units for SixMonths"),
                ("[+]", " Keeps: ", "every model", "by the month"),
            ],
        },
    ),
    "more model units": (
        UNIT,
        (("serving", {"provisioned_throughput": {"model_units": 2}}),),
        {
            "Serving": [
                ("[~]", " Buys: ", "1 model unit without commitment", " to ", "2 model units without commitment"),
                (
                    "[~]",
                    " ThroughputName: ",
                    "another ARN",
                    "docstrings-dev-",
                    " to ",
                    "both are billed",
                    "docstrings-dev-",
                ),
            ]
        },
    ),
    "a term": (
        UNIT,
        (("serving", {"provisioned_throughput": {"model_units": 1, **HALF_A_YEAR}}),),
        {
            "Serving": [
                ("[~]", " Description: ", "without commitment", " to ", "for SixMonths", "cannot be deleted"),
                ("[~]", " Buys: ", "without commitment", " to ", "1 model unit for SixMonths"),
                ("[~]", " Bills: ", " to ", "cannot be deleted", "SixMonths", "renews"),
                ("[~]", " ThroughputName: ", "docstrings-dev-", " to ", "docstrings-dev-"),
            ]
        },
    ),
    "other data": (
        (),
        (("data.train", {"path": OTHER_TRAIN}),),
        {
            "Training": [
                ("[~]", " TrainsOn: ", FIRST_FILE, " to ", "train: 319 records, sha256 "),
                ("[~]", " TrainingName: ", "docstrings-dev-", " to ", "another training", "docstrings-dev-"),
                ("[~]", " Bills: ", "18,820 tokens", " to ", "an estimated 18,"),
            ],
            "Serving": [("[~]", " Serves: ", "docstrings-dev-", " to ", "docstrings-dev-")],
        },
    ),
    "another attempt": (
        (),
        (("training.attempt", 2),),
        {
            "Training": [
                ("[~]", " Description: ", "attempt 1", " to ", "attempt 2: billed again"),
                ("[~]", " Trains: ", "attempt 1", " to ", "attempt 2: billed again"),
                ("[~]", " TrainingName: ", '-1"', " to ", '-2"'),
            ],
            "Serving": [("[~]", " Serves: ", "-1, ", " to ", "-2, ")],
        },
    ),
    "more epochs": (
        (),
        (("training.hyper_parameters.epochCount", 3),),
        {"Training": [("[~]", " Trains: ", "2 epochs", " to ", "3 epochs")]},
    ),
    "keep_models": (
        (),
        (("serving.keep_models", 2),),
        {
            "Serving": [
                ("[~]", " Keeps: ", "every model", " to ", "newest 2 models", "this one", "permanently", "deletes"),
            ]
        },
    ),
    "another base model": (
        UNIT,
        (("training.base_model", "amazon.nova-lite-v1:0:300k"), *UNIT),
        {
            "Training": [("[~]", " Trains: ", NOVA_MICRO, " to ", "amazon.nova-lite-v1:0:300k")],
            "Serving": [
                ("[~]", " ThroughputName: ", "docstrings-dev-", " to ", "another purchase", "docstrings-dev-"),
                ("[~]", " Serves: ", NOVA_MICRO, " to ", "amazon.nova-lite-v1:0:300k"),
            ],
        },
    ),
    "serving removed": (
        UNIT,
        (("serving", ABSENT),),
        {
            "Training": [
                (
                    "[~]",
                    " ServedBy: ",
                    "1 model unit without commitment",
                    " to ",
                    "Serving stack stays, serves and bills",
                    "python -m tune destroy dev docstrings --serving-only",
                )
            ]
        },
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_plain_diff_shows_what_is_spent(case: str, synthesize: Synthesize, tmp_path: Path) -> None:
    before, after, expected = CASES[case]
    old, new = tmp_path if before is None else synthesize(before), synthesize(after)
    found = {stack: list(told(old, new, stack, tmp_path)) for stack in STACKS}
    for stack, lines in found.items():
        for line in lines:
            print(f"{case:<28} {stack:<11} {line}")
    for stack, wanted in expected.items():
        for parts in wanted:
            assert any(in_order(parts, line) for line in found[stack]), (stack, parts, found[stack])


def in_order(parts: Line, line: str) -> bool:
    """Tell whether a line holds all parts, one after the other."""
    at = 0
    for part in parts:
        found = line.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


@pytest.mark.slow
def test_the_page_shows_what_the_cli_prints_of_a_first_purchase(synthesize: Synthesize, tmp_path: Path) -> None:
    lines = list(told(synthesize(()), synthesize(FORTY), "Serving", tmp_path))
    shown = re.sub(r"\n +", " ", fence(*_PAGE, 1).text).splitlines()
    assert len(shown) == 4
    for line in shown:
        assert any(in_order(tuple(line.split("…")), each) for each in lines), (line, lines)


@pytest.mark.slow
def test_the_page_shows_what_the_cli_prints_of_a_changed_hyper_parameter(
    synthesize: Synthesize, tmp_path: Path
) -> None:
    other: Changes = (("training.hyper_parameters", {"epochCount": 3}),)
    assert fence(*_PAGE, 2).text in "\n".join(printed(synthesize(()), synthesize(other), "Training", tmp_path))
