"""The documentation, built as a site."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT as ROOT


def build(project: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a project's pages into a folder; a warning is a failure, as mkdocs.yml has it."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)],
        cwd=project,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
