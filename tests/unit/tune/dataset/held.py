"""Runs a dataset command that is held in the middle of its work until it is interrupted.

    python -m tests.unit.tune.dataset.held <command> <arguments>

Each of its processes prints a line on its error stream when it is held; with PARTS=1 a small file has several of
them. With time alone a test could come too late, or too early.
"""

import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any, Final
from unittest import mock

ROOT: Final = Path(__file__).resolve().parents[4]
sys.path.extend(str(ROOT / root) for root in ("constructs", "lambda"))

from bedrock_tuning.data.checker.processes import FEWEST_BYTES  # noqa: E402 - it needs the paths above
from tune.cli import main  # noqa: E402

WORK: Final = {
    "convert": "tune.dataset.conversion.RecordConversation.line",
    "split": "tune.dataset.split.identity",
    "check": "bedrock_tuning.data.checker.part_checker.Counters.see",
}
CALLS: Final = 1500
"""So often the command does its work first: that is more than fits in a buffer, so something is written."""


def held(real: Any) -> Any:
    left = CALLS

    def work(*arguments: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            os.write(sys.stderr.fileno(), b"held\n")  # in one piece, as another process may write meanwhile
            time.sleep(600)
        return real(*arguments, **more)

    return work


if __name__ == "__main__":
    name = WORK[sys.argv[1]]
    if os.environ.get("PARTS"):
        FEWEST_BYTES.update(dict.fromkeys(FEWEST_BYTES, 1))
    sys.argv = ["tune", "dataset", *sys.argv[1:]]
    with mock.patch(name, held(pkgutil.resolve_name(name))):
        main()
