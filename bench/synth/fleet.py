"""What a fleet costs to synthesize, and what it has in AWS: `make bench-fleet`.

The same sixty models twice: twenty in each of three environments, and each in an environment of its own, which is what
a model costs that shares nothing. Their data are named by digest, so that no file is read. All of them are synthesized
by this app and by a bare app with the same resources (`bench/synth/bare.py`), and of the shared ones one environment
and one model alone. One run of each; what counts is the user CPU time with the Node.js processes.
"""

import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.synth import assembly
from bench.synth.report import user_seconds, variables
from stacks import node_options

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = _ROOT / "build" / "bench" / "fleet"
_KEY: Final = "AWS::KMS::Key"
_FUNCTION: Final = "AWS::Lambda::Function"
_ROLE: Final = "AWS::IAM::Role"
_BUCKET: Final = "AWS::S3::Bucket"
_COUNTED: Final = {"keys": _KEY, "buckets": _BUCKET, "functions": _FUNCTION, "roles": _ROLE}

_ENVIRONMENT: Final = """\
account = "111122223333"
region = "us-east-1"
"""
_MODEL: Final = """\
[training]
base_model = "amazon.nova-micro-v1:0:128k"
[training.hyper_parameters]
epochCount = 2
[data]
train = {{ sha256 = "{digest:064x}" }}
[serving.on_demand]
"""


def write(folder: Path, environments: int, models: int) -> Path:
    """Write the settings of some environments with as many models in each; return the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for environment in range(environments):
        place = folder / f"e{environment:02}"
        place.mkdir(parents=True)
        (place / "environment.toml").write_text(_ENVIRONMENT, encoding="utf-8")
        for model in range(models):
            digest = environment * models + model + 1
            (place / f"m{model:02}.toml").write_text(_MODEL.format(digest=digest), encoding="utf-8")
    return folder


def main() -> None:
    shared, apart = write(_FOLDER / "shared", 3, 20), write(_FOLDER / "apart", 60, 1)
    bare = [sys.executable, "-m", "bench.synth.bare", str(_FOLDER / "out-shared")]
    runs = {
        "all, 20 models in each of 3 environments": _synthesis(shared, "out-shared"),
        "a bare app of the same resources": user_seconds(
            bare, {**variables(_FOLDER / "out-bare"), node_options.VARIABLE: node_options.VALUE}
        ),
        "one of the environments (-c only=e01)": _synthesis(shared, "out-one", only="e01"),
        "one of the models (-c only=e01/m01)": _synthesis(shared, "out-model", only="e01/m01"),
        "all, each model in an environment of its own": _synthesis(apart, "out-apart"),
    }
    console = Console()
    bare_seconds = runs["a bare app of the same resources"]
    table = Table(title="User CPU time of one synthesis, Node.js included", title_justify="left")
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("times the bare app", justify="right")
    for name, seconds in runs.items():
        table.add_row(name, f"{seconds:.1f}", f"{seconds / bare_seconds:.2f}")
    console.print(table)
    console.print(counts({"3 environments, 20 models each": "out-shared", "60 environments, one each": "out-apart"}))


def counts(assemblies: dict[str, str]) -> Table:
    """Return how many stacks and resources each has."""
    table = Table(title="What 60 models have in AWS", title_justify="left")
    for heading in ("", "stacks", "resources", *_COUNTED):
        table.add_column(heading, justify="right" if heading else "left")
    for name, folder in assemblies.items():
        stacks = assembly.stacks(_FOLDER / folder)
        kinds: Counter[str] = sum((stack.kinds for stack in stacks), Counter())
        row = (len(stacks), kinds.total(), *(kinds[kind] for kind in _COUNTED.values()))
        table.add_row(name, *(f"{each:,}" for each in row))
    return table


def _synthesis(settings: Path, output: str, **context: str) -> float:
    shutil.rmtree(_FOLDER / output, ignore_errors=True)
    return user_seconds([sys.executable, "app.py"], variables(_FOLDER / output, environments=str(settings), **context))


if __name__ == "__main__":
    main()
