"""A folder for the environment of most tests, so that data files can be there before its settings."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _folder_of_dev(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
