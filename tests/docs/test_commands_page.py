"""`docs/reference/commands.md` is made from the commands' own help. To renew it: make snapshots."""

import os
from typing import Any

import pytest
import typer

from tests.conftest import ROOT
from tests.docs import commands_page
from tune.cli import app

PAGE = ROOT / "docs" / "reference" / "commands.md"
COMMANDS = dict(commands_page.commands(typer.main.get_command(app), "python -m tune"))


def test_the_page_is_a_snapshot_of_the_help() -> None:
    expected = commands_page.page()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("words", COMMANDS)
def test_every_argument_and_option_says_what_it_is(words: str) -> None:
    command: Any = COMMANDS[words]
    assert [each.name for each in command.params if not each.help] == []
