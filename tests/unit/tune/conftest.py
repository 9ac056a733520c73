"""What every test of the commands stands on."""

from collections.abc import Iterator
from functools import cache

import pytest
import typer

from tune.account.settings_files import Elsewhere


@pytest.fixture(scope="session", autouse=True)
def _one_command_line() -> Iterator[None]:
    """Make the whole command line once: a `CliRunner` makes it for each call, which takes longer than most calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(autouse=True)
def one_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan looks at another Region, unless a test says what is there."""
    monkeypatch.setattr("tune.plan.look.elsewhere", lambda *_: Elsewhere())
