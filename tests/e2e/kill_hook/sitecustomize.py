"""Kills a Lambda function right after an AWS operation has taken effect, and before the function knows.

Python imports this by itself when its folder is in PYTHONPATH. In the folder that KILL_AFTER names, a file with the
name of an operation asks for one kill; the function that takes the file away is the one that dies.
"""

import os
from pathlib import Path
from typing import Any


def _install(folder: Path) -> None:
    from botocore.client import BaseClient

    patched: Any = BaseClient
    call = patched._make_api_call

    def call_and_die(client: Any, operation: str, parameters: Any) -> Any:
        answer = call(client, operation, parameters)
        try:
            (folder / operation).unlink()
        except FileNotFoundError:
            return answer
        (folder / f"{operation}.killed").touch()
        os._exit(1)

    patched._make_api_call = call_and_die


if "KILL_AFTER" in os.environ and "_LAMBDA_FUNCTION_ARN" in os.environ:
    _install(Path(os.environ["KILL_AFTER"]))
