"""Runs the app as its users do: in a checkout of its own, with the CDK CLI of `package.json`."""

import compileall
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.conftest import ROOT

CDK: Final = ROOT / "node_modules" / ".bin" / "cdk"
# The day that the sandbox plays: what has passed in a base model's life by now is no finding about the project.
_DAY: Final = "bedrock-tuning:today=2024-11-15"
_OTHER_MACHINE: Final = {"TZ": "Pacific/Auckland", "LANG": "C", "LC_ALL": "C", "USER": "somebody"}
_PROJECT: Final = ("app.py", "cdk.json", "constructs", "environments", "examples", "lambda", "settings", "stacks")


@dataclass(frozen=True)
class Synthesis:
    """One run of `cdk synth`."""

    project: Path
    output: Path
    exit_code: int
    log: str

    def files(self, pattern: str) -> dict[str, bytes]:
        """Return the files of the cloud assembly that match a pattern, by relative path."""
        return {str(path.relative_to(self.output)): path.read_bytes() for path in sorted(self.output.rglob(pattern))}

    @property
    def validation_report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.output / "validation-report.json").read_text(encoding="utf-8"))
        return report


@dataclass(frozen=True)
class Syntheses:
    """Two runs that differ in everything that must make no difference."""

    plain: Synthesis
    elsewhere: Synthesis


def synthesize_twice(folder: Path) -> Syntheses:
    """Synthesize the project at once in two checkouts: the second on what could be another machine, and lived in."""
    plain = _checkout(ROOT, folder / "plain")
    elsewhere = _checkout(plain, folder / "else" / "where")
    _live_in(elsewhere)
    # Both start before either is waited for: most of the time is one thread's.
    runs = [
        (project, start(project, folder / f"{seed}.out", PYTHONHASHSEED=seed, **machine))
        for project, seed, machine in ((plain, "1", {}), (elsewhere, "2", _OTHER_MACHINE))
    ]
    done = []
    for seed, (project, run) in enumerate(runs, start=1):
        log, _ = run.communicate(timeout=300)
        done.append(Synthesis(project, folder / f"{seed}.out", run.returncode, log))
    return Syntheses(*done)


def without_credentials(**more: str) -> dict[str, str]:
    """Return an environment in which no AWS credentials or settings can be found, with this interpreter first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {
        **kept,
        "PATH": path,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
        **more,
    }


def _checkout(source: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for name in _PROJECT:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source / name, target / name)
    return target


def _live_in(project: Path) -> None:
    """Leave what reading, testing and editing leave: notes, compiled code, the folders of tools."""
    assert compileall.compile_dir(project / "lambda", quiet=1)
    for name in ("README.md", "docs/new.md", "lambda/README.md", "lambda/bedrock_lifecycle/README.md"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("edited\n", encoding="utf-8")
    for name in (".pytest_cache/v", ".mypy_cache/3.11", ".ruff_cache/0", ".hypothesis/examples", "build/x", "tests"):
        (project / name).mkdir(parents=True)
        (project / name / "left.txt").write_text("behind\n", encoding="utf-8")


def start(project: Path, output: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [CDK, "synth", "--quiet", "--output", output, "--context", _DAY],
        cwd=project,
        env=without_credentials(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
