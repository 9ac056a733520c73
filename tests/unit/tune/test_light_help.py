"""Telling how a command is called starts nothing: who asks for help waits for no library."""

import json
import subprocess
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

from tests.conftest import ROOT
from tune.cli import app

HEAVY: Final = ("aws_cdk", "boto3", "botocore", "constructs", "jsii", "pydantic")

# One process for all that are asked: it prints the exit code of each, and what was imported when it had ended.
LOOK: Final = f"""
import json, sys
import tune.__main__
def run(arguments):
    try:
        tune.__main__.main.__globals__["app"](arguments)
    except SystemExit as end:
        return end.code, [name for name in {HEAVY} if name in sys.modules]
ended = [run(arguments) for arguments in json.loads(sys.argv[1])]
print("\\n" + json.dumps(ended))
"""

Words = tuple[str, ...]


def commands(group: Any = None, before: Words = ()) -> list[Words]:
    """Return every command by its words, and every group of commands."""
    command = group or typer.main.get_command(app)
    inner = command.commands.items() if isinstance(command, TyperGroup) else ()
    return [before, *(words for name, its in inner for words in commands(its, (*before, name)))]


def ended(*asked: Words) -> list[tuple[Words, int, list[str]]]:
    """Return what was asked, with the exit code and the heavy libraries that were imported until then."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, json.dumps(asked)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return [(words, *each) for words, each in zip(asked, found, strict=True)]


def test_every_command_is_asked() -> None:
    assert {(), ("deploy",), ("sandbox",), ("dataset",), ("dataset", "split")} < set(commands())


def test_help_imports_nothing_heavy() -> None:
    asked = [(*command, "--help") for command in commands()]
    assert ended(*asked) == [(words, 0, []) for words in asked]


def test_a_usage_error_imports_nothing_heavy() -> None:
    asked = [("nope",), ("dataset", "nope"), *((*command, "--nope") for command in commands())]
    assert ended(*asked) == [(words, 2, []) for words in asked]


def test_a_wrong_value_imports_what_typer_validates_with_and_nothing_else() -> None:
    asked = [("deploy",), ("dataset", "push"), ("sandbox", "--rate", "0")]
    assert ended(*asked) == [(words, 2, ["pydantic"]) for words in asked]


def test_what_a_command_imports_is_seen() -> None:
    [(_, code, heavy)] = ended(("status", "nope"))
    assert code == 2
    assert "pydantic" in heavy
