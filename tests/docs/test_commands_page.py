"""`docs/reference/commands.md` is made from the commands' own help. To renew it: make snapshots."""

import os
from typing import Any

import pytest
import typer

from tests.conftest import ROOT
from tests.docs import commands_page
from tests.docs.exit_codes_shown import SHOWN
from tune.cli import app
from tune.terminal.exit_codes import ExitCode

PAGE = ROOT / "docs" / "reference" / "commands.md"
COMMANDS = dict(commands_page.commands(typer.main.get_command(app), "python -m tune"))


def test_the_page_is_a_snapshot_of_the_help() -> None:
    expected = commands_page.page()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_says_its_exit_codes_and_each_means_what_it_always_means(words: str) -> None:
    codes = commands_page.exit_codes(COMMANDS[words])
    assert codes[ExitCode.DONE]
    assert codes[ExitCode.NOT_POSSIBLE]
    # An interrupt is the same for all.
    assert {*codes} <= {*ExitCode} - {ExitCode.INTERRUPTED}


def test_every_exit_code_of_a_command_is_shown_by_a_test() -> None:
    told = {
        (words.removeprefix("python -m tune "), code)
        for words, command in COMMANDS.items()
        for code in commands_page.exit_codes(command)
    }
    assert set(SHOWN) == told
    gone = [
        where
        for where in SHOWN.values()
        if f"def {where[1]}(" not in (ROOT / "tests" / where[0]).read_text(encoding="utf-8")
    ]
    assert gone == []


def test_only_what_may_be_in_progress_goes_on() -> None:
    codes = {words: commands_page.exit_codes(command) for words, command in COMMANDS.items()}
    goes_on = [words.removeprefix("python -m tune ") for words, its in codes.items() if ExitCode.GOES_ON in its]
    assert goes_on == ["deploy", "evaluate", "status"]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_argument_and_option_says_what_it_is(words: str) -> None:
    command: Any = COMMANDS[words]
    assert [each.name for each in command.params if not each.help] == []
