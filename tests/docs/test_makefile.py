"""What `make` adds to a command, and what it must not."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("command", ["plan", "preflight", "probe", "status"])
def test_a_document_is_the_whole_of_the_standard_output_by_make_too(command: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho '{\"told\": \"'$*'\"}'\n", encoding="utf-8")
    python.chmod(0o755)
    # -o: nothing is set up for this.
    words = ["make", "-o", "setup-deploy", f"BIN={tmp_path}", command, "ENV=dev", "ARGS=--json"]
    # Make that runs inside make, as this test does in `make check`, says where it is.
    alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(words, cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"told": f"-m tune {command} dev --json"}
