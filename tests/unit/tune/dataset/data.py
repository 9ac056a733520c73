"""Data files of any content."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tune import cli
from tune.dataset.conversion import RecordConversation

ROOT = Path(__file__).resolve().parents[4]
NOVA = "amazon.nova-micro-v1:0:128k"
HAIKU = "anthropic.claude-3-haiku-20240307-v1:0:200k"
# Stands in records, and must stand nowhere else.
SECRET = "any-content-of-a-record"


def pair(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {"prompt": f"{SECRET} question {number}", "completion": f"answer {number}", **changes}


def conversation(number: int = 0, **changes: Any) -> dict[str, Any]:
    """A record of the converse format."""
    messages = [
        {"role": "user", "content": [{"text": f"{SECRET} question {number}"}]},
        {"role": "assistant", "content": [{"text": f"answer {number}"}]},
    ]
    return {"schemaVersion": "bedrock-conversation-2024", "messages": messages, **changes}


def converted(record: dict[str, Any], to: RecordFormat, system: str | None) -> bytes:
    """Return the line that a record of prompt and completion becomes."""
    return RecordConversation(system, (record["prompt"], record["completion"])).line(to)


def lines(values: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def write(path: Path, *values: Any) -> Path:
    """Write values as lines; bytes are taken as they are."""
    path.write_bytes(b"".join(value if isinstance(value, bytes) else lines([value]) for value in values))
    return path


def conversations(path: Path, count: int, start: int = 0) -> Path:
    return write(path, *(conversation(number) for number in range(start, start + count)))


def run(*arguments: object) -> Result:
    """Run a dataset command in this process."""
    return CliRunner().invoke(cli.app, ["dataset", *map(str, arguments)])


def start(*arguments: object, module: str = "tune dataset", **options: Any) -> "subprocess.Popen[str]":
    """Start a dataset command as a process of its own."""
    command = [sys.executable, "-m", *module.split(), *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True}
    return subprocess.Popen(command, cwd=ROOT, **pipes | options)
