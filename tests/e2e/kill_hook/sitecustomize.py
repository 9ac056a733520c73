"""Kills a Lambda function right after an AWS operation has taken effect, and before the function knows.

Python imports this by itself when its folder is in PYTHONPATH. In the folder that KILL_AFTER names, a file with the
name of an operation asks for one kill; the function that takes the file away is the one that dies. With `@` and the
module of a handler behind it, as in `PutObject@evaluation_ask`, only that handler's function takes it.
"""

import os
import sys
from pathlib import Path
from typing import Any


def _install(folder: Path) -> None:
    from botocore.client import BaseClient

    patched: Any = BaseClient
    call = patched._make_api_call

    def call_and_die(client: Any, operation: str, parameters: Any) -> Any:
        answer = call(client, operation, parameters)
        for asked in _asked(folder, operation):
            try:
                asked.unlink()
            except FileNotFoundError:  # another function was faster
                continue
            asked.with_name(f"{asked.name}.killed").touch()
            os._exit(1)
        return answer

    patched._make_api_call = call_and_die


def _asked(folder: Path, operation: str) -> list[Path]:
    """Return the files that ask for a kill of this function after an operation."""
    loaded = [name.rpartition(".")[2] for name in sys.modules if name.startswith("bedrock_lifecycle.functions.")]
    return [folder / name for name in (operation, *(f"{operation}@{each}" for each in loaded))]


if "KILL_AFTER" in os.environ and "_LAMBDA_FUNCTION_ARN" in os.environ:
    _install(Path(os.environ["KILL_AFTER"]))
