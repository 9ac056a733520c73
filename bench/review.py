"""How long a review of 201 changed templates takes beside the CDK's diff library alone: `make bench-review`.

The templates are those of the environment `dev` before and after a change of all three stacks, 67 times under other
names. The bare program is one process of Node.js that reads the same files and calls the library's `fullDiff` for each
pair; it says nothing. Both run in turns; what counts is the median of the time that a person waits, since the library
works while the review reads. On a machine that does other work at the same time the ratio is higher. Ends with 1 when
the target was missed.
"""

import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.rounds import asked_rounds
from bench.synth.report import user_seconds, variables

_ROOT: Final = Path(__file__).resolve().parents[1]
_FOLDER: Final = _ROOT / "build" / "bench" / "review"
_HIGHEST_RATIO: Final = 2.0
_ROUNDS: Final = 5
_ENVIRONMENTS: Final = 67
_NAME: Final = re.compile(r"(?<![A-Za-z0-9/])dev(?![A-Za-z0-9])|(?<=aws:cdk:path\": \")dev(?=/)")
_CHANGES: Final = {
    "dev/docstrings.toml": ("epochCount = 2", "epochCount = 3"),
    "dev/environment.toml": ("[allow]", "[organization]\nlog_retention_days = 90\n\n[allow]"),
}
_REVIEW: Final = "tune review"
_BARE: Final = "bare diff library"
_BARE_SCRIPT: Final = """
const { fullDiff } = require('@aws-cdk/cloudformation-diff');
const { readFileSync } = require('fs');
const read = name => JSON.parse(readFileSync(name, 'utf8'));
for (const [before, after] of read(process.argv[1])) fullDiff(read(before), read(after)).resources.changes;
"""


def main() -> None:
    rounds = asked_rounds(_ROUNDS)
    base, head = (_assembly(name, changes) for name, changes in (("base", {}), ("head", _CHANGES)))
    pairs = changed_pairs(base, head)
    file = _FOLDER / "pairs.json"
    file.write_text(json.dumps([[str(its) for its in pair] for pair in pairs]), encoding="utf-8")
    commands = {
        _REVIEW: [sys.executable, "-m", "tune", "review", "--base", str(base), "--head", str(head), "--format", "json"],
        _BARE: ["node", "-e", _BARE_SCRIPT, str(file)],
    }
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            begin = time.monotonic()
            user_seconds(command, given)
            if number:  # the first run of each, which may compile modules, is not measured
                seconds[name].append(time.monotonic() - begin)
    print(f"{len(pairs)} pairs of templates that differ, {sum(its.stat().st_size for its in sum(pairs, ())):,} bytes")  # noqa: T201
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    sys.exit(0 if told(seconds) else 1)


def told(seconds: Mapping[str, Sequence[float]]) -> bool:
    """Print the medians and their ratio; return whether the target was met."""
    for name, measured in seconds.items():
        print(f"  {name:<18} {median(measured):5.2f} s")  # noqa: T201
    ratio = median(seconds[_REVIEW]) / median(seconds[_BARE])
    met = ratio <= _HIGHEST_RATIO
    print(f"  {'met   ' if met else 'MISSED'}  {ratio:.2f} times the bare library, at most {_HIGHEST_RATIO:g}")  # noqa: T201
    return met


def changed_pairs(base: Path, head: Path) -> list[tuple[Path, Path]]:
    """Return the files of the templates that differ."""
    both = ((its, head / its.relative_to(base)) for its in sorted(base.rglob("*.template.json")))
    return [pair for pair in both if pair[0].read_bytes() != pair[1].read_bytes()]


def _assembly(name: str, changes: Mapping[str, tuple[str, str]]) -> Path:
    """Synthesize the environment `dev` with some changes, and return its assembly many times under other names."""
    settings, one, many = (_FOLDER / f"{name}-{kind}" for kind in ("settings", "one", "many"))
    for folder in (settings, one, many):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_ROOT / "environments" / "dev", settings / "dev")
    for model in (settings / "dev").glob("*.toml"):
        text = model.read_text(encoding="utf-8").replace("../../examples", str(_ROOT / "examples"))
        old, new = changes.get(f"dev/{model.name}", ("", ""))
        if old not in text:
            sys.exit(f"{model.name} of environments/dev has no {old!r} any more: correct bench/review.py")
        model.write_text(text.replace(old, new, 1), encoding="utf-8")
    user_seconds([sys.executable, "app.py"], variables(one, environments=str(settings)))
    (stage,) = one.glob("assembly-*")
    manifest = json.loads((one / "manifest.json").read_text(encoding="utf-8"))
    artifacts = {}
    for number in range(_ENVIRONMENTS):
        environment = f"e{number:02}"
        copy = many / f"assembly-{environment}"
        copy.mkdir(parents=True)
        for file in (its for its in stage.iterdir() if its.suffix == ".json"):
            text = file.read_text(encoding="utf-8")
            (copy / _NAME.sub(environment, file.name)).write_text(_NAME.sub(environment, text), encoding="utf-8")
        properties = {"directoryName": copy.name, "displayName": environment}
        artifacts[copy.name] = {"type": "cdk:cloud-assembly", "properties": properties}
    (many / "manifest.json").write_text(json.dumps({**manifest, "artifacts": artifacts}), encoding="utf-8")
    return many


if __name__ == "__main__":
    main()
