"""The construct library as others get it: a wheel, in a virtual environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder, and return it."""
    # Without isolation: what builds it is pinned and installed already.
    _uv("build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path, *, pins: str) -> Path:
    """Install a wheel and what it needs, at the versions of a file with pins; return the environment's Python."""
    python = folder / "bin" / "python"
    _uv("venv", "--quiet", "--python", sys.executable, str(folder))
    _uv("pip", "install", "--quiet", "--python", str(python), "--constraint", str(ROOT / pins), str(wheel))
    return python


def _uv(*arguments: str) -> None:
    outside = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    subprocess.run([Path(sys.executable).with_name("uv"), *arguments], check=True, env=outside, cwd="/")
