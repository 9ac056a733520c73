"""What every test of the commands stands on."""

import pytest

from tune.account.settings_files import Elsewhere


@pytest.fixture(autouse=True)
def one_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan looks at another Region, unless a test says what is there."""
    monkeypatch.setattr("tune.plan.look.elsewhere", lambda *_: Elsewhere())
