"""`constructs` must be the PyPI package, whatever the folders are called."""

from pathlib import Path

import constructs

from tests.conftest import ROOT


def test_constructs_is_the_package_from_pypi() -> None:
    assert not Path(str(constructs.__file__)).is_relative_to(ROOT / "constructs")
