"""What every test stands on."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    for root in ("constructs", "lambda"):
        if (ROOT / root / "__init__.py").exists():
            raise pytest.UsageError(
                f"delete {root}/__init__.py: {root}/ is a source root, not a package; with the file in it, "
                "`import constructs` finds our folder instead of the PyPI package"
            )
