"""Each command's help: one page that fits the terminal, with examples that work."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
import typer
from typer.testing import CliRunner

from tests.conftest import ROOT
from tune.cli import app
from tune.terminal.help import flowed, is_example

PROGRAM: Final = "python -m tune"
_COLOR: Final = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")


def named(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from named(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


COMMANDS: Final = dict(named(typer.main.get_command(app)))
every_command = pytest.mark.parametrize("words", COMMANDS)
every_page = pytest.mark.parametrize("words", ["", "dataset", "pipeline", *COMMANDS])


def examples(words: str) -> list[str]:
    return [line for line in COMMANDS[words].help.splitlines() if line.startswith(PROGRAM)]


def shown(words: str, columns: int, **variables: str) -> str:
    result = CliRunner(env={"COLUMNS": str(columns), **variables}).invoke(app, [*words.split(), "--help"])
    assert result.exit_code == 0, result.output
    return result.output


@every_command
def test_a_command_has_examples_of_itself(words: str) -> None:
    found = examples(words)
    assert 1 <= len(found) <= 4
    assert all(line.startswith(f"{PROGRAM} {words}") for line in found)


@every_command
def test_an_example_is_understood(words: str) -> None:
    for line in examples(words):
        arguments = shlex.split(line.partition(">")[0].removeprefix(f"{PROGRAM} {words}"))
        COMMANDS[words].make_context(words, arguments)


def test_an_example_with_an_option_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(typer.TyperException):
        COMMANDS["plan"].make_context("plan", ["dev", "--nope"])


@every_command
def test_a_command_says_its_exit_codes(words: str) -> None:
    [told] = [line for line in COMMANDS[words].help.splitlines() if line.startswith("Exit codes: ")]
    assert {"0", "2"} <= set(re.findall(r"\b\d\b", told))


@every_command
def test_a_command_is_summed_up_in_two_lines_of_the_list_of_commands(words: str) -> None:
    assert len(COMMANDS[words].help.splitlines()[0]) <= 80


@every_command
def test_nothing_but_an_example_keeps_a_line_break_of_the_code(words: str) -> None:
    paragraphs = COMMANDS[words].help.split("\n\n")
    assert [each for each in paragraphs if "\n" in each and not is_example(each)] == []


@every_page
def test_an_example_is_one_line_at_80_columns(words: str) -> None:
    lines = {line.strip() for line in shown(words, 80).splitlines()}
    assert not words or words not in COMMANDS or set(examples(words)) <= lines


def test_paragraphs_are_joined_and_examples_are_not() -> None:
    text = f"One\nline.\n\nMore of\n    it.\n\n{PROGRAM} plan dev\n{PROGRAM} plan"
    assert flowed(text) == f"One line.\n\nMore of it.\n\n{PROGRAM} plan dev\n{PROGRAM} plan"


@every_page
def test_a_narrow_terminal_cuts_no_name_and_no_word(words: str) -> None:
    text = shown(words, 40)
    assert "…" not in text.replace('"…"', "")
    assert [line for line in text.splitlines() if len(line) > 40 and PROGRAM not in line] == []
    if words in COMMANDS:
        options = {name for each in COMMANDS[words].params for name in each.opts if name.startswith("--")}
        assert options <= set(text.split())


@pytest.mark.parametrize("words", ["", "deploy", "dataset nope", "delpoy"])
@pytest.mark.parametrize(("variables", "is_colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_no_color_means_none(words: str, variables: dict[str, str], is_colored: bool) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    done = subprocess.run(
        [sys.executable, "-m", "tune", *words.split(), *(["--help"] if words in ("", "deploy") else [])],
        cwd=ROOT,
        env={**kept, "FORCE_COLOR": "1", "TERM": "xterm-256color", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (_COLOR.search(done.stdout + done.stderr) is not None) is is_colored


def test_without_a_terminal_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in shown("plan", 80)


@pytest.mark.parametrize(("words", "meant"), [("delpoy", "deploy"), ("dataset chekc", "check")])
def test_a_mistyped_command_is_told_what_was_meant(words: str, meant: str) -> None:
    result = CliRunner().invoke(app, words.split())
    assert result.exit_code == 2
    assert f"Did you mean '{meant}'" in " ".join(result.output.replace("│", " ").split())


def test_h_is_short_for_help() -> None:
    assert CliRunner().invoke(app, ["plan", "-h"]).output == CliRunner().invoke(app, ["plan", "--help"]).output


@every_command
def test_a_table_of_the_settings_is_named_with_its_brackets(words: str) -> None:
    command = COMMANDS[words]
    text = " ".join([command.help, *(each.help or "" for each in command.params)])
    named_there = re.findall(r"\[+[a-z_]+\]+", text)
    assert [each for each in named_there if each not in shown(words, 80)] == []


def test_the_list_of_commands_names_tables_with_their_brackets() -> None:
    assert "by its [evaluation]" in shown("", 120)
