"""Make the example dataset: write a docstring's first line from a Python function.

`python -m examples.make_docstrings` writes the dataset from the committed extract, byte for byte the same on
every Python. `--extract` first takes a new extract from the standard library of the running interpreter.
"""

import argparse
import json
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from examples.stdlib_functions import Function, stdlib_functions, stdlib_root

ROOT: Final = Path(__file__).parent / "docstrings"
EXTRACT: Final = "source.json"

# How many records of each split an extract takes. The shares of the hash space are the same 40 : 8 : 5.
SPLITS: Final = {"train": 320, "validation": 64, "test": 40}
MAX_PER_MODULE: Final = 10

SYSTEM: Final = "You document Python code."
INSTRUCTION: Final = "Write the first line of this function's docstring."


def split_of(function: Function) -> str:
    """Return the split a function belongs to; its own text decides, so others never move it."""
    share = int(function.digest[:8], 16) % 53
    if share < 40:
        return "train"
    return "validation" if share < 48 else "test"


def as_messages(function: Function) -> dict[str, Any]:
    """Return the record in the form that Claude 3 Haiku is tuned with."""
    return {
        "system": SYSTEM,
        "messages": [
            {"role": "user", "content": f"{INSTRUCTION}\n\n{function.source}"},
            {"role": "assistant", "content": function.summary},
        ],
    }


def as_converse(function: Function) -> dict[str, Any]:
    """Return the record in the form that Nova is tuned with."""
    record = as_messages(function)
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": record["system"]}],
        "messages": [{"role": turn["role"], "content": [{"text": turn["content"]}]} for turn in record["messages"]],
    }


FORMATS: Final[dict[str, Callable[[Function], dict[str, Any]]]] = {
    "messages": as_messages,
    "converse": as_converse,
}


def dataset_files(functions: Iterable[Function]) -> dict[str, bytes]:
    """Return every dataset file by its path below the example's folder."""
    ordered = sorted(functions, key=lambda function: function.digest)
    return {
        f"{name}/{split}.jsonl": "".join(
            json.dumps(render(function)) + "\n" for function in ordered if split_of(function) == split
        ).encode("ascii")
        for name, render in FORMATS.items()
        for split in SPLITS
    }


def sample(functions: Iterable[Function]) -> list[Function]:
    """Return as many functions as the splits want, from as many modules as possible."""
    taken: list[Function] = []
    splits: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for function in sorted(functions, key=lambda function: function.digest):
        split = split_of(function)
        if splits[split] < SPLITS[split] and modules[function.module] < MAX_PER_MODULE:
            taken.append(function)
            splits[split] += 1
            modules[function.module] += 1
    return taken


def read_extract(root: Path = ROOT) -> list[Function]:
    extract = json.loads((root / EXTRACT).read_text("utf-8"))
    return [Function(**record) for record in extract["functions"]]


def write_extract(root: Path = ROOT) -> None:
    extract = {
        "python": platform.python_version(),
        "licence": "PSF-2.0",
        "functions": [function.to_json() for function in sample(stdlib_functions(stdlib_root()))],
    }
    (root / EXTRACT).write_bytes((json.dumps(extract, indent=1) + "\n").encode("ascii"))


def write_dataset(root: Path = ROOT) -> None:
    for name, data in dataset_files(read_extract(root)).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        records = data.count(b"\n")
        sys.stdout.write(f"{path}: {records} records, {len(data)} bytes\n")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.make_docstrings", description=__doc__)
    parser.add_argument(
        "--extract",
        action="store_true",
        help="first take a new extract from this interpreter's standard library",
    )
    if parser.parse_args(arguments).extract:
        write_extract()
    write_dataset()


if __name__ == "__main__":
    main()
